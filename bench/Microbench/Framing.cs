using BenchmarkDotNet.Attributes;
using Seriema.Protocol;

namespace Microbench;

/// <summary>Writing everything of a response but its body's bytes.</summary>
public class Framing
{
    private const int BodyLength = 13; // "Hello, World!"

    private readonly ResponseWriter _writer = new();
    private readonly byte[] _dest = new byte[1024];
    private readonly byte[] _date = [.. "Thu, 01 Jan 1970 00:00:00 GMT"u8];

    /// <summary>As an application does that knows its length: two fields, one piece.</summary>
    [Benchmark]
    public int ContentLength()
    {
        int at = StartHead();
        _ = _writer.WriteField(_dest.AsSpan(at), "Content-Length"u8, "13"u8, out int written);
        return Body(at + written);
    }

    /// <summary>An application that yields one piece: chunk head, chunk tail, last chunk.</summary>
    [Benchmark]
    public int Chunked() => Body(StartHead());

    private int StartHead()
    {
        _writer.Begin(requestMinorVersion: 1, requestIsHead: false, keepAlive: true);
        int at = _writer.WriteStatusLine(_dest, 200, "OK"u8);
        _ = _writer.WriteField(_dest.AsSpan(at), "Content-Type"u8, "text/plain"u8, out int written);
        return at + written;
    }

    private int Body(int at)
    {
        at += _writer.EndHead(_dest.AsSpan(at), knownLength: -1, _date);
        _ = _writer.BeginBody(BodyLength, _dest.AsSpan(at), out int headBytes, out int accepted);
        at += headBytes + accepted;
        at += _writer.EndChunk(_dest.AsSpan(at));
        return at + _writer.Finish(_dest.AsSpan(at), out _);
    }
}
