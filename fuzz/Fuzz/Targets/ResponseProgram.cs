namespace Fuzz.Targets;

/// <summary>
/// A response as bytes: flags, status in two, the reason, a count of fields, names and values, the body. Each text has
/// its length in a byte before it; what the input lacks is empty.
/// </summary>
internal ref struct ResponseProgram
{
    private ReadOnlySpan<byte> _rest;

    internal ResponseProgram(ReadOnlySpan<byte> bytes)
    {
        _rest = bytes;
        int flags = NextCount();
        IsHttp10 = (flags & 1) != 0;
        IsHead = (flags & 6) == 6;
        KeepAlive = (flags & 24) != 0;
        ClosesAfter = (flags & 96) == 96;
        KnowsLength = (flags & 128) != 0;
        Status = NextCount() | (NextCount() << 8);
    }

    internal bool IsHttp10 { get; }

    internal bool IsHead { get; }

    internal bool KeepAlive { get; }

    internal bool ClosesAfter { get; }

    internal bool KnowsLength { get; }

    internal int Status { get; }

    internal readonly ReadOnlySpan<byte> Rest => _rest;

    internal int NextCount()
    {
        if (_rest.IsEmpty) return 0;
        byte count = _rest[0];
        _rest = _rest[1..];
        return count;
    }

    internal ReadOnlySpan<byte> NextText()
    {
        int length = Math.Min(NextCount(), _rest.Length);
        ReadOnlySpan<byte> text = _rest[..length];
        _rest = _rest[length..];
        return text;
    }
}
