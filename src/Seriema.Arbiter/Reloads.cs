using System.Globalization;

namespace Seriema.Arbiter;

/// <summary>Reloads, one after another: new workers with new code and settings, and the old ones back to what they were when that fails. Arbiter thread only.</summary>
/// <remarks>
/// It only marks the old workers; <see cref="FleetPlan"/> replaces them one at a time, as it replaces all others. Requests
/// that come while a reload runs become one more reload: what it would load may be newer than what this one loaded.
/// </remarks>
internal sealed class Reloads(Fleet fleet, Func<ArbiterSettings> read, StartPauses pauses, ArbiterLog log)
{
    /// <summary>The status of a reload that failed without one of its own: 1, as for any refusal of the machine.</summary>
    internal const int PlainFailure = 1;

    private readonly List<WorkerHandle> _old = [];
    private List<Action<ReloadOutcome>> _waiting = [];
    private List<Action<ReloadOutcome>> _current = [];
    private bool _isAsked;
    private ArbiterSettings _before = fleet.Settings;
    private int _wantedBefore;
    private bool _isProven; // a worker of this reload has become ready

    internal bool IsRunning { get; private set; }

    /// <summary>Whether there is something to do or to wait for.</summary>
    internal bool IsPending => IsRunning || _isAsked;

    /// <summary>Called when one begins, for systemd.</summary>
    internal Action OnBegin { get; set; } = static () => { };

    internal Action OnEnd { get; set; } = static () => { };

    /// <summary>Wants a reload that begins after this.</summary>
    internal void Ask(Action<ReloadOutcome>? whenOver = null)
    {
        _isAsked = true;
        if (whenOver is not null) _waiting.Add(whenOver);
    }

    /// <summary>Begins what was asked for; ends what is done.</summary>
    internal void Step(long now)
    {
        if (IsRunning && IsDone)
        {
            log.ReloadFinished();
            End(new ReloadOutcome(0, string.Create(CultureInfo.InvariantCulture, $"reload finished; {fleet.ReadyCount} workers ready")));
        }
        if (IsRunning && _isAsked && fleet.Workers.FirstOrDefault(worker => HangsInBoot(worker, now)) is WorkerHandle hung)
        {
            string seconds = string.Create(CultureInfo.InvariantCulture, $"{(now - hung.StartedAt) / 1000} s");
            OnBootFailed(fleet.Generation, null, $"worker {hung.Pid} was still starting after {seconds}, when the next reload was asked for", now);
        }
        if (!IsRunning && _isAsked) Begin(now);
    }

    // What is asked for may be the repair of the very import that it hangs in.
    private bool HangsInBoot(WorkerHandle worker, long now) =>
        worker.State == WorkerState.Booting && worker.Generation == fleet.Generation && now - worker.StartedAt >= Supervisor.LongBoot;

    internal void OnReady(WorkerHandle worker)
    {
        // The new code starts, so the new number of workers counts too.
        if (IsRunning && worker.Generation == fleet.Generation && !_isProven)
        {
            _isProven = true;
            fleet.Wanted = fleet.Settings.Workers;
        }
    }

    /// <summary>A worker did not start; true when that was the end of a reload.</summary>
    internal bool OnBootFailed(int generation, int? status, string text, long now)
    {
        if (!IsRunning || generation != fleet.Generation) return false;
        WorkerHandle[] newer = [.. fleet.Workers.Where(worker => worker.Generation == fleet.Generation)];
        foreach (WorkerHandle worker in newer)
        {
            if (worker.State == WorkerState.Booting) fleet.Drop(worker, now);
        }
        if (_old.Exists(worker => worker.State == WorkerState.Ready))
        {
            foreach (WorkerHandle worker in _old) worker.ForgetReloadMark();
            (fleet.Settings, fleet.Wanted) = (_before, _wantedBefore);
            // It is the old workers that are known to be good.
            int surplus = fleet.ReadyCount - fleet.Wanted;
            foreach (WorkerHandle worker in newer.Where(worker => worker.State == WorkerState.Ready).Reverse().Take(Math.Max(0, surplus)))
            {
                worker.MarkFor(ReplaceMark.Recycle);
            }
            log.ReloadFailed(text);
        }
        else
        {
            // Nothing to go back to: the new settings are tried on, as after any failure to start.
            log.ReloadFailedWithoutOld(text);
        }
        End(new ReloadOutcome(status ?? PlainFailure, text));
        return true;
    }

    /// <summary>The arbiter stops: nobody waits in vain.</summary>
    internal void Abandon()
    {
        var outcome = new ReloadOutcome(PlainFailure, "the server stops");
        _isAsked = false;
        if (IsRunning) End(outcome);
        foreach (Action<ReloadOutcome> tell in _waiting) tell(outcome);
        _waiting.Clear();
    }

    private bool IsDone => _old.TrueForAll(worker => worker.HasLeftPort) && fleet.ReadyCount >= fleet.Wanted;

    private void Begin(long now)
    {
        (_current, _waiting) = (_waiting, []);
        (IsRunning, _isAsked, _isProven) = (true, false, false);
        log.Reloading();
        OnBegin();
        (_before, _wantedBefore) = (fleet.Settings, fleet.Wanted);
        try
        {
            fleet.Settings = read();
        }
        catch (SettingsRefusedException e)
        {
            log.ReloadFailed(e.Message);
            End(new ReloadOutcome(e.ExitStatus, e.Message));
            return;
        }
        catch (Exception e)
        {
            // A file that vanished, an interpreter that crashed: whatever it is, the workers that serve are not at fault.
            string text = $"{e.GetType().Name}: {e.Message}";
            log.ReloadFailed(text);
            End(new ReloadOutcome(PlainFailure, text));
            return;
        }
        MarkOld(now);
    }

    private void MarkOld(long now)
    {
        fleet.Generation++;
        pauses.Reset();
        _old.Clear();
        foreach (WorkerHandle worker in fleet.Workers.ToArray())
        {
            // What boots would only have to be replaced, and may be hanging in the very import that this reload repairs.
            if (worker.State == WorkerState.Booting) fleet.Drop(worker, now);
            else if (!worker.HasLeftPort) _old.Add(worker);
            if (worker.State == WorkerState.Ready) worker.MarkFor(ReplaceMark.Reload);
        }
        // With nobody to keep serving there is nothing to wait for; this is also how workers come back after SIGWINCH.
        if (fleet.ReadyCount == 0) fleet.Wanted = fleet.Settings.Workers;
    }

    private void End(ReloadOutcome outcome)
    {
        IsRunning = false;
        _old.Clear();
        List<Action<ReloadOutcome>> waited = _current;
        _current = [];
        foreach (Action<ReloadOutcome> tell in waited) tell(outcome);
        OnEnd();
    }
}
