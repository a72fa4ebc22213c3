using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>A supervisor over workers that the test plays, and a clock that the test moves.</summary>
internal sealed class Scene : IDisposable
{
    private readonly Epoll _epoll = new(16);

    internal Scene(int workers = 2, Func<ArbiterSettings, ArbiterSettings>? settings = null)
    {
        ArbiterSettings first = new()
        {
            Workers = workers,
            GracefulTimeout = TimeSpan.FromSeconds(30),
            WorkerArguments = spec => ["--slot", $"{spec.Slot}", "--workers", $"{spec.Workers}"],
        };
        NextSettings = first = settings?.Invoke(first) ?? first;
        Options = new ArbiterOptions
        {
            Listeners = [],
            Program = "/nowhere",
            Environment = [],
            Settings = first,
            Reload = () => RefuseReload is null ? NextSettings : throw RefuseReload,
            Error = Error,
            LoggerFactory = Log,
            OnServing = (version, count) => Served.Add($"{version} {count}"),
        };
        Supervisor = new Supervisor(Options, Processes, _epoll, new ArbiterLog(Log), Now);
    }

    internal ArbiterOptions Options { get; }

    internal FakeProcesses Processes { get; } = new();

    internal LogRecorder Log { get; } = new();

    internal StringWriter Error { get; } = new();

    internal List<string> Served { get; } = [];

    internal Supervisor Supervisor { get; }

    internal long Now { get; private set; } = 1_000_000;

    /// <summary>What a reload reads.</summary>
    internal ArbiterSettings NextSettings { get; set; }

    internal Exception? RefuseReload { get; set; }

    /// <summary>Those whose process lives, oldest first.</summary>
    internal FakeWorker[] Alive => [.. Processes.All.Where(worker => worker.IsAlive)];

    internal string[] Lines => [.. Log.Lines.Select(line => line.Text)];

    /// <summary>Lets time pass, in steps as the loop would, and everything happen that is due.</summary>
    internal void Pass(long milliseconds)
    {
        long end = Now + milliseconds;
        do
        {
            int wait = Supervisor.NextTurn(Now);
            Now = Math.Min(end, Now + wait);
            Turn(wait);
        }
        while (Now < end);
        Turn(1);
    }

    /// <summary>One turn of the loop after whatever was said.</summary>
    internal void Turn(long meantToWait = 1000)
    {
        foreach (WorkerHandle worker in Supervisor.Fleet.Workers.ToArray()) Supervisor.OnWorkerEvent(worker.Id, Now);
        Supervisor.Turn(Now, meantToWait);
    }

    /// <summary>The whole machine sleeps: time passes, and the loop does not turn.</summary>
    internal void Sleep(long milliseconds) => Now += milliseconds;

    /// <summary>All that boot become ready; workers started because of it too.</summary>
    internal void AllReady()
    {
        Turn();
        while (Supervisor.Fleet.Workers.FirstOrDefault(worker => worker.State == WorkerState.Booting) is WorkerHandle booting)
        {
            FakeOf(booting).Say(ControlWords.Ready("3.11.2"));
            Turn();
        }
    }

    /// <summary>Those that boot now become ready; not the ones that are started because of it.</summary>
    internal void AllReadyOnce()
    {
        foreach (WorkerHandle worker in Supervisor.Fleet.Workers.Where(worker => worker.State == WorkerState.Booting))
        {
            FakeOf(worker).Say(ControlWords.Ready("3.11.2"));
        }
        Turn();
    }

    /// <summary>Each drained worker says so and ends.</summary>
    internal void ObeyOrders()
    {
        foreach (FakeWorker worker in Alive)
        {
            if (!worker.Heard().Any(word => word is ControlWords.Drain or ControlWords.Stop or ControlWords.Quit)) continue;
            worker.Say(ControlWords.Going("asked"));
            worker.End();
        }
        Turn();
    }

    internal static void Beat(FakeWorker worker, long loopAge = 0, long rss = 1 << 20) =>
        worker.Say(ControlWords.Beat(new WorkerCounters(loopAge, 1, 2, 3, 4, rss)));

    internal FakeWorker FakeOf(WorkerHandle worker) => Processes.All.Single(one => one.Pid == worker.Pid);

    internal WorkerHandle HandleOf(FakeWorker worker) => Supervisor.Fleet.Workers.Single(one => one.Pid == worker.Pid);

    internal void AssertLogged(string text) =>
        Assert.True(Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"'{text}' is not in:\n{string.Join('\n', Lines)}");

    public void Dispose()
    {
        Supervisor.Dispose();
        foreach (FakeWorker worker in Processes.All) worker.End();
        _epoll.Dispose();
    }
}
