using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Keeps the workers as they should be: one turn looks at all and does what is due. Arbiter thread only.</summary>
/// <remarks>It has no clock and no loop of its own, so that tests can let hours pass.</remarks>
internal sealed class Supervisor : IDisposable
{
    /// <summary>For a worker that hangs to write its stacks, which takes milliseconds, before it is killed.</summary>
    private const long StackGrace = 300;

    /// <summary>How soon the loop looks again when something is under way.</summary>
    internal const int QuickTick = 100;

    private const int SlowTick = 1000;

    /// <summary>A start that takes longer may never end: it is told, and gives way to a reload that is asked for.</summary>
    internal const long LongBoot = 30_000;

    private readonly StartPauses _pauses = new();
    private readonly ArbiterOptions _options;
    private readonly ArbiterLog _log;
    private readonly HeartbeatWatch _watch;
    private readonly WorkerEnds _ends;
    private readonly WorkerTalk _talk;

    internal Supervisor(ArbiterOptions options, WorkerProcesses processes, Epoll epoll, ArbiterLog log, long now)
    {
        (_options, _log) = (options, log);
        Fleet = new Fleet(options, processes, epoll, log);
        Reloads = new Reloads(Fleet, options.Reload, _pauses, log);
        Stopping = new Stopping(Fleet, options.Listeners);
        _watch = new HeartbeatWatch(now);
        _ends = new WorkerEnds(Fleet, Reloads, Stopping, _pauses, log, options.Error);
        _talk = new WorkerTalk(Fleet, Reloads, Stopping, _ends, _watch, log);
    }

    internal Fleet Fleet { get; }

    internal Reloads Reloads { get; }

    internal Stopping Stopping { get; }

    /// <summary>The time of the present or last turn.</summary>
    internal long LastTurn { get; private set; }

    /// <summary>Whether the server has come up: requests are answered.</summary>
    internal bool IsServing { get; private set; }

    /// <summary>A worker has sent something, or ended.</summary>
    internal void OnWorkerEvent(int id, long now)
    {
        if (Fleet.Find(id) is WorkerHandle worker) _talk.Read(worker, now);
    }

    /// <summary>One look at everything.</summary>
    /// <param name="meantToWait">What the loop would have waited if nothing had come.</param>
    internal void Turn(long now, long meantToWait)
    {
        LastTurn = now;
        Reap(now);
        _watch.Advance(now, meantToWait);
        foreach (WorkerHandle worker in Fleet.Workers.ToArray())
        {
            Examine(worker, now);
            if (now >= worker.KillAt) KillOverdue(worker);
        }
        _ends.Look(now);
        if (Stopping.IsStopping)
        {
            Reloads.Abandon();
            return;
        }
        Reloads.Step(now);
        CarryOut(now);
        Reloads.Step(now); // one that had nothing to replace is over
        ShowServing();
    }

    /// <summary>How long the loop may wait for events before the next turn, in milliseconds.</summary>
    internal int NextTurn(long now)
    {
        bool isQuiet = !Stopping.IsStopping && !Reloads.IsPending && _pauses.AreOver(now) && Fleet.ReadyCount >= Fleet.Wanted
            && Fleet.Workers.All(worker => worker.State == WorkerState.Ready && worker is { KillAt: WorkerHandle.Never, Mark: ReplaceMark.None });
        int tick = isQuiet ? SlowTick : QuickTick;
        double timeout = Fleet.Settings.Timeout.TotalMilliseconds;
        // Four looks in each timeout, but never a busy loop for a timeout of milliseconds.
        return timeout > 0 ? (int)Math.Clamp(timeout / 4, 20, tick) : tick;
    }

    internal void OneMore() => Want(Fleet.Wanted + 1);

    internal void OneLess()
    {
        if (Fleet.Wanted > 1) Want(Fleet.Wanted - 1);
    }

    /// <summary>No workers; the sockets stay, and clients wait in the queue.</summary>
    internal void NoWorkers() => Want(0);

    /// <summary>SIGTERM: requests in flight are finished.</summary>
    /// <param name="othersServe">The arbiter that was started to replace this one has workers of its own.</param>
    internal void Stop(long now, bool othersServe = false)
    {
        if (!Stopping.IsStopping) _log.Stopping(Fleet.Workers.Count);
        Stopping.Gracefully(now, othersServe);
    }

    /// <summary>SIGINT, SIGQUIT: they are not.</summary>
    internal void Quit(long now)
    {
        if (!Stopping.IsStopping) _log.Stopping(Fleet.Workers.Count);
        Stopping.Quickly(now);
    }

    public void Dispose() => Fleet.Dispose();

    private void Want(int count)
    {
        if (Stopping.IsStopping || count > Scoreboard.DefaultSlots / 2) return; // the other half is for their successors
        Fleet.Wanted = count;
        _log.Wanted(count);
    }

    private void Reap(long now)
    {
        foreach (WorkerHandle worker in Fleet.Workers.ToArray())
        {
            if (!Fleet.TryReap(worker, out ExitCause cause)) continue;
            _talk.Read(worker, now); // its last words say why
            _ends.OnEnd(worker, cause, now);
        }
    }

    private void Examine(WorkerHandle worker, long now)
    {
        TimeSpan age = Fleet.Settings.MaxWorkerAge;
        if (age > TimeSpan.Zero && worker.WasReady && now - worker.ReadyAt >= age.TotalMilliseconds)
        {
            _talk.Replace(worker, ReplaceMark.Recycle, $"it has served for {(now - worker.ReadyAt) / 1000} s");
        }
        if (worker.State == WorkerState.Booting && now - worker.StartedAt >= LongBoot && !worker.IsSlowBootTold)
        {
            // Its heartbeat goes on, so that nothing else would tell of an import that hangs.
            worker.IsSlowBootTold = true;
            _log.SlowBoot(worker.Pid, LongBoot / 1000);
            // Without a heartbeat it may not have a handler yet, and the signal would be its end.
            if (worker.Counters.Rss > 0) Fleet.Signal(worker, Signals.Stack);
        }
        TimeSpan timeout = Fleet.Settings.Timeout;
        double seconds = HeartbeatWatch.Patience(worker, timeout).TotalSeconds;
        switch (_watch.Examine(worker, timeout))
        {
            case Ailment.NoHeartbeat: _log.NoHeartbeat(worker.Pid, seconds); break;
            case Ailment.StuckLoop: _log.StuckLoop(worker.Pid, seconds); break;
            default: return;
        }
        Fleet.Signal(worker, Signals.Stack);
        worker.KillAt = now + StackGrace;
        _talk.Condemn(worker, $"worker {worker.Pid} gave no sign of life for {seconds} s while it started", now);
    }

    private void KillOverdue(WorkerHandle worker)
    {
        if (worker.Departure is Departure.Asked or Departure.ByItself) _log.Overdue(worker.Pid);
        else if (worker.Departure == Departure.None) _log.Deaf(worker.Pid);
        Fleet.Kill(worker);
    }

    /// <summary>Starts and drains until the workers are as they should be, or there is something to wait for.</summary>
    private void CarryOut(long now)
    {
        while (!Stopping.IsStopping)
        {
            switch (FleetPlan.Next(Fleet.Workers, Fleet.Wanted, out WorkerHandle? who))
            {
                case FleetMove.Start when _pauses.AreOver(now): StartOne(now); break;
                case FleetMove.Drain: Fleet.Drain(who!, now); break;
                case FleetMove.Drop: Fleet.Drop(who!, now); break;
                default: return;
            }
        }
    }

    private void StartOne(long now)
    {
        try
        {
            _watch.OnStarted(Fleet.Start(now));
        }
        catch (LinuxException e)
        {
            // Out of processes or memory for now: as a worker that dies at its start, with the same pause after it.
            _ends.BootFailed(Fleet.Generation, null, e.Message, e.Message, now);
        }
    }

    private void ShowServing()
    {
        if (IsServing || Fleet.ReadyCount == 0) return;
        if (Fleet.ReadyCount < Fleet.Wanted && !_ends.HasFailedBoot) return;
        IsServing = true;
        try
        {
            _options.OnServing(_talk.PythonVersion, Fleet.Wanted);
        }
        catch (IOException e)
        {
            _log.Failed("standard output", e.Message); // whoever read it has gone; clients have not
        }
    }
}
