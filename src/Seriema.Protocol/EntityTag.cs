namespace Seriema.Protocol;

/// <summary>An entity tag, RFC 9110 §8.8.3: <c>"xyzzy"</c> or <c>W/"xyzzy"</c>.</summary>
internal readonly ref struct EntityTag
{
    private EntityTag(bool isWeak, ReadOnlySpan<byte> opaque)
    {
        IsWeak = isWeak;
        Opaque = opaque;
    }

    internal bool IsWeak { get; }

    /// <summary>The opaque-tag with its quotes; empty for no tag, which equals nothing.</summary>
    internal ReadOnlySpan<byte> Opaque { get; }

    /// <summary>Reads one whole tag; false when anything else stands in the text.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out EntityTag tag)
    {
        ReadOnlySpan<byte> rest = text;
        if (TryRead(ref rest, out tag) && rest.IsEmpty) return true;
        tag = default;
        return false;
    }

    /// <summary>Takes a tag off the front of the text; false, and nothing is taken, when there is none.</summary>
    internal static bool TryRead(scoped ref ReadOnlySpan<byte> text, out EntityTag tag)
    {
        tag = default;
        bool isWeak = text.StartsWith("W/"u8); // §8.8.3: case-sensitive
        ReadOnlySpan<byte> quoted = isWeak ? text[2..] : text;
        if (quoted is not [(byte)'"', ..]) return false;
        int length = 1 + quoted[1..].IndexOf((byte)'"');
        if (length == 0) return false;
        // etagc: no controls, no space. A backslash escapes nothing.
        foreach (byte b in quoted[1..length])
        {
            if (b is <= Grammar.Sp or 0x7F) return false;
        }
        tag = new EntityTag(isWeak, quoted[..(length + 1)]);
        text = quoted[(length + 1)..];
        return true;
    }

    /// <summary>The strong comparison of RFC 9110 §8.8.3.2: neither is weak.</summary>
    internal bool EqualsStrongly(EntityTag other) => !IsWeak && !other.IsWeak && EqualsWeakly(other);

    /// <summary>The weak comparison of RFC 9110 §8.8.3.2.</summary>
    internal bool EqualsWeakly(EntityTag other) => !Opaque.IsEmpty && Opaque.SequenceEqual(other.Opaque);
}
