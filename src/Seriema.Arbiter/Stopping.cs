using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>How the arbiter is stopping.</summary>
internal enum StopKind
{
    None,

    /// <summary>Requests in flight are finished.</summary>
    Graceful,

    /// <summary>Requests in flight are cut.</summary>
    Quick,

    /// <summary>No worker ever served; all are killed.</summary>
    Failed,
}

/// <summary>The end of all workers, and the exit status. Arbiter thread only.</summary>
/// <remarks>
/// None → TERM → Graceful; None → INT, QUIT → Quick; Graceful → INT, QUIT → Quick with status 130; any → Failed.
/// A second TERM changes nothing: supervisors send it to the process and to its group.
/// </remarks>
internal sealed class Stopping(Fleet fleet, IReadOnlyList<ListenSocket> listeners)
{
    /// <summary>128 + SIGINT, as shells report it.</summary>
    internal const int Forced = 130;

    /// <summary>What a killed process may take to be gone; one that the kernel cannot end must not keep the failure from being told.</summary>
    private const long KillGrace = 1000;

    private long _began;

    internal StopKind Kind { get; private set; }

    internal int ExitStatus { get; private set; }

    internal bool IsStopping => Kind != StopKind.None;

    internal bool IsDone(long now) =>
        IsStopping && (fleet.Workers.Count == 0 || (Kind == StopKind.Failed && now - _began >= KillGrace));

    /// <param name="othersServe">Clients that are told to come again find somebody: connections that idle get a moment, as at a reload.</param>
    internal void Gracefully(long now, bool othersServe)
    {
        if (IsStopping) return;
        Begin(StopKind.Graceful, 0, now);
        foreach (WorkerHandle worker in fleet.Workers)
        {
            if (worker.State == WorkerState.Booting) fleet.Drop(worker, now);
            else if (worker.Departure is Departure.Failed or Departure.Condemned) continue;
            else if (othersServe) fleet.Drain(worker, now);
            else fleet.Stop(worker, now);
        }
    }

    internal void Quickly(long now)
    {
        if (Kind is StopKind.Quick or StopKind.Failed) return;
        Begin(StopKind.Quick, Kind == StopKind.Graceful ? Forced : 0, now);
        foreach (WorkerHandle worker in fleet.Workers)
        {
            if (worker.State == WorkerState.Booting) fleet.Drop(worker, now);
            else fleet.Quit(worker, now);
        }
    }

    internal void Fail(int status, long now)
    {
        if (IsStopping) return;
        Begin(StopKind.Failed, status, now);
        foreach (WorkerHandle worker in fleet.Workers) fleet.Drop(worker, now);
    }

    private void Begin(StopKind kind, int status, long now)
    {
        (Kind, ExitStatus, _began) = (kind, status, now);
        // At once, so that the port is free for a successor as soon as the workers have left it.
        foreach (ListenSocket listener in listeners) listener.Dispose();
    }
}
