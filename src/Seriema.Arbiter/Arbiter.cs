using System.Globalization;
using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>The parent process: one thread, one loop, which hears the workers, the signals, and the control socket.</summary>
/// <remarks>
/// <see cref="Run"/> is the loop; nothing else may be called while it runs but <see cref="OnSignal"/>. It never runs Python.
/// </remarks>
internal class Arbiter : IDisposable
{
    private const int EventsPerTurn = 64;

    private readonly Epoll _epoll = new(EventsPerTurn);
    private readonly ArbiterOptions _options;
    private readonly TimeProvider _clock;
    private readonly long _clockStart;
    private readonly ArbiterLog _log;
    private readonly Supervisor _supervisor;
    private readonly ServiceNotifier _notifier;
    private readonly ArbiterSignals _signals;
    private readonly Upgrade _upgrade;
    private readonly ControlServer? _control;
    private PidFile? _pidFile;
    private bool _isAnnounced; // READY=1 is sent
    private bool _isStopAnnounced;

    /// <exception cref="LinuxException">Out of descriptors or memory.</exception>
    internal Arbiter(ArbiterOptions options)
        : this(options, new WorkerProcesses(options.Program, options.Environment), TimeProvider.System)
    {
    }

    internal Arbiter(ArbiterOptions options, WorkerProcesses processes, TimeProvider clock)
    {
        (_options, _clock, _clockStart) = (options, clock, clock.GetTimestamp());
        _log = new ArbiterLog(options.LoggerFactory.CreateLogger("Seriema.Arbiter"));
        _signals = new ArbiterSignals(_epoll.Wake);
        _supervisor = new Supervisor(options, processes, _epoll, _log, Now);
        _notifier = new ServiceNotifier(options.NotifySocket, options.WatchdogInterval);
        _upgrade = new Upgrade(options, processes, _log);
        if (options.ControlSocket is string path) _control = new ControlServer(path, _epoll, new Sockets(), _supervisor);
        _supervisor.Reloads.OnBegin = _notifier.Reloading;
        _supervisor.Reloads.OnEnd = AfterReload;
    }

    private long Now => (long)_clock.GetElapsedTime(_clockStart).TotalMilliseconds;

    /// <summary>Serves until a signal or a failure to start ends it; returns the exit status.</summary>
    /// <exception cref="PidFileException">The pid file or the control socket belongs to a server that runs.</exception>
    /// <exception cref="LinuxException">The control socket cannot be bound.</exception>
    internal int Run()
    {
        // First: process 1 of a container ignores signals that it has no handler for.
        _signals.Register();
        try
        {
            if (_options.PidFile is string path) _pidFile = PidFile.Write(path, _options.UpgradedFrom);
            if (!_upgrade.HasPredecessor) _control?.Open();
            _options.OnOpened(); // may give root away
            _log.Began(Environment.ProcessId, _supervisor.Fleet.Wanted);
            int wait = 0;
            while (!_supervisor.Stopping.IsDone(Now)) wait = Turn(wait);
            return _supervisor.Stopping.ExitStatus;
        }
        finally
        {
            _control?.Dispose();
            _pidFile?.Remove();
        }
    }

    /// <summary>What a signal's handler does. Any thread.</summary>
    internal void OnSignal(int signal) => _signals.OnSignal(signal);

    public void Dispose()
    {
        _signals.Dispose();
        _control?.Dispose();
        _notifier.Dispose();
        _supervisor.Dispose();
        foreach (ListenSocket listener in _options.Listeners) listener.Dispose();
        _epoll.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One turn of the loop; how long the next one may wait.</summary>
    private int Turn(int wait)
    {
        int count = _epoll.Wait(wait);
        long now = Now;
        for (int i = 0; i < count; i++) OnEvent(_epoll.Events.DataAt(i), _epoll.Events.EventsAt(i), now);
        while (_signals.TryTake(out int signal)) Obey(signal, now);
        _upgrade.Look();
        if (_upgrade.TakesOver()) TakeOver();
        _supervisor.Turn(now, wait);
        _control?.Turn(now);
        Notify(now);
        int quick = _control is { HasClients: true } ? Supervisor.QuickTick : int.MaxValue;
        return Math.Min(Math.Min(_supervisor.NextTurn(now), _notifier.NextTurn), quick);
    }

    private void OnEvent(ulong key, uint events, long now)
    {
        switch (key)
        {
            case Epoll.WakeKey: _epoll.OnWoken(); break;
            case EventKeys.ControlListener: _control!.OnConnection(now); break;
            default:
                if (EventKeys.IsClient(key)) _control!.OnClientEvent(EventKeys.IdOf(key), events, now);
                else _supervisor.OnWorkerEvent(EventKeys.IdOf(key), now);
                break;
        }
    }

    /// <summary>The signals as gunicorn has them.</summary>
    private void Obey(int signal, long now)
    {
        switch (signal)
        {
            case Signals.SIGTERM: _supervisor.Stop(now, othersServe: _upgrade.Successor is not null); break;
            case Signals.SIGINT or Signals.SIGQUIT: _supervisor.Quit(now); break;
            case Signals.SIGHUP: _supervisor.Reloads.Ask(); break;
            case Signals.SIGTTIN: _supervisor.OneMore(); break;
            case Signals.SIGTTOU: _supervisor.OneLess(); break;
            case Signals.SIGWINCH: _supervisor.NoWorkers(); break;
            case Signals.SIGUSR1: ReopenLogs(); break;
            case Signals.SIGUSR2 when !_supervisor.Stopping.IsStopping: _upgrade.Start(); break;
            default: break;
        }
    }

    private void ReopenLogs()
    {
        try
        {
            _options.ReopenLogs();
        }
        catch (Exception e)
        {
            // A folder that is gone or full; the old file is still open.
            _log.Failed("the log cannot be opened anew", e.Message);
        }
        _supervisor.Fleet.TellReady(ControlWords.Reopen);
    }

    /// <summary>The arbiter that this one was started by is gone: its files and its place are ours.</summary>
    private void TakeOver()
    {
        try
        {
            _pidFile?.TakeOver();
            _control?.Open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PidFileException or LinuxException)
        {
            _log.Failed("taking over", e.Message); // workers serve; only commands cannot reach us
        }
        _notifier.MainPid(Environment.ProcessId);
        if (_supervisor.IsServing) _notifier.Ready();
    }

    private void Notify(long now)
    {
        if (_supervisor.Stopping.IsStopping && !_isStopAnnounced)
        {
            _isStopAnnounced = true;
            // With a successor the service goes on, and systemd takes the word of its present main process only.
            if (_upgrade.Successor is int successor) _notifier.MainPid(successor);
            else _notifier.Stopping();
        }
        if (_supervisor.IsServing && !_isAnnounced)
        {
            _isAnnounced = true;
            _notifier.Ready();
        }
        _notifier.Alive(now);
        _notifier.Status(Describe, now);
    }

    private void AfterReload()
    {
        if (_supervisor.IsServing && !_supervisor.Stopping.IsStopping) _notifier.Ready();
    }

    private string Describe()
    {
        Fleet fleet = _supervisor.Fleet;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{fleet.ReadyCount} of {fleet.Wanted} workers ready; {fleet.Requests} requests, "
            + $"{fleet.Workers.Sum(worker => worker.Counters.Busy)} busy, {fleet.Workers.Sum(worker => worker.Counters.Queued)} waiting, "
            + $"{fleet.Workers.Sum(worker => worker.Counters.Connections)} connections");
    }
}
