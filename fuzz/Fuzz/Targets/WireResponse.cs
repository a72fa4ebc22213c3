using System.Text;
using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>One response on the wire, and whether a client that reads it strictly sees one response and its body.</summary>
internal sealed class WireResponse
{
    private readonly byte[] _wire = new byte[32 * FuzzInput.Capacity];
    private readonly byte[] _given = new byte[FuzzInput.Capacity];
    private readonly byte[] _decoded = new byte[32 * FuzzInput.Capacity];
    private readonly BodyReader _reader = new(new HttpLimits { Body = 0 });
    private readonly RequestHead _chunked = new() { IsChunked = true };
    private bool _isHttp10;
    private bool _hasBody;
    private bool _isChunked;
    private bool _isShort;
    private bool _keepAlive;
    private int _status;
    private int _length;
    private int _headLength;
    private int _givenLength;

    internal ReadOnlySpan<byte> Head => _wire.AsSpan(0, _headLength);

    /// <summary>What the writer took of the body.</summary>
    internal ReadOnlySpan<byte> Body => _given.AsSpan(0, _givenLength);

    internal void Begin(bool isHttp10, bool isHead, int status)
    {
        (_isHttp10, _status, _length, _givenLength) = (isHttp10, status, 0, 0);
        _hasBody = !isHead && status is >= 200 and not (204 or 304);
    }

    /// <summary>Exactly so much, so that one byte more throws.</summary>
    internal Span<byte> Room(int length) => _wire.AsSpan(_length, length);

    internal void Advance(int count) => _length += count;

    internal void EndHead(bool isChunked)
    {
        _headLength = _length;
        _isChunked = isChunked;
    }

    internal void Given(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_given.AsSpan(_givenLength));
        _givenLength += bytes.Length;
    }

    internal void End(bool keepAlive, bool isShort) => (_keepAlive, _isShort) = (keepAlive, isShort);

    internal void Check()
    {
        long length = -1;
        bool isChunked = false;
        bool closes = false;
        ReadOnlySpan<byte> rest = Head;
        ReadOnlySpan<byte> line = NextLine(ref rest);
        Finding.Unless(line.StartsWith("HTTP/1.1 "u8) && line.Length >= 13 && line[12] == ' ', "A response does not begin with a status line.");
        while ((line = NextLine(ref rest)).Length > 0)
        {
            int colon = line.IndexOf(": "u8);
            Finding.Unless(colon > 0, "A line of the head is no field.");
            ReadOnlySpan<byte> name = line[..colon];
            ReadOnlySpan<byte> value = line[(colon + 2)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
            {
                Finding.Unless(length < 0, "A response has two lengths.");
                length = Number(value);
            }
            if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8)) isChunked = value.SequenceEqual("chunked"u8) && !isChunked;
            if (Ascii.EqualsIgnoreCase(name, "connection"u8)) closes = value.SequenceEqual("close"u8);
        }
        Finding.Unless(rest.IsEmpty, "A head ends before its end.");
        Finding.Unless(isChunked == _isChunked && !(isChunked && (length >= 0 || _isHttp10)), "A response has no framing, or two.");
        Finding.Unless(closes || _keepAlive || _isShort, "A connection ends that was said to go on.");
        Finding.Unless(!closes || !_keepAlive, "A connection goes on that was said to end.");
        Finding.Unless(_status >= 200 || !_keepAlive, "Behind an interim status the connection goes on.");
        CheckBody(length);
    }

    private void CheckBody(long length)
    {
        ReadOnlySpan<byte> body = _wire.AsSpan(_headLength.._length);
        if (!_hasBody)
        {
            Finding.Unless(body.IsEmpty && !_isShort, "A response without a body has one.");
        }
        else if (_isChunked)
        {
            _reader.Start(_chunked);
            ParseStatus status = _reader.Read(body, _decoded, out int consumed, out int written);
            Finding.Unless(status == ParseStatus.Done && consumed == body.Length, "A chunked body does not end where the bytes do.");
            Finding.Unless(Body.SequenceEqual(_decoded.AsSpan(0, written)), "A chunked body is another one.");
        }
        else
        {
            Finding.Unless(Body.SequenceEqual(body), "A body is another one.");
            Finding.Unless(length < 0 || body.Length <= length, "A body is longer than its length.");
            Finding.Unless(length < 0 || _isShort == body.Length < length, "A short body is not told.");
            Finding.Unless(length >= 0 || !_keepAlive, "A body without an end is kept alive.");
        }
        Finding.Unless(!_isShort || !_keepAlive, "Behind a short body the connection goes on.");
    }

    // The line without its CRLF, which is the only CR and the only LF.
    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOfAny((byte)13, (byte)10, (byte)0);
        Finding.Unless(end >= 0 && end + 1 < rest.Length && rest[end] == 13 && rest[end + 1] == 10, "A line does not end with CRLF.");
        ReadOnlySpan<byte> line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static long Number(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        Finding.Unless(digits.Length is > 0 and <= 18, "A length is no number.");
        foreach (byte b in digits)
        {
            Finding.Unless(b is >= 48 and <= 57, "A length is no number.");
            number = (number * 10) + b - 48;
        }
        return number;
    }
}
