using System.Globalization;
using System.Text;
using Seriema.Protocol;
using Seriema.Transport;
using Seriema.Wsgi;

namespace Seriema.Site.Tests;

/// <summary>A request without a body, given as text, and its response kept as bytes. Reused without allocating.</summary>
internal sealed class TestExchange : WsgiExchange
{
    private static readonly byte[] s_date = [.. "Thu, 01 Jan 2026 00:00:00 GMT"u8];

    private readonly RequestParser _parser = new(new HttpLimits());
    private readonly ResponseWriter _writer = new();
    private readonly byte[] _request;
    private byte[] _wire = new byte[1 << 16];
    private int _length;
    private int _headStart;
    private int _fd = -1;
    private SharedFile? _shared;
    private long _offset;
    private long _left;

    internal TestExchange(string request)
    {
        _request = Encoding.Latin1.GetBytes(request);
        Again();
    }

    /// <summary>Whether it sends a file that is shared, as the server does, or a duplicate of it.</summary>
    internal bool Shares { get; init; } = true;

    /// <summary>A slow client: the file is sent only when <see cref="Drain"/> is called.</summary>
    internal bool IsSlow { get; init; }

    /// <summary>How many bytes the buffer takes, head included.</summary>
    internal int Bound { get; init; } = 1 << 20;

    /// <summary>What a proxy in front says of the request.</summary>
    internal ForwardedHead? Proxy { get; set; }

    internal bool IsCompleted { get; private set; }

    /// <summary>The client sees that the response broke off.</summary>
    internal bool IsBroken { get; private set; }

    internal int SentFiles { get; private set; }

    internal bool IsSending => _fd >= 0 || _shared is not null;

    internal override RequestHead Head { get; } = new();
    internal override ReadOnlySpan<byte> HeadBytes => _request;
    internal override ReadOnlySpan<byte> RemoteAddress => "127.0.0.1"u8;
    internal override ReadOnlySpan<byte> RemotePort => "54321"u8;
    internal override ReadOnlySpan<byte> ServerName => "127.0.0.1"u8;
    internal override ReadOnlySpan<byte> ServerPort => "8000"u8;
    internal override bool IsHttps => false;
    internal override ForwardedHead? Forwarded => Proxy;
    internal override ReadOnlySpan<byte> BufferedBody => default;
    internal override bool IsBodyComplete => true;
    internal override bool BodyAllowed => _writer.BodyAllowed;
    internal override bool SendsPieces => Shares;

    internal void Again()
    {
        _parser.Reset();
        Head.Reset();
        ParseStatus status = _parser.Read(_request, Head, out _);
        if (status != ParseStatus.Done) throw new InvalidOperationException($"The test's request is not valid: {status} {_parser.Reason}");
        IsCompleted = IsBroken = false;
        _length = 0;
    }

    internal override void ConsumeBody(int count) => throw new NotSupportedException();

    internal override BodyResult FillBody() => throw new NotSupportedException();

    internal override void StartHead(int status, ReadOnlySpan<byte> reason)
    {
        if (_length > 0) throw new InvalidOperationException("The head was started twice.");
        _writer.Begin(Head.MinorVersion, Head.IsHead, Head.KeepAlive);
        _headStart = _length;
        _length += _writer.WriteStatusLine(_wire.AsSpan(_length), status, reason);
    }

    internal override FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldVerdict verdict = _writer.WriteField(_wire.AsSpan(_length), name, value, out int written);
        if (verdict != FieldVerdict.Written) throw new InvalidOperationException($"A field is {verdict}.");
        _length += written;
        return verdict;
    }

    internal override void DiscardHead() => _length = _headStart;

    internal override void EndHead(long knownLength) => _length += _writer.EndHead(_wire.AsSpan(_length), knownLength, s_date);

    internal override int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict)
    {
        verdict = WriteVerdict.Ok;
        int room = Math.Min(data.Length, Bound - _length);
        if (room <= 0) return 0;
        verdict = _writer.BeginBody(room, default, out _, out int accepted);
        if (accepted != room) throw new InvalidOperationException("There are more bytes than the head says.");
        Append(data[..room]);
        return room;
    }

    internal override bool Flush() => throw new InvalidOperationException("A static file's response never waits.");

    internal override void SendFile(int fd, long offset, long count)
    {
        if (!_writer.BeginFile(count)) throw new InvalidOperationException("The file does not fit what the head says.");
        SentFiles++;
        (_fd, _offset, _left) = (fd, offset, count);
    }

    internal override void SendFile(SharedFile file, long offset, long count, long following)
    {
        if (!Shares)
        {
            Assert.Equal(0, following);
            base.SendFile(file, offset, count, following);
            return;
        }
        if (!_writer.BeginFile(count + following)) throw new InvalidOperationException("The file does not fit what the head says.");
        SentFiles++;
        (_shared, _offset, _left) = (file, offset, count);
    }

    internal override void Complete()
    {
        if (IsCompleted) throw new InvalidOperationException("The response was ended twice.");
        _writer.Finish(default, out bool isShort);
        IsCompleted = true;
        if (!IsSlow) Drain();
        IsBroken |= isShort;
    }

    internal override void Abort() => throw new InvalidOperationException("A static file's response is never broken off by the site.");

    /// <summary>The client takes all that is left.</summary>
    internal void Drain()
    {
        if (!IsSending) return;
        do Copy();
        while (!IsBroken && _shared is not null && NextPiece());
        if (_fd >= 0) _ = Files.Close(_fd);
        _fd = -1;
        _shared?.Release();
        _shared = null;
    }

    /// <summary>The response's head and body; what came after the Content-Length would be part of the body too.</summary>
    internal SiteResponse Response()
    {
        string wire = Encoding.Latin1.GetString(_wire, 0, _length);
        int end = wire.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string[] lines = wire[..end].Split("\r\n");
        (string, string)[] fields =
            [.. lines.Skip(1).Select(line => (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]))];
        return new SiteResponse(int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture), fields, wire[(end + 4)..]);
    }

    private bool NextPiece()
    {
        if (!_shared!.MoveNext(out ReadOnlySpan<byte> bytes, out _offset, out _left)) return false;
        Append(bytes);
        return true;
    }

    private void Copy()
    {
        int count = (int)_left;
        Grow(count);
        int read = Files.ReadAll(_shared?.Descriptor ?? _fd, _wire.AsSpan(_length, count), _offset);
        if (read < count) IsBroken = true; // the server closes, as it does when sendfile finds the end too early
        _length += Math.Max(read, 0);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        bytes.CopyTo(_wire.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Grow(int count)
    {
        if (_length + count > _wire.Length) Array.Resize(ref _wire, 2 * (_length + count));
    }
}

/// <summary>A response taken apart; the body in Latin-1.</summary>
internal sealed record SiteResponse(int Status, IReadOnlyList<(string Name, string Value)> Fields, string Body)
{
    internal string? this[string name] => Fields.SingleOrDefault(field => field.Name == name).Value;
}
