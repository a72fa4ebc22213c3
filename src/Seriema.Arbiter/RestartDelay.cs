namespace Seriema.Arbiter;

/// <summary>A pause before the next start that doubles with each failure in a row. Arbiter thread only.</summary>
/// <remarks>
/// Workers started together fail together. Those that fail during a pause that runs already belong to the failure that
/// began it: they count, but do not make it longer.
/// </remarks>
internal sealed class RestartDelay(long first, long longest)
{
    private long _next = first;

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
        _next = Math.Min(_next * 2, longest);
    }

    internal void Reset()
    {
        Failures = 0;
        NotBefore = 0;
        _next = first;
    }
}
