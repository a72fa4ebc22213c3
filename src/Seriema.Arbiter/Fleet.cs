using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>The workers: who they are, how many are wanted, and what can be done to one. Owns them and the scoreboard. Arbiter thread only.</summary>
internal sealed class Fleet : IDisposable
{
    /// <summary>What a worker may take beyond its own graceful timeout, to end Python, before it is killed.</summary>
    internal const long LeaveGrace = 3000;

    /// <summary>How long a worker may take to end that has said that it will, or has closed its control socket.</summary>
    internal const long EndGrace = 5000;

    private readonly List<WorkerHandle> _workers = [];
    private readonly Scoreboard _board = Scoreboard.Create(Scoreboard.DefaultSlots);
    private readonly ArbiterOptions _options;
    private readonly WorkerProcesses _processes;
    private readonly Epoll _epoll;
    private readonly ArbiterLog _log;
    private int _nextId;
    private long _buriedRequests;

    internal Fleet(ArbiterOptions options, WorkerProcesses processes, Epoll epoll, ArbiterLog log)
    {
        (_options, _processes, _epoll, _log) = (options, processes, epoll, log);
        (Settings, Wanted) = (options.Settings, options.Settings.Workers);
    }

    internal ArbiterSettings Settings { get; set; }

    /// <summary>How many workers are to serve; 0 after SIGWINCH.</summary>
    internal int Wanted { get; set; }

    /// <summary>The number of the latest reload; new workers carry it.</summary>
    internal int Generation { get; set; }

    /// <summary>All whose process is there, oldest first.</summary>
    internal IReadOnlyList<WorkerHandle> Workers => _workers;

    internal int ReadyCount => _workers.Count(worker => worker.State == WorkerState.Ready);

    /// <summary>Of all workers ever, as far as their heartbeats told.</summary>
    internal long Requests => _buriedRequests + _workers.Sum(worker => worker.Counters.Requests);

    /// <summary>Starts one more worker.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    internal WorkerHandle Start(long now)
    {
        int slot = FreeSlot();
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        try
        {
            int[] listeners = [.. _options.Listeners.Select(listener => listener.Fd)];
            var spec = new WorkerSpec(theirs.Fd, _board.Fd, slot, Math.Max(Wanted, Settings.Workers), listeners);
            IReadOnlyList<string> argv = ["seriema: worker", .. _options.ProgramArguments, .. Settings.WorkerArguments(spec)];
            int[] inherited = [theirs.Fd, _board.Fd, .. listeners, .. Settings.Inherited];
            int pid = _processes.Start(theirs, argv, inherited);
            var worker = new WorkerHandle(++_nextId, pid, slot, Generation, ours, now);
            _workers.Add(worker);
            worker.IsWatched = _epoll.Add(ours.Fd, EventKeys.Readable, EventKeys.Worker(worker.Id)) >= 0;
            // Unheard it would be of no use: it is killed like one that closed its control socket.
            if (!worker.IsWatched) worker.KillAt = now;
            _log.Started(pid);
            return worker;
        }
        catch
        {
            theirs.Dispose();
            ours.Dispose();
            throw;
        }
    }

    /// <summary>Null when it is gone: an event may be older than what the loop did since.</summary>
    internal WorkerHandle? Find(int id) => _workers.Find(worker => worker.Id == id);

    /// <summary>Tells a worker to leave while others serve on.</summary>
    internal void Drain(WorkerHandle worker, long now) => AskToLeave(worker, ControlWords.Drain, now);

    /// <summary>Tells a worker to leave; nobody serves on.</summary>
    internal void Stop(WorkerHandle worker, long now) => AskToLeave(worker, ControlWords.Stop, now);

    /// <summary>Tells a worker to end at once.</summary>
    internal void Quit(WorkerHandle worker, long now)
    {
        worker.Leave(Departure.Asked, now);
        worker.KillAt = Math.Min(worker.KillAt, now + EndGrace);
        if (!worker.Control.Send(ControlWords.Quit)) Kill(worker);
    }

    /// <summary>Ends a worker that boots: nothing is in flight, and an import cannot be interrupted.</summary>
    internal void Drop(WorkerHandle worker, long now)
    {
        worker.Leave(Departure.Asked, now);
        Kill(worker);
    }

    internal void Kill(WorkerHandle worker)
    {
        worker.BeingKilled();
        Signal(worker, Signals.SIGKILL);
    }

    internal void Signal(WorkerHandle worker, int signal)
    {
        if (!worker.IsReaped) _processes.Signal(worker.Pid, signal);
    }

    /// <summary>A word to all that serve; it is lost on one that does not read, which no word of this kind matters for.</summary>
    internal void TellReady(string word)
    {
        foreach (WorkerHandle worker in _workers)
        {
            if (worker.State == WorkerState.Ready) _ = worker.Control.Send(word);
        }
    }

    internal bool TryReap(WorkerHandle worker, out ExitCause cause)
    {
        if (!_processes.TryReap(worker.Pid, out cause)) return false;
        worker.Reaped();
        return true;
    }

    /// <summary>No more messages: its end of the socket is closed, and a level-triggered end would wake the loop for ever.</summary>
    internal void Unwatch(WorkerHandle worker)
    {
        if (worker.IsWatched) _ = _epoll.Remove(worker.Control.Fd);
        worker.IsWatched = false;
    }

    /// <summary>Its process is gone.</summary>
    internal void Bury(WorkerHandle worker, long now)
    {
        Unwatch(worker);
        worker.BecomeGone(now);
        _workers.Remove(worker);
        worker.Dispose();
        _buriedRequests += worker.Counters.Requests;
        _board.Set(worker.Slot, WorkerLoad.Gone);
        // A connection wakes one worker only, and that one may just have died with it.
        TellReady(ControlWords.Look);
    }

    public void Dispose()
    {
        // The end of file tells those that are left to finish and go.
        foreach (WorkerHandle worker in _workers) worker.Dispose();
        _workers.Clear();
        _board.Dispose();
    }

    private void AskToLeave(WorkerHandle worker, string word, long now)
    {
        worker.Leave(Departure.Asked, now);
        long deadline = now + (long)Settings.GracefulTimeout.TotalMilliseconds + LeaveGrace;
        worker.KillAt = Math.Min(worker.KillAt, deadline);
        // One that does not read its messages still has its signal handler, which means the same.
        if (!worker.Control.Send(word)) Signal(worker, Signals.SIGTERM);
    }

    private int FreeSlot()
    {
        // Lowest first: a worker looks at the slots in this order.
        for (int slot = 0; slot < _board.Slots; slot++)
        {
            if (_workers.TrueForAll(worker => worker.Slot != slot)) return slot;
        }
        throw new LinuxException("no room on the scoreboard for another worker", Transport.Interop.Errno.ENOMEM);
    }
}
