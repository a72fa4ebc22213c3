namespace Seriema.Arbiter;

/// <summary>A pause before the next start that doubles with each failure in a row. Arbiter thread only.</summary>
/// <remarks>
/// Workers started together fail together. Those that fail during a pause that runs already belong to the failure that
/// began it: they count, but do not make it longer.
/// </remarks>
internal sealed class RestartDelay
{
    private readonly long _first;
    private readonly long _longest;
    private long _next;

    /// <param name="first">Milliseconds after the first failure.</param>
    /// <param name="longest">The bound of the doubling.</param>
    internal RestartDelay(long first, long longest) => (_first, _longest, _next) = (first, longest, first);

    /// <summary>Failures since the last success.</summary>
    internal int Failures { get; private set; }

    /// <summary>Nothing is started before.</summary>
    internal long NotBefore { get; private set; }

    internal bool IsOver(long now) => now >= NotBefore;

    internal void Failed(long now)
    {
        Failures++;
        if (!IsOver(now)) return;
        NotBefore = now + _next;
        _next = Math.Min(_next * 2, _longest);
    }

    internal void Reset()
    {
        Failures = 0;
        NotBefore = 0;
        _next = _first;
    }
}
