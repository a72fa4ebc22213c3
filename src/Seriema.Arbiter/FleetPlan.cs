namespace Seriema.Arbiter;

/// <summary>What <see cref="FleetPlan"/> wants done next.</summary>
internal enum FleetMove
{
    /// <summary>All is as it should be, or a worker that boots has to be waited for.</summary>
    None,

    /// <summary>One more worker.</summary>
    Start,

    /// <summary>A worker that serves leaves.</summary>
    Drain,

    /// <summary>A worker that boots is not needed any more.</summary>
    Drop,
}

/// <summary>Decides which worker is started or leaves next. Pure: looks at the workers, does nothing.</summary>
/// <remarks>
/// The one rule behind all replacing: as many as wanted are ready before one leaves, so one more is started first, and
/// only one. A reload, recycling, and a stuck worker are all the same to it; they differ in who leaves first.
/// </remarks>
internal static class FleetPlan
{
    internal static FleetMove Next(IReadOnlyList<WorkerHandle> workers, int wanted, out WorkerHandle? who)
    {
        int booting = workers.Count(worker => worker.State == WorkerState.Booting);
        int ready = workers.Count(worker => worker.State == WorkerState.Ready);
        WorkerHandle? marked = FirstToGo(workers.Where(worker => worker.Mark != ReplaceMark.None));
        who = null;

        if (booting + ready < wanted) return FleetMove.Start;
        if (ready > wanted)
        {
            who = marked ?? FirstToGo(workers);
            return FleetMove.Drain;
        }
        // Nobody waits for it: fewer are wanted than were, or whom it was to replace is gone.
        if (booting > 0 && booting + ready > wanted && (marked is null || wanted == 0))
        {
            who = workers.Last(worker => worker.State == WorkerState.Booting);
            return FleetMove.Drop;
        }
        return marked is not null && booting == 0 ? FleetMove.Start : FleetMove.None;
    }

    /// <summary>The strongest reason first, then the oldest.</summary>
    private static WorkerHandle? FirstToGo(IEnumerable<WorkerHandle> workers) =>
        workers.Where(worker => worker.State == WorkerState.Ready).OrderByDescending(worker => worker.Mark).ThenBy(worker => worker.Id)
            .FirstOrDefault();
}
