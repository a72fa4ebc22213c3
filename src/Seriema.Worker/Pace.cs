namespace Seriema.Worker;

/// <summary>Whether a client moves a least number of bytes in each span of time, and never stands still for a whole one.</summary>
/// <remarks>
/// An average over a long span forgives a line that stalls for a while and then hurries; one since the beginning would let
/// who sent much at first keep the connection for hours. Mutable: it is kept in a field and never copied. The clock is the
/// caller's: one that stands while nobody waits for the client will do.
/// </remarks>
/// <param name="span">Milliseconds.</param>
/// <param name="rate">Bytes a second; 0 asks only that something moves.</param>
internal struct Pace(int span, long rate)
{
    private readonly long _least = (long)(rate * (span / 1000.0));
    private long _spanEnd;
    private long _stallEnd;
    private long _from; // what had moved when the span began
    private long _fromBefore; // when the one before it began, if there was one
    private bool _hasBefore;
    private long _seen; // what had moved at the last look

    /// <summary>When <see cref="IsKept"/> is to be asked.</summary>
    internal readonly long Due => _least == 0 ? _stallEnd : Math.Min(_spanEnd, _stallEnd);

    /// <summary>From now on the server waits for the client.</summary>
    /// <param name="now">Milliseconds that only grow.</param>
    /// <param name="moved">Bytes that have moved so far; only differences count.</param>
    internal void Begin(long now, long moved)
    {
        _spanEnd = _stallEnd = now + span;
        _from = _seen = moved;
    }

    /// <summary>Something moved, if only a part of the framing.</summary>
    internal void OnMoved(long now) => _stallEnd = now + span;

    /// <summary>Bytes in a millisecond, of the present span and, while that is young, of the one before.</summary>
    internal readonly double Rate(long now, long moved)
    {
        long age = now - (_spanEnd - span);
        return _hasBefore && age < span / 4
            ? (moved - _fromBefore) / (double)Math.Max(age + span, 1)
            : (moved - _from) / (double)Math.Max(age, 1);
    }

    /// <summary>False when the client has been too slow; else the next span may have begun.</summary>
    internal bool IsKept(long now, long moved)
    {
        if (moved > _seen) (_seen, _stallEnd) = (moved, Math.Max(_stallEnd, now + span));
        if (now >= _stallEnd) return false;
        if (_least == 0 || now < _spanEnd) return true;
        if (moved - _from < _least) return false;
        (_fromBefore, _hasBefore) = (_from, true);
        (_from, _spanEnd) = (moved, now + span);
        return true;
    }
}
