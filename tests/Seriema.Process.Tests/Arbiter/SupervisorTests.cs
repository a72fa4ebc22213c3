using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>What a supervisor needs: notifications, the pid file, another user.</summary>
public sealed class SupervisorTests
{
    [Fact]
    public void The_service_manager_is_told_of_every_change()
    {
        using RollingApp app = new("1");
        using NotifySocket notify = new(app.PathOf("notify"));
        using ServerProcess server = ServerProcess.StartWith(
            TestPython.Default, "rolling:application", ["--workers", "2"], notify.Environment, app.Folder);
        notify.WaitFor("READY=1");
        Assert.NotEmpty(server.Log.All(@"worker \d+ ready")); // not before somebody serves
        Assert.Equal(200, server.Get("/").Status);
        server.Signal("HUP");
        Assert.Contains("MONOTONIC_USEC=", notify.WaitFor("RELOADING=1"), StringComparison.Ordinal);
        notify.WaitFor("READY=1");
        server.Log.WaitFor("reload finished");
        Assert.Equal(200, server.Get("/").Status); // so that there is something new to say
        notify.WaitFor("STATUS=2 of 2 workers ready");
        server.Signal("TERM");
        notify.WaitFor("STOPPING=1");
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void The_watchdog_is_fed_while_the_arbiter_lives()
    {
        using RollingApp app = new("1");
        using NotifySocket notify = new(app.PathOf("notify"));
        Dictionary<string, string?> environment = new(notify.Environment) { ["WATCHDOG_USEC"] = "200000" };
        using ServerProcess server = ServerProcess.StartWith(TestPython.Default, "rolling:application", [], environment, app.Folder);
        for (int i = 0; i < 5; i++) notify.WaitFor("WATCHDOG=1");
        server.Signal("STOP");
        Eventually.True(() => ProcessTree.State(server.Id) == 'T', "the arbiter does not stop");
        notify.Drain();
        server.Signal("CONT");
        notify.WaitFor("WATCHDOG=1");
    }

    [Fact]
    public void What_an_application_finds_does_not_lead_it_to_the_service_manager()
    {
        using RollingApp app = new("1");
        using NotifySocket notify = new(app.PathOf("notify"));
        app.Write("1", "import os, sys; print('told', os.environ.get('NOTIFY_SOCKET'), os.environ.get('LISTEN_FDS'), file=sys.stderr, flush=True)");
        using ServerProcess server = ServerProcess.StartWith(TestPython.Default, "rolling:application", [], notify.Environment, app.Folder);
        notify.WaitFor("READY=1");
        server.WaitForLine("told");
        // A library that greets the service manager by itself must not say READY for the whole server, once a worker.
        server.WaitForLine("told None None");
    }

    [Fact]
    public void The_pid_file_is_there_while_the_server_is()
    {
        using TemporaryFile file = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--pid", file.Path);
        Assert.Equal($"{server.Id}\n", File.ReadAllText(file.Path));
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.False(File.Exists(file.Path));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!)); // nor the control socket
    }

    [Fact]
    public void A_pid_file_that_a_dead_server_left_is_replaced_and_a_living_one_is_not()
    {
        using TemporaryFile file = new();
        using (ServerProcess killed = ServerProcess.Start("faults:application", "--pid", file.Path))
        {
            killed.Signal("KILL");
            killed.WaitForExitAlone();
        }
        Assert.True(File.Exists(file.Path));
        using ServerProcess server = ServerProcess.Start("faults:application", "--pid", file.Path);
        Assert.Equal($"{server.Id}\n", File.ReadAllText(file.Path));
        (int status, string _, string error) = ServerProcess.Run(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "faults:application", ["--pid", file.Path])]);
        Assert.Equal(1, status);
        Assert.Contains(file.Path, error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal($"{server.Id}\n", File.ReadAllText(file.Path));
        Assert.Equal(200, server.Get("/").Status);
    }

    [Fact]
    public void The_workers_run_as_another_user()
    {
        if (!CanBecomeNobody()) return; // only root may, and only where nobody may read the build
        using RollingApp app = new("1");
        using ServerProcess server = app.Start("--user", "nobody", "--group", "nogroup", "--workers", "2");
        foreach (int worker in server.WaitForReadyWorkers(2))
        {
            Assert.Equal(["65534", "65534", "65534", "65534"], ProcessTree.Status(worker, "Uid").Split('\t'));
            Assert.Equal(["65534", "65534", "65534", "65534"], ProcessTree.Status(worker, "Gid").Split('\t'));
            Assert.DoesNotContain("0", ProcessTree.Status(worker, "Groups").Split(' '));
        }
        Assert.EndsWith(" 1", server.Get("/").Body, StringComparison.Ordinal);
        int mark = server.Log.Mark;
        ProcessTree.Signal(server.WorkerId, ProcessTree.SIGKILL);
        Assert.Equal("65534", ProcessTree.Status(server.WaitForNewWorker(mark), "Uid").Split('\t')[0]);
    }

    [Fact]
    public void A_user_that_is_not_there_is_one_line()
    {
        (int status, string _, string error) = ServerProcess.Run(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "faults:application", ["--user", "nobody-of-that-name"])]);
        Assert.NotEqual(0, status);
        Assert.Contains("nobody-of-that-name", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    internal static bool CanBecomeNobody()
    {
        if (ProcessTree.Status(Environment.ProcessId, "Uid").Split('\t')[1] != "0") return false;
        using System.Diagnostics.Process access = System.Diagnostics.Process.Start(
            "setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "test", "-x", ServerProcess.Executable]);
        access.WaitForExit();
        return access.ExitCode == 0;
    }

    /// <summary>The service manager's end. Owns the socket.</summary>
    private sealed class NotifySocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly byte[] _buffer = new byte[65536];

        internal NotifySocket(string path)
        {
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            _socket.ReceiveTimeout = (int)ServerProcess.Patience.TotalMilliseconds;
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = path };
        }

        internal Dictionary<string, string?> Environment { get; }

        /// <summary>The next message with a line that begins so.</summary>
        internal string WaitFor(string line)
        {
            while (true)
            {
                string message = Receive();
                if (message.Split('\n').Any(text => text.StartsWith(line, StringComparison.Ordinal))) return message;
            }
        }

        /// <summary>Reads what is there.</summary>
        internal void Drain()
        {
            while (_socket.Poll(0, SelectMode.SelectRead)) Receive();
        }

        public void Dispose() => _socket.Dispose();

        private string Receive() => Encoding.UTF8.GetString(_buffer.AsSpan(0, _socket.Receive(_buffer)));
    }
}
