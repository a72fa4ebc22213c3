namespace Seriema.Worker;

/// <summary>How long the loop waits for a client: until a moment, or for as long as the client keeps a pace.</summary>
/// <remarks>Mutable: it is kept in a field and never copied. For the connection's owner, or under its lock.</remarks>
internal struct Patience
{
    private Pace _pace;
    private long _began;

    /// <summary>When the loop is to look, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long End { get; private set; }

    internal void For(int milliseconds) => End = ServerClock.Now + milliseconds;

    internal void AtMost(int milliseconds) => End = Math.Min(End, ServerClock.Now + milliseconds);

    /// <summary>It is not the client that is waited for.</summary>
    internal void Suspend() => End = long.MaxValue;

    /// <summary>From here on something is to move, in each <paramref name="span"/> of milliseconds at this rate.</summary>
    /// <param name="span">Milliseconds.</param>
    /// <param name="rate">Bytes a second.</param>
    /// <param name="moved">Bytes that have moved so far; only differences count.</param>
    /// <param name="look">When to look first, in milliseconds, if that is before the span's end.</param>
    internal void Keep(int span, long rate, long moved, int look = int.MaxValue)
    {
        _pace = new Pace(span, rate);
        _began = ServerClock.Now;
        _pace.Begin(_began, moved);
        End = Math.Min(_pace.Due, _began + look);
    }

    /// <summary>Something has moved, if only a part of the framing.</summary>
    internal void OnMoved()
    {
        _pace.OnMoved(ServerClock.Now);
        End = _pace.Due;
    }

    /// <summary>For how long, in milliseconds, the client has been asked to move something.</summary>
    internal readonly long Age(long now) => now - _began;

    /// <summary>Bytes that it moves in each of them, of late.</summary>
    internal readonly double Rate(long now, long moved) => _pace.Rate(now, moved);

    /// <summary>At the end: whether the client may go on. Not without <see cref="Keep"/>.</summary>
    internal bool IsKept(long moved)
    {
        bool isKept = _pace.IsKept(ServerClock.Now, moved);
        if (isKept) End = _pace.Due;
        return isKept;
    }
}
