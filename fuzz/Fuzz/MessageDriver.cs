using Seriema.Protocol;

namespace Fuzz;

/// <summary>Feeds bytes to a parser and a body reader as a connection does; nothing is allocated.</summary>
internal sealed class MessageDriver
{
    private readonly HttpLimits _limits;
    private readonly RequestParser _parser;
    private readonly BodyReader _bodyReader;
    private readonly RequestHead _head = new();
    private readonly byte[] _output = new byte[FuzzInput.Capacity];
    private Digest _digest;
    private Digest _bodies;
    private Arrival _arrival;
    private int _start; // of the current message
    private int _at; // the next byte of its body
    private bool _inBody;

    internal MessageDriver(HttpLimits limits)
    {
        _limits = limits;
        _parser = new RequestParser(limits);
        _bodyReader = new BodyReader(limits);
    }

    /// <summary>Requests that were whole and right in the last run.</summary>
    internal int Accepted { get; private set; }

    internal bool Rejected { get; private set; }

    /// <summary>A hash of their bodies.</summary>
    internal ulong Bodies => _bodies.Value;

    /// <returns>The same number for the same verdicts.</returns>
    internal ulong Run(ReadOnlySpan<byte> bytes, Arrival arrival)
    {
        Begin(arrival);
        uint steps = (uint)bytes.Length;
        int end = 0;
        while (end < bytes.Length)
        {
            steps = (steps * 1664525) + 1013904223;
            int step = arrival switch { Arrival.Whole => bytes.Length, Arrival.ByteByByte => 1, _ => 1 + (int)(steps >> 28) };
            end = Math.Min(bytes.Length, end + step);
            while (_start < end)
            {
                ParseStatus status = _inBody ? ReadBody(bytes[..end]) : ReadHead(bytes[..end]);
                if (status == ParseStatus.NeedMore) break;
                if (status == ParseStatus.Rejected) return _digest.Value;
            }
        }
        _digest.Add(_inBody || _start < bytes.Length);
        return _digest.Value;
    }

    private void Begin(Arrival arrival)
    {
        _arrival = arrival;
        _digest = new Digest();
        _bodies = new Digest();
        _start = _at = Accepted = 0;
        _inBody = Rejected = false;
        _parser.Reset();
    }

    private ParseStatus ReadHead(ReadOnlySpan<byte> received)
    {
        ReadOnlySpan<byte> input = received[_start..];
        ParseStatus status = _parser.Read(input, _head, out int consumed);
        if (status != ParseStatus.Done)
        {
            Finding.Unless(consumed == 0, "Bytes of a head that is not whole are consumed.");
            if (status == ParseStatus.Rejected) Reject(_parser.Reason);
            return status;
        }
        if (_arrival == Arrival.Whole) HeadRulebook.Check(input[..consumed], _head, _limits);
        AddHead();
        _at = _start + consumed;
        _inBody = true;
        _bodyReader.Start(_head);
        return ReadBody(received);
    }

    private ParseStatus ReadBody(ReadOnlySpan<byte> received)
    {
        Span<byte> output = _arrival == Arrival.ByteByByte ? _output.AsSpan(0, 1) : _output;
        while (true)
        {
            ReadOnlySpan<byte> input = received[_at..];
            ParseStatus status = _bodyReader.Read(input, output, out int consumed, out int written);
            Finding.Unless(written <= consumed, "More of a body is written than was read.");
            _digest.Add(output[..written]);
            _bodies.Add(output[..written]);
            _at += consumed;
            if (status == ParseStatus.Rejected)
            {
                Reject(_bodyReader.Reason);
                return status;
            }
            if (status == ParseStatus.Done)
            {
                Finding.Unless(_bodyReader.IsComplete && _bodyReader.Remaining == 0, "A body is done and not complete.");
                _digest.Add(_bodyReader.Received);
                _start = _at;
                _inBody = false;
                Accepted++;
                return status;
            }
            Finding.Unless(written == output.Length || consumed == input.Length, "More is needed with input and room left.");
            if (_at == received.Length && written < output.Length) return status;
        }
    }

    private void Reject(RejectReason reason)
    {
        Finding.Unless(reason != RejectReason.None, "A rejection has no reason.");
        Rejected = true;
        _digest.Add((long)reason);
    }

    private void AddHead()
    {
        Add(_head.Method);
        Add(_head.Target);
        Add(_head.Path);
        Add(_head.Query);
        Add(_head.Host);
        _digest.Add((long)_head.Form);
        _digest.Add(_head.MinorVersion);
        _digest.Add(_head.ContentLength);
        _digest.Add(_head.HasQuery);
        _digest.Add(_head.IsHttpsTarget);
        _digest.Add(_head.IsChunked);
        _digest.Add(_head.KeepAlive);
        _digest.Add(_head.ExpectContinue);
        foreach (ref readonly Field field in _head.Fields)
        {
            Add(field.Name);
            Add(field.Value);
            _digest.Add((long)field.Known);
        }
    }

    private void Add(Slice slice) => _digest.Add(((long)slice.Offset << 32) | (uint)slice.Length);
}
