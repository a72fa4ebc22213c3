using Seriema.Protocol;
using Seriema.Wsgi;

namespace Microbench;

/// <summary>A GET in memory, given to the gateway again and again; its response goes into one buffer.</summary>
internal sealed class MemoryExchange : WsgiExchange
{
    private readonly byte[] _request;
    private readonly byte[] _response = new byte[4096];
    private readonly byte[] _date = [.. "Thu, 01 Jan 1970 00:00:00 GMT"u8];
    private readonly ResponseWriter _writer = new();
    private int _headStart;
    private int _length;

    internal MemoryExchange(byte[] request)
    {
        _request = request;
        if (new RequestParser(new HttpLimits()).Read(request, Head, out _) != ParseStatus.Done)
        {
            throw new ArgumentException("not a whole request", nameof(request));
        }
    }

    /// <summary>What the last call answered.</summary>
    internal ReadOnlySpan<byte> Sent => _response.AsSpan(0, _length);

    internal override RequestHead Head { get; } = new();

    internal override ReadOnlySpan<byte> HeadBytes => _request;

    internal override ReadOnlySpan<byte> RemoteAddress => "127.0.0.1"u8;

    internal override ReadOnlySpan<byte> RemotePort => "54321"u8;

    internal override ReadOnlySpan<byte> ServerName => "127.0.0.1"u8;

    internal override ReadOnlySpan<byte> ServerPort => "8000"u8;

    internal override bool IsHttps => false;

    internal override ReadOnlySpan<byte> BufferedBody => default;

    internal override bool IsBodyComplete => true;

    internal override bool BodyAllowed => _writer.BodyAllowed;

    /// <summary>Ready to be called with once more.</summary>
    internal void Again() => _length = 0;

    internal override void ConsumeBody(int count) => throw NotOfAGet();

    internal override BodyResult FillBody() => throw NotOfAGet();

    internal override void StartHead(int status, ReadOnlySpan<byte> reason)
    {
        _writer.Begin(Head.MinorVersion, Head.IsHead, Head.KeepAlive);
        _headStart = _length;
        _length += _writer.WriteStatusLine(Room, status, reason);
    }

    internal override FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldVerdict verdict = _writer.WriteField(Room, name, value, out int written);
        _length += written;
        return verdict;
    }

    internal override void DiscardHead() => _length = _headStart;

    internal override void EndHead(long knownLength) => _length += _writer.EndHead(Room, knownLength, _date);

    internal override int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict)
    {
        verdict = _writer.BeginBody(data.Length, Room, out int headBytes, out int accepted);
        _length += headBytes;
        data[..accepted].CopyTo(Room);
        _length += accepted;
        _length += _writer.EndChunk(Room);
        return data.Length;
    }

    internal override bool Flush() => true;

    internal override void SendFile(int fd, long offset, long count) => throw NotOfAGet();

    internal override void Complete() => _length += _writer.Finish(Room, out _);

    internal override void Abort() => throw new InvalidOperationException("the application failed");

    private Span<byte> Room => _response.AsSpan(_length);

    private static NotSupportedException NotOfAGet() => new("the measured requests have no body, and no file as response");
}
