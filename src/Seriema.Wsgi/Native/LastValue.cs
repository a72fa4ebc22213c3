using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>The str of the bytes that were asked for last: most clients of a server send the same few values.</summary>
/// <remarks>The GIL is held. Bounded: one value of at most <see cref="MaxLength"/> bytes.</remarks>
internal struct LastValue
{
    // Longer values (cookies, tokens) differ from client to client, and their bytes need not be kept.
    private const int MaxLength = 256;

    private byte[]? _bytes;
    private int _length;
    private PyRef _str;

    internal static bool CanHold(ReadOnlySpan<byte> value) => value.Length <= MaxLength;

    /// <summary>Borrowed until the next call.</summary>
    /// <param name="value">At most <see cref="MaxLength"/> bytes.</param>
    internal PyBorrowed Of(ReadOnlySpan<byte> value)
    {
        if (IsLast(value)) return _str;
        PyOwned made = PyStrings.FromLatin1(value).OrThrow();
        _bytes ??= new byte[MaxLength];
        value.CopyTo(_bytes);
        _length = value.Length;
        _str.Set(made.Steal());
        return _str;
    }

    internal readonly bool IsLast(ReadOnlySpan<byte> value) =>
        _bytes is not null && value.SequenceEqual(_bytes.AsSpan(0, _length));

    internal void Clear()
    {
        _str.Clear();
        _bytes = null;
    }
}
