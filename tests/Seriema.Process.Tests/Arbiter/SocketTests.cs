using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>Where the arbiter listens: unix sockets, several at once, and what it is given.</summary>
public sealed class SocketTests
{
    // Becomes the server with its listening sockets as descriptors 3 and up, as systemd would start it.
    private const string Activator = """
        import os, socket, sys
        listeners = [socket.socket(), socket.socket(socket.AF_INET6)]
        listeners[0].bind(("127.0.0.1", 0))
        listeners[1].bind(("::1", 0))
        high = []
        for listener in listeners:
            listener.listen(100)
            high.append(os.dup(listener.fileno()))
            os.dup2(high[-1], 50 + len(high))
        for number in range(len(high)):
            os.dup2(51 + number, 3 + number)
            os.set_inheritable(3 + number, True)
        os.environ["LISTEN_FDS"] = str(len(high))
        os.environ["LISTEN_PID"] = str(os.getpid() + int(os.environ.get("OTHER_PID", "0")))
        os.execv(sys.argv[1], sys.argv[1:])
        """;

    [Theory]
    [InlineData("600", UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData("660", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite)]
    public void A_unix_socket_has_its_mode_and_is_gone_in_the_end(string mode, UnixFileMode expected)
    {
        using TemporaryFile socket = new();
        using ServerProcess server = Start(["--bind", $"unix:{socket.Path}", "--socket-mode", mode, "--workers", "2"]);
        Assert.Contains($"unix:{socket.Path}", server.ReadyLine, StringComparison.Ordinal);
        Assert.Equal(expected, File.GetUnixFileMode(socket.Path));
        AssertAnswers(socket.Path);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.False(File.Exists(socket.Path));
    }

    [Fact]
    public void The_umask_decides_over_a_unix_socket_without_a_mode()
    {
        using TemporaryFile socket = new();
        using ServerProcess server = Start(["--bind", $"unix:{socket.Path}", "--umask", "077"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socket.Path));
        AssertAnswers(socket.Path);
    }

    [Fact]
    public void An_abstract_socket_needs_no_file()
    {
        string name = $"@seriema-test-{Guid.NewGuid():N}";
        using ServerProcess server = Start(["--bind", $"unix:{name}", "--workers", "2"]);
        AssertAnswers(name);
    }

    [Fact]
    public void A_socket_file_that_nobody_listens_on_is_replaced()
    {
        using TemporaryFile file = new();
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(file.Beside("other")));
            File.Move(file.Beside("other"), file.Path); // .NET deletes what it has bound, by its name
        }
        Assert.True(File.Exists(file.Path));
        using ServerProcess server = Start(["--bind", $"unix:{file.Path}"]);
        AssertAnswers(file.Path);
    }

    [Fact]
    public void A_socket_file_that_somebody_listens_on_is_left_alone()
    {
        using TemporaryFile file = new();
        using ServerProcess first = Start(["--bind", $"unix:{file.Path}"]);
        (int status, string _, string error) = ServerProcess.Run(Arguments(["--bind", $"unix:{file.Path}"]));
        Assert.Equal(1, status);
        Assert.Contains(file.Path, error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        AssertAnswers(file.Path);
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        using TemporaryFile file = new();
        File.WriteAllText(file.Path, "precious");
        (int status, string _, string _) = ServerProcess.Run(Arguments(["--bind", $"unix:{file.Path}"]));
        Assert.Equal(1, status);
        Assert.Equal("precious", File.ReadAllText(file.Path));
    }

    [Fact]
    public void Many_addresses_are_served_by_every_worker()
    {
        using TemporaryFile socket = new();
        using ServerProcess server = Start(
            ["--bind", "127.0.0.1:0", "--bind", "[::1]:0", "--bind", $"unix:{socket.Path}", "--bind", "127.0.0.1:0", "--workers", "2"]);
        List<int> workers = server.WaitForReadyWorkers(2);
        EndPoint[] addresses =
        [
            .. Regex.Matches(server.ReadyLine, @"http://(\S+?:\d+)[ ,]").Select(match => IPEndPoint.Parse(match.Groups[1].Value)),
            WireClient.UnixEndPoint(socket.Path),
        ];
        Assert.Equal(4, addresses.Length);
        foreach (EndPoint address in addresses)
        {
            using LoadClients load = new(address, 8, "/");
            foreach (int worker in workers) load.WaitForPid(worker);
            load.Stop().AssertNothingFailed();
        }
    }

    [Fact]
    public void Sockets_from_systemd_replace_the_addresses()
    {
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            Arguments(["--bind", "127.0.0.1:1", "--workers", "2"]), null, null, TestPython.Default, "-c", Activator));
        Assert.DoesNotContain("127.0.0.1:1 ", server.ReadyLine.Replace(',', ' '), StringComparison.Ordinal);
        Assert.Equal(200, server.Get("/").Status);
        int six = int.Parse(Regex.Match(server.ReadyLine, @"\[::1\]:(\d+)").Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        using WireClient client = new(new IPEndPoint(IPAddress.IPv6Loopback, six));
        client.SendRequest("GET", "/", []);
        Assert.Equal(200, client.ReadResponse().Status);
        int mark = server.Log.Mark;
        ProcessTree.Signal(server.WorkerId, ProcessTree.SIGKILL); // the next worker gets them too
        server.WaitForNewWorker(mark);
        Assert.Equal(200, server.Get("/").Status);
    }

    [Fact]
    public void Sockets_that_are_meant_for_another_process_are_not_taken()
    {
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            Arguments(["--bind", "127.0.0.1:0"]), new Dictionary<string, string?> { ["OTHER_PID"] = "1" }, null,
            TestPython.Default, "-c", Activator));
        Assert.DoesNotContain("::1", server.ReadyLine, StringComparison.Ordinal);
        Assert.Equal(200, server.Get("/").Status);
    }

    [Fact]
    public void A_descriptor_can_be_named()
    {
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            Arguments(["--bind", "fd://3"]), new Dictionary<string, string?> { ["OTHER_PID"] = "1" }, null,
            TestPython.Default, "-c", Activator));
        Assert.Equal(200, server.Get("/").Status);
    }

    private static string[] Arguments(string[] options) => ServerProcess.Arguments(TestPython.Default, "faults:application", options);

    private static ServerProcess Start(string[] options) => ServerProcess.Ready(ServerProcess.Launch(Arguments(options)));

    private static void AssertAnswers(string path)
    {
        using WireClient client = WireClient.OfUnix(path);
        for (int i = 0; i < 3; i++)
        {
            client.SendRequest("GET", "/", []);
            Assert.EndsWith(" 1", client.ReadResponse().Body, StringComparison.Ordinal);
        }
    }
}
