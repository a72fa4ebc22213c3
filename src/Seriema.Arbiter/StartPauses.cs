namespace Seriema.Arbiter;

/// <summary>All that may hold back the start of a worker. Arbiter thread only.</summary>
internal sealed class StartPauses
{
    /// <summary>After a worker died while it started and none has ever served: short, because somebody waits for the answer.</summary>
    internal RestartDelay First { get; } = new(first: 100, longest: 10_000);

    /// <summary>After a worker did not start although some have before.</summary>
    internal RestartDelay Boot { get; } = new(first: 500, longest: 30_000);

    /// <summary>After several in a row that crashed as soon as they served.</summary>
    internal RestartDelay Crash { get; } = new(first: 500, longest: 30_000);

    internal bool AreOver(long now) => First.IsOver(now) && Boot.IsOver(now) && Crash.IsOver(now);

    /// <summary>New code: the pauses were for the old.</summary>
    internal void Reset()
    {
        First.Reset();
        Boot.Reset();
        Crash.Reset();
    }
}
