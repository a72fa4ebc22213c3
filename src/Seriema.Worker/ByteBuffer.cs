using System.Buffers;

namespace Seriema.Worker;

/// <summary>A queue of bytes in one array: written at the end, read from the front. Owns its rented array.</summary>
/// <remarks>Not for two threads at once; who may touch it is said where it is held.</remarks>
/// <param name="initialCapacity">What is rented first.</param>
/// <param name="memory">Where its arrays are counted; null counts them nowhere.</param>
internal sealed class ByteBuffer(int initialCapacity, BufferMemory? memory = null)
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    internal int Length => _end - _start;

    internal bool IsEmpty => _start == _end;

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(_start, _end - _start);

    /// <summary>At least <paramref name="count"/> bytes of room behind what is written.</summary>
    internal Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _end < count) MakeRoom(count);
        return _bytes.AsSpan(_end);
    }

    internal void Advance(int count) => _end += count;

    internal void Consume(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    /// <summary>Forgets what was written after the first <paramref name="length"/> bytes.</summary>
    internal void Truncate(int length) => _end = _start + length;

    internal void Clear() => _start = _end = 0;

    /// <summary>Gives back an array that grew beyond <paramref name="keep"/> bytes, so that one large body does not stay in memory.</summary>
    internal void Trim(int keep)
    {
        Clear();
        if (_bytes.Length > keep) Replace([]);
    }

    private void MakeRoom(int count)
    {
        int length = Length;
        if (_bytes.Length >= length + count && _start >= length)
        {
            // Moving at least as many bytes as it frees: the cost stays linear in what is written.
            Written.CopyTo(_bytes);
        }
        else
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(initialCapacity, Math.Max(2 * length, length + count)));
            Written.CopyTo(larger);
            Replace(larger);
        }
        (_start, _end) = (0, length);
    }

    private void Replace(byte[] bytes)
    {
        memory?.Add(bytes.Length - _bytes.Length);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
