using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Seriema.Process.Tests.Arbiter;

namespace Seriema.Process.Tests;

/// <summary>Files of a server whose workers come and go, or that has no descriptor left.</summary>
public sealed class SiteUnderLoadTests : IDisposable
{
    private const int Large = 12 << 20; // more than the kernel takes for a client that does not read

    private readonly string _folder = Directory.CreateTempSubdirectory("seriema-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_stay_whole_while_workers_are_replaced()
    {
        const int clients = 4, reloads = 3;
        int[] sizes = [0, 1000, 20_000, 3_000_000]; // in memory, and open
        string[] hashes = [.. sizes.Select(size => Hash(Write($"html/{size}.bin", size)))];
        using ServerProcess server = Start("--workers", "2");
        server.WaitForReadyWorkers(2);
        ConcurrentQueue<string> faults = [];
        int answers = 0;
        using CancellationTokenSource end = new();
        Thread[] asking = [.. Enumerable.Range(0, clients).Select(_ => new Thread(() =>
        {
            for (int i = 0; !end.IsCancellationRequested; i = (i + 1) % sizes.Length)
            {
                string? fault = Fault(server, $"/{sizes[i]}.bin", hashes[i]);
                if (fault is not null) faults.Enqueue(fault);
                Interlocked.Increment(ref answers);
            }
        }))];
        foreach (Thread thread in asking) thread.Start();
        for (int i = 0; i < reloads; i++)
        {
            int mark = server.Log.Mark, before = Volatile.Read(ref answers);
            server.Signal("HUP");
            server.Log.WaitFor("reload finished", mark);
            Eventually.True(() => Volatile.Read(ref answers) > before + 100, "the clients get no answers");
        }
        end.Cancel();
        foreach (Thread thread in asking) thread.Join();
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_file_that_is_being_sent_is_sent_to_its_end(string signal)
    {
        string hash = Hash(Write("html/large.bin", Large));
        using ServerProcess server = Start();
        using WireClient client = new(new(System.Net.IPAddress.Loopback, server.Port), receiveBuffer: 65536);
        client.SendRequest("GET", "/large.bin", []);
        string begin = Encoding.Latin1.GetString(client.ReadExactly(1));
        int mark = server.Log.Mark;
        server.Signal(signal);
        server.Log.WaitFor(signal == "TERM" ? "stopping; 1 connections open" : "reload finished", mark);
        string response = begin + client.ReadToEnd();
        Assert.Equal(hash, Hash(response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        if (signal == "TERM") Assert.Equal(0, server.WaitForExit());
        else Assert.Equal(Large, server.Get("/large.bin").Body.Length);
    }

    [Fact]
    public void A_worker_without_a_descriptor_left_lives_and_serves_on()
    {
        Write("html/a.txt", 100);
        string pid = Path.Combine(_folder, "server.pid");
        using ServerProcess server = Start("--pid", pid, "--timeout", "1"); // a heartbeat each quarter of it
        using WireClient client = server.Connect();
        WireClient other = server.Connect();
        Assert.Equal(100, Ask(client).Length);
        Assert.Equal(100, Ask(other).Length);
        Eventually.True(() => Status(pid).Contains(" 2 connections", StringComparison.Ordinal), "no heartbeat");
        int worker = server.WorkerId;
        // Standard streams are the first three, so there is none to be had.
        using (PythonProcess limit = new(TestPython.Default, ["-c", $"import resource; resource.prlimit({worker}, resource.RLIMIT_NOFILE, (3, 3))"]))
        {
            Assert.Equal(0, limit.WaitForExit());
        }
        other.Dispose();
        Eventually.True(() => Status(pid).Contains(" 1 connections", StringComparison.Ordinal), $"no heartbeat\n{server.Log}");
        Assert.Equal(100, Ask(client).Length);
        Assert.Equal(worker, server.WorkerId);
        Assert.Empty(server.Log.All("crashed"));
    }

    [Fact]
    public void An_unreadable_file_is_not_found_and_logged_once()
    {
        if (!SupervisorTests.CanBecomeNobody()) return; // only root may, and only where nobody may read the build
        Write("html/a.txt", 1);
        Write("html/locked/a.txt", 1);
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1ED); // 0755: it was made for its owner alone
        File.SetUnixFileMode(Path.Combine(_folder, "html/a.txt"), UnixFileMode.UserRead);
        File.SetUnixFileMode(Path.Combine(_folder, "html/locked"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using ServerProcess server = Start("--user", "nobody", "--group", "nogroup", "--listing");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(404, server.Get("/a.txt").Status);
            Assert.Equal(404, server.Get($"/locked/{i}").Status);
            Assert.Equal(404, server.Get("/locked/").Status);
        }
        server.Signal("TERM");
        server.WaitForExit();
        Assert.Single(server.Log.All(@"static files: open \S+/html/a\.txt: Permission denied"));
        Assert.Single(server.Log.All(@"static files: open \S+/html/locked: Permission denied"));
        Assert.Equal(2, server.Log.All("static files: ").Count);
    }

    private static string? Fault(ServerProcess server, string target, string hash)
    {
        try
        {
            WireResponse response = server.Get(target, "Connection: close");
            return response.Status == 200 && Hash(response.Body) == hash ? null : $"{target}: {response.Head}";
        }
        catch (EndOfStreamException e) when (e.Message.EndsWith("closed after: ", StringComparison.Ordinal))
        {
            return null; // a connection that was idle for too long at a drain: the client asks again (RFC 9112 §9.3.1)
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
        {
            return $"{target}: {e.Message}";
        }
    }

    private static string Status(string pidFile) => ServerProcess.Run(["status", "--pid", pidFile]).Output;

    private static string Ask(WireClient client)
    {
        client.SendRequest("GET", "/a.txt", []);
        return client.ReadResponse().Body;
    }

    private static string Hash(string latin1) => Convert.ToHexString(SHA256.HashData(Encoding.Latin1.GetBytes(latin1)));

    /// <summary>A file in which every place looks different; its text.</summary>
    private string Write(string name, int size)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string text = string.Concat(Enumerable.Range(size, (size / 10) + 1).Select(i => $"{i:x9} "))[..size];
        File.WriteAllText(path, text);
        return text;
    }

    private ServerProcess Start(params string[] options) => ServerProcess.Ready(
        ServerProcess.Launch(["--bind", "127.0.0.1:0", "--python", TestPython.Default, "--site", _folder, .. options]));
}
