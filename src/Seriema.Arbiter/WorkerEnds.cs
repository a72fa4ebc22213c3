using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Decides what the end of a worker means: a crash, a start that failed, or what was asked for. Arbiter thread only.</summary>
internal sealed class WorkerEnds(
    Fleet fleet, Reloads reloads, Stopping stopping, RestartDelay bootDelay, ArbiterLog log, TextWriter error)
{
    /// <summary>Tries of each worker before a server that never came up is given up.</summary>
    internal const int FirstTries = 5;

    /// <summary>The exit status of a server whose workers die while they start: as for an application that cannot be imported.</summary>
    internal const int DiesAtStart = 3;

    /// <summary>A worker that crashes sooner after it was ready has not been of use.</summary>
    private const long ShortLife = 1000;

    private const int ShortLivesAllowed = 3;

    // Before any worker ever served: quick, because somebody is looking at the terminal.
    private readonly RestartDelay _firstDelay = new(first: 100, longest: 10_000);
    private readonly RestartDelay _crashDelay = new(first: 500, longest: 30_000);
    private int _shortLives;
    private int _lastShortLived; // its id

    /// <summary>Whether any worker ever became ready: from then on nothing but a signal ends the arbiter.</summary>
    internal bool HasServed { get; private set; }

    internal bool HasFailedBoot { get; private set; }

    internal bool MayStart(long now) => bootDelay.IsOver(now) && _firstDelay.IsOver(now) && _crashDelay.IsOver(now);

    internal void OnReady()
    {
        HasServed = true;
        bootDelay.Reset();
        _firstDelay.Reset();
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
        bool wasKilled = worker.KillAt == WorkerHandle.Never && departure != Departure.None;
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
            case Departure.Asked or Departure.ByItself when cause is { Signal: 0, Status: 0 }:
                log.Left(worker.Pid);
                break;
            case Departure.Asked or Departure.ByItself:
                if (!wasKilled) log.DiedLeaving(worker.Pid, cause.ToString());
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
        bootDelay.Failed(now);
        if (!wasReload) log.BootFailed((bootDelay.NotBefore - now) / 1000.0, text);
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
        _firstDelay.Failed(now);
        // Each of them has had its tries before the last one of the first has failed.
        if (_firstDelay.Failures <= (FirstTries - 1) * Math.Max(1, fleet.Wanted)) return;
        error.WriteLine($"seriema: the application's workers die while they start: {cause}");
        error.Flush();
        stopping.Fail(DiesAtStart, now);
    }

    private void OnCrash(WorkerHandle worker, ExitCause cause, long now)
    {
        bool isOurs = worker.Departure == Departure.Condemned;
        log.Died(worker.Pid, cause.ToString(), cause.Signal == Signals.SIGKILL && !isOurs ? " (perhaps out of memory)" : "");
        if (now - worker.ReadyAt >= ShortLife)
        {
            EndShortLives();
            return;
        }
        _lastShortLived = worker.Id;
        if (++_shortLives <= ShortLivesAllowed) return;
        _crashDelay.Failed(now);
        log.CrashLoop((_crashDelay.NotBefore - now) / 1000.0);
    }

    private void EndShortLives()
    {
        _shortLives = 0;
        _crashDelay.Reset();
    }
}
