namespace Seriema.Protocol;

/// <summary>A place in the bytes of a message's head, counted from the first byte given to the parser.</summary>
/// <remarks>Offsets, not spans, because the head outlives the call that parsed it and the buffer may move.</remarks>
internal readonly record struct Slice(int Offset, int Length)
{
    internal bool IsEmpty => Length == 0;

    internal int End => Offset + Length;

    internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> head) => head.Slice(Offset, Length);
}
