using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>What is wrong with a worker that has to be killed.</summary>
internal enum Ailment
{
    None,

    /// <summary>Nothing came from it.</summary>
    NoHeartbeat,

    /// <summary>It sends, and says that its event loop does not turn.</summary>
    StuckLoop,
}

/// <summary>Finds workers that hang. Arbiter thread only.</summary>
/// <remarks>
/// It has a clock of its own, which a pause of the whole machine (a suspended laptop, a paused virtual machine, SIGSTOP
/// to the group) does not move on: otherwise every worker would be killed at the moment that it wakes.
/// </remarks>
internal sealed class HeartbeatWatch
{
    /// <summary>For a new process until its first heartbeat: how long requests may take says nothing about how fast programs start here.</summary>
    internal static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private long _time; // milliseconds of this watch
    private long _last; // of the arbiter's clock

    internal HeartbeatWatch(long now) => _last = now;

    /// <summary>Lets time pass, at most twice what the loop had meant to wait.</summary>
    internal void Advance(long now, long meantToWait)
    {
        _time += Math.Min(now - _last, 2 * meantToWait);
        _last = now;
    }

    internal void OnStarted(WorkerHandle worker) => worker.LastBeat = worker.LoopTurned = _time;

    /// <summary>The loop is counted from now on: before this, the worker was importing.</summary>
    internal void OnReady(WorkerHandle worker) => worker.LastBeat = worker.LoopTurned = _time;

    internal void OnBeat(WorkerHandle worker, in WorkerCounters counters)
    {
        worker.LastBeat = _time;
        worker.HasBeaten = true;
        worker.LoopTurned = Math.Max(worker.LoopTurned, _time - counters.LoopAge);
    }

    /// <summary>How long that worker may be silent.</summary>
    internal static TimeSpan Patience(WorkerHandle worker, TimeSpan timeout) =>
        worker.HasBeaten || worker.WasReady || timeout > StartPatience ? timeout : StartPatience;

    internal Ailment Examine(WorkerHandle worker, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero || !worker.IsLive) return Ailment.None;
        double limit = timeout.TotalMilliseconds;
        if (_time - worker.LastBeat >= Patience(worker, timeout).TotalMilliseconds) return Ailment.NoHeartbeat;
        // Both clocks must agree, for the worker's own went on while the machine slept. An eighth is left to this one,
        // because beats arrive a little early or late.
        bool isStuck = worker.State == WorkerState.Ready && worker.Counters.LoopAge >= limit && _time - worker.LoopTurned >= limit * 7 / 8;
        return isStuck ? Ailment.StuckLoop : Ailment.None;
    }
}
