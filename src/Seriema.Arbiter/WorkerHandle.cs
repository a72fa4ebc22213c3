using System.Diagnostics;
using System.Globalization;
using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>The arbiter's view of one worker process. Owns our end of its control socket. Arbiter thread only.</summary>
/// <remarks>Times are milliseconds of the arbiter's clock.</remarks>
internal sealed class WorkerHandle : IDisposable
{
    internal const long Never = long.MaxValue;

    internal WorkerHandle(int id, int pid, int slot, int generation, ControlChannel control, long now)
    {
        (Id, Pid, Slot, Generation, Control) = (id, pid, slot, generation, control);
        StartedAt = Since = now;
    }

    /// <summary>Never used twice, unlike a process id or a descriptor: an old event cannot hit a new worker.</summary>
    internal int Id { get; }

    internal int Pid { get; }

    internal int Slot { get; }

    /// <summary>The reload that it was started by; 0 before the first.</summary>
    internal int Generation { get; }

    internal ControlChannel Control { get; }

    internal long StartedAt { get; }

    internal WorkerState State { get; private set; }

    /// <summary>When it came into its state.</summary>
    internal long Since { get; private set; }

    internal Departure Departure { get; private set; }

    /// <summary>When it became ready; -1 when it never did.</summary>
    internal long ReadyAt { get; private set; } = -1;

    internal bool WasReady => ReadyAt >= 0;

    /// <summary>Whether it accepts no more: it has said so, or it is gone.</summary>
    internal bool HasLeftPort { get; private set; }

    internal WorkerCounters Counters { get; set; }

    internal ReplaceMark Mark { get; private set; }

    /// <summary>When its process is killed; <see cref="Never"/> while it is not to be.</summary>
    internal long KillAt { get; set; } = Never;

    /// <summary>Whether its process is buried: from then on its id may be another process's.</summary>
    internal bool IsReaped { get; private set; }

    /// <summary>Whether it was us who killed it.</summary>
    internal bool WasKilled { get; private set; }

    /// <summary>Whether the log says that its start takes long.</summary>
    internal bool IsSlowBootTold { get; set; }

    /// <summary>Whether epoll still watches its control socket.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>What its loop and its heartbeats look like to <see cref="HeartbeatWatch"/>, in that one's time.</summary>
    internal long LastBeat { get; set; }

    /// <summary>Whether its process has come far enough to send anything.</summary>
    internal bool HasBeaten { get; set; }

    internal long LoopTurned { get; set; }

    /// <summary>Whether it serves or will: neither on its way out nor gone.</summary>
    internal bool IsLive => State is WorkerState.Booting or WorkerState.Ready;

    internal void BecomeReady(long now)
    {
        MoveTo(WorkerState.Ready, now);
        ReadyAt = now;
    }

    internal void Leave(Departure why, long now)
    {
        Debug.Assert(why != Departure.None, "a worker leaves for a reason");
        if (State != WorkerState.Draining) MoveTo(WorkerState.Draining, now);
        Departure = why;
    }

    internal void Reaped() => IsReaped = true;

    internal void BeingKilled()
    {
        WasKilled = true;
        KillAt = Never;
    }

    internal void LeftPort() => HasLeftPort = true;

    internal void BecomeGone(long now)
    {
        MoveTo(WorkerState.Gone, now);
        HasLeftPort = true;
    }

    /// <summary>Wants it replaced, unless a stronger reason is known already; true when this is news.</summary>
    internal bool MarkFor(ReplaceMark mark)
    {
        if (mark <= Mark) return false;
        Mark = mark;
        return true;
    }

    /// <summary>A reload that failed keeps its old workers.</summary>
    internal void ForgetReloadMark()
    {
        if (Mark == ReplaceMark.Reload) Mark = ReplaceMark.None;
    }

    /// <summary>Its line of <c>seriema status</c>.</summary>
    internal string Describe(long now) => string.Create(
        CultureInfo.InvariantCulture,
        $"worker {Pid} {StateWord} {(now - Since) / 1000} s, {Counters.Requests} requests, {Counters.Busy} busy, "
        + $"{Counters.Queued} waiting, {Counters.Connections} connections, {Counters.Rss >> 20} MiB");

    public void Dispose() => Control.Dispose();

    private string StateWord => State switch
    {
        WorkerState.Booting => "booting",
        WorkerState.Ready => "ready",
        WorkerState.Draining => "draining",
        _ => "gone",
    };

    private void MoveTo(WorkerState state, long now)
    {
        Debug.Assert(WorkerStates.CanMove(State, state), $"worker {Pid}: {State} to {state}");
        (State, Since) = (state, now);
    }
}
