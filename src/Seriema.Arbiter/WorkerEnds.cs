using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Decides what the end of a worker means: a crash, a start that failed, or what was asked for. Arbiter thread only.</summary>
internal sealed class WorkerEnds(
    Fleet fleet, Reloads reloads, Stopping stopping, StartPauses pauses, ArbiterLog log, TextWriter error)
{
    /// <summary>Tries of each worker before a server that never came up is given up.</summary>
    internal const int FirstTries = 5;

    /// <summary>The exit status of a server whose workers die while they start: as for an application that cannot be imported.</summary>
    internal const int DiesAtStart = 3;

    /// <summary>A worker that crashes sooner after it was ready has not been of use.</summary>
    private const long ShortLife = 1000;

    private const int ShortLivesAllowed = 3;

    private int _shortLives;
    private int _lastShortLived; // its id

    /// <summary>Whether any worker ever became ready: from then on nothing but a signal ends the arbiter.</summary>
    internal bool HasServed { get; private set; }

    internal bool HasFailedBoot { get; private set; }

    internal void OnReady()
    {
        HasServed = true;
        pauses.Boot.Reset();
        pauses.First.Reset();
    }

    /// <summary>A worker that lives long enough ends a row of crashes.</summary>
    internal void Look(long now)
    {
        if (_shortLives == 0) return;
        bool isCured = fleet.Workers.Any(
            worker => worker.State == WorkerState.Ready && worker.Id > _lastShortLived && now - worker.ReadyAt >= ShortLife);
        if (isCured) EndShortLives();
    }

    /// <summary>A worker's process is gone, and its last messages are read.</summary>
    internal void OnEnd(WorkerHandle worker, ExitCause cause, long now)
    {
        Departure departure = worker.Departure;
        fleet.Bury(worker, now);
        switch (departure)
        {
            case Departure.None when !worker.WasReady:
                log.DiedBooting(worker.Pid, cause.ToString());
                BootFailed(worker.Generation, null, $"worker {worker.Pid} {cause} while it started", cause.ToString(), now);
                break;
            case Departure.None or Departure.Condemned when worker.WasReady:
                OnCrash(worker, cause, now);
                break;
            case Departure.Asked when stopping.Kind == StopKind.Failed:
                break; // the cause is told, and is to be the last that is read
            case Departure.Asked or Departure.ByItself when worker.WasKilled || cause is { Signal: 0, Status: 0 }:
                log.Left(worker.Pid);
                break;
            case Departure.Asked or Departure.ByItself:
                log.DiedLeaving(worker.Pid, cause.ToString());
                break;
            default:
                break; // its start failed, which was dealt with when that was known
        }
    }

    /// <summary>A worker could not start, or none could be started.</summary>
    /// <param name="status">What it says that the arbiter should end with; null when it died without a word.</param>
    /// <param name="text">For the log.</param>
    /// <param name="cause">For the one line on standard error.</param>
    internal void BootFailed(int generation, int? status, string text, string cause, long now)
    {
        HasFailedBoot = true;
        if (stopping.IsStopping) return;
        if (!HasServed)
        {
            FirstStartFailed(status, text, cause, now);
            return;
        }
        bool wasReload = reloads.OnBootFailed(generation, status, text, now);
        pauses.Boot.Failed(now);
        if (!wasReload) log.BootFailed((pauses.Boot.NotBefore - now) / 1000.0, text);
    }

    private void FirstStartFailed(int? status, string text, string cause, long now)
    {
        if (status is int reported)
        {
            error.Write(text.EndsWith('\n') ? text : text + "\n");
            error.Flush();
            stopping.Fail(reported, now);
            return;
        }
        pauses.First.Failed(now);
        // Each of them has had its tries before the last one of the first has failed.
        if (pauses.First.Failures <= (FirstTries - 1) * Math.Max(1, fleet.Wanted)) return;
        error.WriteLine($"seriema: the application's workers die while they start: {cause}");
        error.Flush();
        stopping.Fail(DiesAtStart, now);
    }

    private void OnCrash(WorkerHandle worker, ExitCause cause, long now)
    {
        if (stopping.IsStopping)
        {
            log.DiedLeaving(worker.Pid, cause.ToString());
            return;
        }
        log.Died(worker.Pid, cause.ToString(), cause.Signal == Signals.SIGKILL && !worker.WasKilled ? " (perhaps out of memory)" : "");
        // Somebody else's signal says nothing about the application: its successor is started at once, however often.
        if (cause.Signal != Signals.SIGKILL || worker.WasKilled) CountLife(worker, now);
    }

    /// <summary>A worker that served has left unasked: at once after its start, again and again, it would keep the machine busy.</summary>
    internal void CountLife(WorkerHandle worker, long now)
    {
        if (now - worker.ReadyAt >= ShortLife)
        {
            EndShortLives();
            return;
        }
        _lastShortLived = worker.Id;
        if (++_shortLives <= ShortLivesAllowed) return;
        pauses.Crash.Failed(now);
        log.CrashLoop((pauses.Crash.NotBefore - now) / 1000.0);
    }

    private void EndShortLives()
    {
        _shortLives = 0;
        pauses.Crash.Reset();
    }
}
