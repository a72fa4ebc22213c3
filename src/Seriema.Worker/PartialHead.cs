namespace Seriema.Worker;

/// <summary>The beginning of a request head, kept by a connection that holds no exchange for it.</summary>
/// <remarks>
/// An exchange has some 10 KiB, and thousands of clients may each have sent a few bytes. The loop's own. Mutable: it is
/// kept in a field and never copied.
/// </remarks>
internal struct PartialHead
{
    /// <summary>Longer ones keep their exchange: each piece that comes is parsed with all that came before it.</summary>
    internal const int MaxLength = 1024;

    private const int Step = 128; // so that a head that drips in does not need an array for each byte

    private byte[]? _bytes;
    private int _length;

    internal readonly bool IsEmpty => _length == 0;

    internal void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _bytes.Length < bytes.Length) _bytes = new byte[(bytes.Length + Step - 1) / Step * Step];
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
    }

    /// <summary>Moves it to where the rest is received.</summary>
    internal void MoveTo(RequestInput input)
    {
        if (_length == 0) return;
        _bytes.AsSpan(0, _length).CopyTo(input.FreeSpace());
        input.Received(_length);
        _length = 0;
    }

    /// <summary>The head is whole: nothing more is to be kept.</summary>
    internal void Clear() => this = default;
}
