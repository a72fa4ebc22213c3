using System.Buffers;

namespace Seriema.Worker;

/// <summary>What a connection has received: the head of the present request, kept in place, and the bytes behind it.</summary>
/// <remarks>
/// The head must stay in one piece for as long as the request runs, because its fields are slices of it. Owns its
/// rented array. Used by whoever owns the connection's request: the loop, then the application thread.
/// </remarks>
/// <param name="memory">Where its array is counted; null counts it nowhere.</param>
internal sealed class RequestInput(BufferMemory? memory = null)
{
    // A browser's request with cookies is 1-2 KiB; what does not fit doubles the array.
    private const int InitialCapacity = 8192;

    // A body passes through here in pieces; larger ones cost fewer system calls.
    private const int BodyWindow = 65536;

    private byte[] _bytes = RentFirst(memory);
    private int _head; // length of the head; 0 while it is being received
    private int _next; // first byte that nobody has consumed
    private int _end;
    private int _window; // how large the room behind the head may become for a client that fills it

    internal ReadOnlySpan<byte> Head => _bytes.AsSpan(0, _head);

    internal ReadOnlySpan<byte> Unread => _bytes.AsSpan(_next, _end - _next);

    internal int UnreadLength => _end - _next;

    /// <summary>Room to receive into; never empty.</summary>
    internal Span<byte> FreeSpace()
    {
        if (_next == _end)
        {
            bool mayGrow = _end == _bytes.Length && _bytes.Length < _window && memory is not { IsShort: true };
            if (mayGrow) MakeRoom(_window - _head); // it fills what it is given
            _next = _end = _head;
        }
        if (_end == _bytes.Length) MakeRoom(_bytes.Length);
        return _bytes.AsSpan(_end);
    }

    internal void Received(int count) => _end += count;

    /// <summary>The first <paramref name="length"/> bytes are a whole head.</summary>
    internal void HeadDone(int length) => _head = _next = length;

    internal void Consume(int count) => _next += count;

    /// <summary>Lets the room behind the head grow for a body that comes in many pieces, once it comes fast.</summary>
    internal void ExpectBody() => _window = BodyWindow;

    /// <summary>The byte of the body that was consumed last, and a few that came with it; empty before the body.</summary>
    internal ReadOnlySpan<byte> LastOfBody(int count) =>
        _next > _head ? _bytes.AsSpan(_next - 1, Math.Min(count, _end - _next + 1)) : default;

    /// <summary>Forgets the present request; bytes of the next one move to the front.</summary>
    internal void NextRequest()
    {
        int unread = UnreadLength;
        if (unread > 0) Unread.CopyTo(_bytes);
        (_head, _next, _end, _window) = (0, 0, unread, 0);
    }

    /// <summary>Forgets everything; an array that grew goes back.</summary>
    internal void Clear()
    {
        (_head, _next, _end, _window) = (0, 0, 0, 0);
        if (_bytes.Length > 2 * InitialCapacity) Replace(ArrayPool<byte>.Shared.Rent(InitialCapacity));
    }

    /// <summary>Gives back the room that it grew by, where nothing unread is in it.</summary>
    internal void Shrink()
    {
        if (UnreadLength > 0 || _bytes.Length <= 2 * InitialCapacity || _head > InitialCapacity) return;
        byte[] smaller = ArrayPool<byte>.Shared.Rent(InitialCapacity);
        Head.CopyTo(smaller);
        Replace(smaller);
        _next = _end = _head;
    }

    /// <summary>Gives the array back: it is not used any more.</summary>
    internal void Release()
    {
        Replace([]);
        (_head, _next, _end) = (0, 0, 0);
    }

    private void MakeRoom(int more)
    {
        int unread = UnreadLength;
        byte[] larger = ArrayPool<byte>.Shared.Rent(_head + unread + more);
        Head.CopyTo(larger);
        Unread.CopyTo(larger.AsSpan(_head));
        Replace(larger);
        (_next, _end) = (_head, _head + unread);
    }

    private void Replace(byte[] bytes)
    {
        memory?.Add(bytes.Length - _bytes.Length);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }

    private static byte[] RentFirst(BufferMemory? memory)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(InitialCapacity);
        memory?.Add(bytes.Length);
        return bytes;
    }
}
