using System.Diagnostics;

namespace Seriema.Protocol;

/// <summary>
/// Reads one request body after another: by Content-Length, or chunked with a trailer section (RFC 9112 §6, §7.1).
/// </summary>
/// <remarks>
/// Any one thread at a time. It never asks for a byte twice: NeedMore means that all input is used, or that the output
/// is full. This object remembers where it is inside a framing line, so a slow drip costs no more than one piece.
/// Trailers are checked as fields and dropped: nothing in a WSGI environ can hold what comes after the body.
/// </remarks>
internal sealed class BodyReader(HttpLimits limits)
{
    private enum State : byte
    {
        Complete,
        Rejected,
        Length, // Content-Length: _left bytes of data
        Data, // chunked: _left bytes of data
        Framing, // chunked: between two pieces of data
    }

    private readonly ChunkFraming _framing = new(limits);
    private State _state;
    private long _left;

    internal bool IsComplete => _state == State.Complete;

    /// <summary>Why the last Read answered Rejected.</summary>
    internal RejectReason Reason { get; private set; }

    /// <summary>Bytes of body written so far.</summary>
    internal long Received { get; private set; }

    /// <summary>Bytes of body still to come; -1 when chunked, where nobody knows.</summary>
    internal long Remaining => _state switch
    {
        State.Length => _left,
        State.Data or State.Framing => -1,
        _ => 0,
    };

    internal void Start(RequestHead head)
    {
        Reason = RejectReason.None;
        Received = 0;
        _left = head.IsChunked ? 0 : Math.Max(head.ContentLength, 0);
        _state = head.IsChunked ? State.Framing : _left > 0 ? State.Length : State.Complete;
        _framing.Reset();
    }

    /// <summary>Decodes; the output may start at the input or before it, for it never gets ahead.</summary>
    internal ParseStatus Read(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = written = 0;
        while (true)
        {
            switch (_state)
            {
                case State.Complete: return ParseStatus.Done;
                case State.Rejected: return ParseStatus.Rejected;
                case State.Length or State.Data:
                    int count = Copy(input[consumed..], output[written..]);
                    if (count == 0) return ParseStatus.NeedMore;
                    consumed += count;
                    written += count;
                    break;
                case State.Framing:
                    if (consumed == input.Length) return ParseStatus.NeedMore;
                    consumed += ReadFraming(input[consumed..]);
                    break;
            }
        }
    }

    private int Copy(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int count = (int)Math.Min(_left, Math.Min(input.Length, output.Length));
        input[..count].CopyTo(output); // moves correctly when the two overlap
        Received += count;
        _left -= count;
        if (_left == 0) _state = _state == State.Length ? State.Complete : State.Framing;
        Debug.Assert(_left >= 0 && count >= 0);
        return count;
    }

    private int ReadFraming(ReadOnlySpan<byte> input)
    {
        switch (_framing.Read(input, out int used))
        {
            case ParseStatus.Rejected: Reject(_framing.Reason); break;
            case ParseStatus.Done when _framing.ChunkSize == 0: _state = State.Complete; break;
            case ParseStatus.Done when limits.Body > 0 && _framing.ChunkSize > limits.Body - Received:
                Reject(RejectReason.BodyTooLarge);
                break;
            case ParseStatus.Done:
                _left = _framing.ChunkSize;
                _state = State.Data;
                break;
        }
        return used;
    }

    private void Reject(RejectReason reason)
    {
        Reason = reason;
        _state = State.Rejected;
    }
}
