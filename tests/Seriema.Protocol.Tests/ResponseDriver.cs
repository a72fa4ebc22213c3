using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Writes one response as a connection would, and gives what went over the wire.</summary>
internal sealed class ResponseDriver
{
    internal const string Date = "Sun, 06 Nov 1994 08:49:37 GMT";

    private readonly StringBuilder _wire = new();
    private readonly byte[] _dest = new byte[4096];

    internal ResponseDriver(int minorVersion = 1, bool isHead = false, bool keepAlive = true) =>
        Writer.Begin(minorVersion, isHead, keepAlive);

    internal ResponseWriter Writer { get; } = new();

    internal string Wire => _wire.ToString();

    internal bool ShortBody { get; private set; }

    internal ResponseDriver Status(int status) =>
        Append(Writer.WriteStatusLine(_dest, status, ReasonPhrases.Of(status)));

    internal FieldVerdict Field(string name, string value)
    {
        ReadOnlySpan<byte> nameBytes = Encoding.Latin1.GetBytes(name);
        ReadOnlySpan<byte> valueBytes = Encoding.Latin1.GetBytes(value);
        Span<byte> dest = _dest.AsSpan(0, nameBytes.Length + valueBytes.Length + 4); // exactly what is promised
        FieldVerdict verdict = Writer.WriteField(dest, nameBytes, valueBytes, out int written);
        Append(written);
        return verdict;
    }

    internal ResponseDriver EndHead(long knownLength = -1) =>
        Append(Writer.EndHead(_dest.AsSpan(0, ResponseWriter.MaxEndHead), knownLength, Encoding.ASCII.GetBytes(Date)));

    internal WriteVerdict Body(string text)
    {
        WriteVerdict verdict = Writer.BeginBody(
            text.Length, _dest.AsSpan(0, ResponseWriter.MaxChunkHead), out int headBytes, out int accepted);
        Append(headBytes);
        _wire.Append(text.AsSpan(0, accepted));
        Append(Writer.EndChunk(_dest.AsSpan(0, ResponseWriter.ChunkTail)));
        return verdict;
    }

    internal ResponseDriver Finish()
    {
        Append(Writer.Finish(_dest.AsSpan(0, ResponseWriter.MaxFinish), out bool shortBody));
        ShortBody = shortBody;
        return this;
    }

    private ResponseDriver Append(int count)
    {
        _wire.Append(Encoding.Latin1.GetString(_dest, 0, count));
        return this;
    }
}
