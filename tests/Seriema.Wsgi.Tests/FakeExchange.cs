using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Seriema.Protocol;

namespace Seriema.Wsgi.Tests;

/// <summary>An exchange in memory: a request given as bytes, a response kept as bytes. Reused without allocating.</summary>
internal class FakeExchange : WsgiExchange
{
    private static readonly byte[] s_date = [.. "Thu, 01 Jan 1970 00:00:00 GMT"u8];

    private readonly RequestParser _parser = new(new HttpLimits());
    private readonly ResponseWriter _writer = new();
    private readonly byte[] _buffer = new byte[1 << 20];
    private byte[] _wire = new byte[1 << 16];
    private ForwardedHead? _forwarded;
    private int _sent;
    private byte[] _request = [];
    private byte[] _remoteAddress = [.. "127.0.0.1"u8];
    private byte[][] _pieces = [];
    private int _nextPiece;
    private byte[] _body = [];
    private int _bodyStart;
    private int _bodyEnd;
    private int _headEnd; // where the head's fields start to be written again
    private int _length; // bytes in the buffer, not flushed
    private bool _isStarted;

    internal FakeExchange(string request = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n") => Request(request);

    /// <summary>How many bytes of response the buffer takes before it is full.</summary>
    internal int Bound { get; init; } = 1 << 20;

    /// <summary>How FillBody ends once the pieces are used up; Ok means that the body is complete.</summary>
    internal BodyResult BodyEnd { get; init; } = BodyResult.Ok;

    /// <summary>The client leaves after this many flushes.</summary>
    internal int FlushesUntilGone { get; set; } = int.MaxValue;

    internal bool Https { get; set; }

    /// <summary>Makes the peer a proxy that sets these fields, for the requests from now on.</summary>
    internal ForwardedPolicy? Policy
    {
        set => _forwarded = value is null ? null : new ForwardedHead(value);
    }

    internal bool IsCompleted { get; private set; }

    internal bool IsAborted { get; private set; }

    internal int Flushes { get; private set; }

    /// <summary>What had been sent at each flush.</summary>
    internal List<string> Sent { get; } = [];

    internal Action? OnFlush { get; set; }

    internal Action? OnFill { get; set; }

    internal override RequestHead Head { get; } = new();
    internal override ReadOnlySpan<byte> HeadBytes => _request;
    internal override ReadOnlySpan<byte> RemoteAddress => _forwarded is { HasClient: true } ? _forwarded.Address : _remoteAddress;
    internal override ReadOnlySpan<byte> RemotePort => "54321"u8;
    internal override ReadOnlySpan<byte> ServerName => "127.0.0.1"u8;
    internal override ReadOnlySpan<byte> ServerPort => "8000"u8;
    internal override bool IsHttps => _forwarded?.IsHttps ?? Https;
    internal override ForwardedHead? Forwarded => _forwarded;
    internal override ReadOnlySpan<byte> BufferedBody => _body.AsSpan(_bodyStart, _bodyEnd - _bodyStart);
    internal override bool IsBodyComplete => _nextPiece == _pieces.Length && BodyEnd == BodyResult.Ok;
    internal override bool BodyAllowed => _writer.BodyAllowed;

    /// <summary>The head in Latin-1; the pieces of the body come one at each FillBody, the first is there already.</summary>
    internal void Request(string head, params string[] pieces)
    {
        _request = Encoding.Latin1.GetBytes(head);
        _pieces = [.. pieces.Select(Encoding.Latin1.GetBytes)];
        Again();
    }

    internal void RemoteIs(string address) => _remoteAddress = Encoding.Latin1.GetBytes(address);

    /// <summary>The same request once more, without allocating.</summary>
    internal void Again()
    {
        _parser.Reset();
        Head.Reset();
        ParseStatus status = _parser.Read(_request, Head, out _);
        if (status != ParseStatus.Done) throw new InvalidOperationException($"The test's request is not valid: {status} {_parser.Reason}");
        if (_forwarded?.Read(Head, _request) == false) throw new InvalidOperationException("What the test's proxy says is malformed.");
        IsCompleted = IsAborted = _isStarted = false;
        _nextPiece = _bodyStart = _bodyEnd = _length = Flushes = 0;
        if (_pieces.Length > 0) NextPiece();
        _sent = 0;
    }

    internal override void ConsumeBody(int count) => _bodyStart += count;

    internal override BodyResult FillBody()
    {
        OnFill?.Invoke();
        if (_nextPiece == _pieces.Length) return BodyEnd;
        NextPiece();
        return BodyResult.Ok;
    }

    internal override void StartHead(int status, ReadOnlySpan<byte> reason)
    {
        if (_isStarted) throw new InvalidOperationException("The head was started twice.");
        _isStarted = true;
        _writer.Begin(Head.MinorVersion, Head.IsHead, Head.KeepAlive);
        _headEnd = _length;
        _length += _writer.WriteStatusLine(_buffer.AsSpan(_length), status, reason);
    }

    internal override FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldVerdict verdict = _writer.WriteField(_buffer.AsSpan(_length), name, value, out int written);
        _length += written;
        return verdict;
    }

    internal override void DiscardHead()
    {
        if (_isStarted) _length = _headEnd;
        _isStarted = false;
    }

    internal override void EndHead(long knownLength) => _length += _writer.EndHead(_buffer.AsSpan(_length), knownLength, s_date);

    internal override int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict)
    {
        verdict = WriteVerdict.Ok;
        int room = Math.Min(data.Length, Bound - _length);
        if (room <= 0) return 0;
        verdict = _writer.BeginBody(room, _buffer.AsSpan(_length), out int headBytes, out int accepted);
        _length += headBytes;
        data[..accepted].CopyTo(_buffer.AsSpan(_length));
        _length += accepted;
        _length += _writer.EndChunk(_buffer.AsSpan(_length));
        return room;
    }

    internal override bool Flush()
    {
        OnFlush?.Invoke();
        if (Flushes++ >= FlushesUntilGone) return false;
        Sent.Add(Encoding.Latin1.GetString(_buffer, 0, _length));
        Send();
        return true;
    }

    internal override void SendFile(int fd, long offset, long count)
    {
        using var file = new SafeFileHandle(fd, ownsHandle: true);
        byte[] data = new byte[count];
        int read = RandomAccess.Read(file, data, offset);
        SentFiles++;
        for (int at = 0; at < read;)
        {
            int taken = Write(data.AsSpan(at, read - at), out _);
            if (taken == 0) Send();
            at += taken;
        }
    }

    internal int SentFiles { get; private set; }

    internal override void Complete()
    {
        EndOnce();
        _length += _writer.Finish(_buffer.AsSpan(_length), out bool isShort);
        IsShort = isShort;
        Send();
        IsCompleted = true;
    }

    internal bool IsShort { get; private set; }

    internal override void Abort()
    {
        EndOnce();
        Send();
        IsAborted = true;
    }

    /// <summary>The response's head and, decoded from its framing, body.</summary>
    internal FakeResponse Response() => FakeResponse.Parse(Encoding.Latin1.GetString(_wire, 0, _sent));

    private void EndOnce()
    {
        if (IsCompleted || IsAborted) throw new InvalidOperationException("The response was ended twice.");
    }

    private void Send()
    {
        if (_sent + _length > _wire.Length) Array.Resize(ref _wire, 2 * (_sent + _length));
        _buffer.AsSpan(0, _length).CopyTo(_wire.AsSpan(_sent));
        _sent += _length;
        _length = 0;
    }

    private void NextPiece()
    {
        // What was not consumed stays in front, as in a real buffer.
        byte[] rest = BufferedBody.ToArray();
        _body = rest.Length == 0 ? _pieces[_nextPiece] : [.. rest, .. _pieces[_nextPiece]];
        _bodyStart = 0;
        _bodyEnd = _body.Length;
        _nextPiece++;
    }
}

/// <summary>A response taken apart.</summary>
internal sealed record FakeResponse(int Status, string Reason, IReadOnlyList<(string Name, string Value)> Fields, string Body, bool IsEnded)
{
    internal string? this[string name] =>
        Fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    internal static FakeResponse Parse(string wire)
    {
        int end = wire.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return new FakeResponse(0, "", [], wire, false);
        string[] lines = wire[..end].Split("\r\n");
        (string, string)[] fields =
            [.. lines.Skip(1).Select(line => (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].Trim()))];
        var response = new FakeResponse(int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture), lines[0][13..], fields, "", true);
        string body = wire[(end + 4)..];
        if (response["Transfer-Encoding"] != "chunked") return response with { Body = body };
        var decoded = new StringBuilder();
        while (true)
        {
            int eol = body.IndexOf("\r\n", StringComparison.Ordinal);
            if (eol < 0) return response with { Body = decoded.ToString(), IsEnded = false };
            int size = int.Parse(body.AsSpan(0, eol), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return response with { Body = decoded.ToString(), IsEnded = body[eol..] == "\r\n\r\n" };
            decoded.Append(body, eol + 2, size);
            body = body[(eol + 2 + size + 2)..];
        }
    }
}
