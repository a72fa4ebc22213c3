using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>The whole arbiter with its loop, over real processes.</summary>
public sealed class ArbiterTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly LogRecorder _log = new();
    private readonly StringWriter _error = new();
    private readonly BlockingCollection<string> _served = [];
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
    private volatile string _command = "serve";

    public ArbiterTests() => _systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));

    public void Dispose()
    {
        _systemd.Dispose();
        _served.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Workers_serve_one_is_killed_all_are_reloaded_and_a_signal_ends_them()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        using Arbiter arbiter = new(Options(listener, workers: 2));
        (Thread thread, Func<int> status) = Start(arbiter);
        Assert.Equal("3.11.2 2", Served());
        Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(_folder["app.pid"]));

        string[] before = Ask("status").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, before.Length);
        int victim = int.Parse(before[0].Split(' ')[1], CultureInfo.InvariantCulture);
        RealWorker.Kill(victim);
        Until($"worker {victim} was killed by SIGKILL; starting another");

        Assert.Equal("ok reload finished; 2 workers ready\n", Ask("reload"));
        string[] after = Ask("status").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Empty(after.Where(line => line.Contains("ready", StringComparison.Ordinal)).Select(Pid).Intersect(before.Select(Pid)));

        arbiter.OnSignal(Signals.SIGTERM);
        Assert.True(thread.Join(s_patience), "it does not end");
        Assert.Equal(0, status());
        Assert.Equal(["notify"], _folder.Names);
        Assert.Equal("", _error.ToString());
        using ListenSocket successor = ListenSocket.Listen((IPEndPoint)listener.EndPoint, 8);
        Assert.Equal(["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"], Notifications());
        foreach (string line in before.Concat(after)) Assert.False(Directory.Exists($"/proc/{Pid(line)}"), $"{line} is left behind");

        static string Pid(string line) => line.Split(' ')[1];
    }

    [Fact]
    public void An_application_that_cannot_be_loaded_ends_the_arbiter_with_its_status_and_no_ready_message()
    {
        _command = "fail";
        using Arbiter arbiter = new(Options(null, workers: 2));
        Assert.Equal(4, arbiter.Run());
        Assert.Equal("Traceback\nseriema: no application\n", _error.ToString());
        Assert.Equal(["STOPPING=1"], Notifications());
        Assert.Empty(_served);
    }

    [Fact]
    public void Workers_that_crash_at_their_start_end_the_arbiter_after_some_tries()
    {
        _command = "die";
        using Arbiter arbiter = new(Options(null, workers: 1));
        Assert.Equal(3, arbiter.Run());
        Assert.Contains("the application's workers die while they start: crashed with SIGSEGV", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(5, _log.Lines.Count(line => line.Text.EndsWith("while it started", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_reload_with_broken_code_keeps_the_old_workers()
    {
        using Arbiter arbiter = new(Options(null, workers: 2));
        (Thread thread, Func<int> status) = Start(arbiter);
        Served();
        string[] before = Ask("status").Split('\n');
        _command = "fail";
        Assert.Equal("failed 4\nTraceback\nseriema: no application", Ask("reload"));
        Assert.Equal(before.Select(line => line.Split(' ').ElementAtOrDefault(1)), Ready().Select(line => line.Split(' ').ElementAtOrDefault(1)));
        arbiter.OnSignal(Signals.SIGINT);
        Assert.True(thread.Join(s_patience), "it does not end");
        Assert.Equal(0, status());

        string[] Ready() => [.. Ask("status").Split('\n').Where(line => !line.Contains("draining", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_program_that_is_not_there_is_tried_and_then_told()
    {
        using Arbiter arbiter = new(Options(null, workers: 1) with { Program = "/nowhere/at/all" });
        Assert.Equal(3, arbiter.Run());
        Assert.Contains("posix_spawn /nowhere/at/all", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_signals_that_are_no_stop_do_what_they_say()
    {
        int reopened = 0;
        int upgraded = 0;
        ArbiterOptions options = Options(null, workers: 1) with
        {
            ReopenLogs = () => Interlocked.Increment(ref reopened),
            SpawnUpgrade = () =>
            {
                Interlocked.Increment(ref upgraded);
                return ChildProcess.Spawn("/bin/sh", ["sh", "-c", "exit 7"], [], []);
            },
        };
        using Arbiter arbiter = new(options);
        (Thread thread, Func<int> status) = Start(arbiter);
        Served();
        arbiter.OnSignal(Signals.SIGTTIN);
        Until("workers wanted: 2");
        arbiter.OnSignal(Signals.SIGTTOU);
        Until("workers wanted: 1");
        arbiter.OnSignal(Signals.SIGUSR1);
        arbiter.OnSignal(Signals.SIGUSR2);
        Until("exited with status 7; this one serves on");
        Assert.Equal((1, 1), (reopened, upgraded));
        arbiter.OnSignal(Signals.SIGHUP);
        Until("reload finished");
        arbiter.OnSignal(Signals.SIGWINCH);
        Until("workers wanted: 0");
        arbiter.OnSignal(Signals.SIGQUIT);
        Assert.True(thread.Join(s_patience), "it does not end");
        Assert.Equal(0, status());
    }

    [Fact]
    public void An_upgraded_arbiter_takes_the_files_over_once_the_old_one_is_gone()
    {
        // No parent of this process has that id, which is what a parent that is gone looks like.
        using Arbiter arbiter = new(Options(null, workers: 1) with { UpgradedFrom = 999_999_999 });
        (Thread thread, Func<int> status) = Start(arbiter);
        Served();
        Assert.StartsWith("worker ", Ask("status"), StringComparison.Ordinal);
        Assert.Equal(["app.ctl", "app.pid", "notify"], _folder.Names);
        arbiter.OnSignal(Signals.SIGTERM);
        Assert.True(thread.Join(s_patience), "it does not end");
        Assert.Equal(0, status());
        Assert.Equal([$"MAINPID={Environment.ProcessId}", "READY=1", "STOPPING=1"], Notifications());
    }

    [Fact]
    public void An_upgraded_arbiter_leaves_the_files_alone_while_the_old_one_lives()
    {
        int parent = int.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith("PPid:", StringComparison.Ordinal)).AsSpan(5), CultureInfo.InvariantCulture);
        File.WriteAllText(_folder["app.pid"], $"{parent}\n");
        using Arbiter arbiter = new(Options(null, workers: 1) with { UpgradedFrom = parent });
        (Thread thread, Func<int> status) = Start(arbiter);
        Served();
        Assert.Equal(["app.pid", "app.pid.2", "notify"], _folder.Names);
        arbiter.OnSignal(Signals.SIGTERM);
        Assert.True(thread.Join(s_patience), "it does not end");
        Assert.Equal(0, status());
        Assert.Equal(["app.pid", "notify"], _folder.Names);
        Assert.Equal($"{parent}\n", File.ReadAllText(_folder["app.pid"]));
    }

    [Fact]
    public void An_arbiter_that_is_being_replaced_does_not_tell_systemd_that_the_service_stops()
    {
        int successor = 0;
        ArbiterOptions options = Options(null, workers: 1) with
        {
            SpawnUpgrade = () => successor = ChildProcess.Spawn("/bin/sleep", ["sleep", "600"], [], []),
        };
        using Arbiter arbiter = new(options);
        (Thread thread, Func<int> status) = Start(arbiter);
        Served();
        arbiter.OnSignal(Signals.SIGUSR2);
        Until("upgrade: arbiter ");
        arbiter.OnSignal(Signals.SIGUSR2);
        Until("upgrade refused");
        arbiter.OnSignal(Signals.SIGTERM);
        Assert.True(thread.Join(s_patience), "it does not end");
        RealWorker.Kill(successor);
        Assert.Equal(0, status());
        Assert.Equal(["READY=1", $"MAINPID={successor}"], Notifications());
    }

    private ArbiterOptions Options(ListenSocket? listener, int workers)
    {
        ArbiterSettings settings = new()
        {
            Workers = workers,
            GracefulTimeout = TimeSpan.FromSeconds(30),
            WorkerArguments = spec => [spec.Control.ToString(CultureInfo.InvariantCulture), _command],
        };
        return new ArbiterOptions
        {
            Listeners = listener is null ? [] : [listener],
            Program = RealWorker.Program,
            ProgramArguments = RealWorker.Arguments,
            Environment = RealWorker.Environment,
            Settings = settings,
            Reload = () => settings,
            PidFile = _folder["app.pid"],
            ControlSocket = _folder["app.ctl"],
            NotifySocket = _folder["notify"],
            OnServing = (version, count) => _served.Add($"{version} {count}"),
            Error = _error,
            LoggerFactory = _log,
        };
    }

    private static (Thread Thread, Func<int> Status) Start(Arbiter arbiter)
    {
        int status = -1;
        Thread thread = new(() => status = arbiter.Run());
        thread.Start();
        return (thread, () => status);
    }

    private string Served() =>
        _served.TryTake(out string? text, s_patience) ? text : throw new TimeoutException(string.Join('\n', _log.Lines));

    private void Until(string text) => _log.WaitFor(text, s_patience);

    private string Ask(string request)
    {
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        client.Connect(new UnixDomainSocketEndPoint(_folder["app.ctl"]));
        client.Send(Encoding.UTF8.GetBytes(request + "\n"));
        using NetworkStream stream = new(client);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>All that systemd has received but its status, without the times.</summary>
    private string[] Notifications()
    {
        List<string> all = [];
        byte[] bytes = new byte[4096];
        while (_systemd.Available > 0)
        {
            string text = Encoding.UTF8.GetString(bytes, 0, _systemd.Receive(bytes)).Split('\n')[0];
            if (!text.StartsWith("STATUS=", StringComparison.Ordinal)) all.Add(text);
        }
        return [.. all];
    }
}
