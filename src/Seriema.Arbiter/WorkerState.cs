namespace Seriema.Arbiter;

/// <summary>How far a worker is, as the arbiter sees it.</summary>
internal enum WorkerState
{
    /// <summary>Its process was started; it imports the application.</summary>
    Booting,

    /// <summary>It accepts connections.</summary>
    Ready,

    /// <summary>It is on its way out, whoever wanted that; it counts for nothing any more.</summary>
    Draining,

    /// <summary>Its process has ended and is buried.</summary>
    Gone,
}

/// <summary>Why a worker is on its way out, which decides what its end means.</summary>
internal enum Departure
{
    /// <summary>It is not, so that its end is a crash.</summary>
    None,

    /// <summary>We told it to drain, stop or quit.</summary>
    Asked,

    /// <summary>It said <c>going</c> unasked: somebody sent it SIGTERM.</summary>
    ByItself,

    /// <summary>It said that it could not start; its process has yet to end.</summary>
    Failed,

    /// <summary>It was stuck or talked nonsense, and is being killed.</summary>
    Condemned,
}

/// <summary>Why a worker is to be replaced; the higher one is replaced first.</summary>
internal enum ReplaceMark
{
    None,

    /// <summary>It is of an older generation than the present reload.</summary>
    Reload,

    /// <summary>It has served for too long, uses too much memory, or was started by a reload that failed.</summary>
    Recycle,

    /// <summary>It asked: it is stuck, or has served its number of requests. A stuck one takes no more, so it goes first.</summary>
    Asked,
}

/// <summary>The moves between the states of a worker.</summary>
internal static class WorkerStates
{
    internal static bool CanMove(WorkerState from, WorkerState to) => (from, to) switch
    {
        (WorkerState.Booting, WorkerState.Ready) => true,
        (WorkerState.Booting or WorkerState.Ready, WorkerState.Draining) => true,
        (not WorkerState.Gone, WorkerState.Gone) => true,
        _ => false,
    };
}
