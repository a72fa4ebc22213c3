using System.Diagnostics;

namespace Seriema.Protocol;

/// <summary>Writes what stands around the parts of a multipart/byteranges body, RFC 9110 §14.6.</summary>
/// <remarks>
/// The order is WritePartHead and that range's bytes for each range, then WriteEnd; <see cref="TotalLength"/> is known
/// before any of it. On the caller's stack; nothing is allocated.
/// </remarks>
internal readonly ref struct MultipartByteRanges
{
    /// <summary>A boundary's length: 128 bits in hexadecimal. RFC 2046 §5.1.1 allows 70 characters.</summary>
    internal const int BoundaryLength = 32;

    /// <summary>The length of the response's Content-Type.</summary>
    internal const int ContentTypeLength = 31 + BoundaryLength;

    private readonly ReadOnlySpan<byte> _boundary;
    private readonly ReadOnlySpan<byte> _contentType;
    private readonly long _length;

    /// <param name="boundary">From <see cref="FormatBoundary"/>.</param>
    /// <param name="contentType">The representation's own Content-Type; empty when it has none.</param>
    /// <param name="length">The representation's whole length.</param>
    internal MultipartByteRanges(ReadOnlySpan<byte> boundary, ReadOnlySpan<byte> contentType, long length)
    {
        Debug.Assert(boundary.Length == BoundaryLength);
        _boundary = boundary;
        _contentType = contentType;
        _length = length;
    }

    /// <summary>Enough room for any part's head, and for the end.</summary>
    internal int MaxPartHead => PartHeadOverhead + ContentTypeLineLength + ContentRange.MaxLength;

    // CRLF "--" boundary CRLF "Content-Range: " value CRLF CRLF, without the value
    private static int PartHeadOverhead => 2 + 2 + BoundaryLength + 2 + 15 + 2 + 2;

    private static int EndLength => 2 + 2 + BoundaryLength + 2 + 2;

    private int ContentTypeLineLength => _contentType.IsEmpty ? 0 : 14 + _contentType.Length + 2;

    /// <summary>Writes a boundary of 32 hexadecimal digits.</summary>
    /// <param name="dest32">Where it goes.</param>
    /// <param name="random">
    /// New for each response, from a generator nobody can foresee: then no one can put the boundary into a file, and a
    /// file of 2^40 bytes holds it by chance once in 2^88. So the file need not be searched for it.
    /// </param>
    internal static void FormatBoundary(Span<byte> dest32, UInt128 random)
    {
        for (int i = 0; i < BoundaryLength; i++)
        {
            dest32[i] = "0123456789abcdef"u8[(int)(random >> (4 * (BoundaryLength - 1 - i))) & 0xF];
        }
    }

    /// <summary>The response's Content-Type, <see cref="ContentTypeLength"/> bytes.</summary>
    internal int WriteContentType(Span<byte> dest)
    {
        SpanWriter writer = new(dest);
        writer.Append("multipart/byteranges; boundary="u8);
        writer.Append(_boundary);
        return writer.Written;
    }

    /// <summary>The head of one part; returns the bytes written.</summary>
    /// <param name="dest">At least <see cref="MaxPartHead"/> bytes.</param>
    /// <param name="range">The part.</param>
    /// <param name="isFirst">Whether it is the first part: only the others have a CRLF before their boundary.</param>
    internal int WritePartHead(Span<byte> dest, ByteRange range, bool isFirst)
    {
        SpanWriter writer = new(dest);
        writer.Append(isFirst ? "--"u8 : "\r\n--"u8);
        writer.Append(_boundary);
        writer.Append("\r\n"u8);
        if (!_contentType.IsEmpty) writer.AppendField("Content-Type"u8, _contentType);
        writer.Append("Content-Range: "u8);
        ContentRange.Append(ref writer, range, _length);
        writer.Append("\r\n\r\n"u8);
        return writer.Written;
    }

    /// <summary>What follows the last part; returns the bytes written.</summary>
    internal int WriteEnd(Span<byte> dest)
    {
        SpanWriter writer = new(dest);
        writer.Append("\r\n--"u8);
        writer.Append(_boundary);
        writer.Append("--\r\n"u8);
        return writer.Written;
    }

    /// <summary>The exact Content-Length of the whole body.</summary>
    internal long TotalLength(ReadOnlySpan<ByteRange> ranges)
    {
        long total = EndLength - 2; // the first part's head has no CRLF in front
        foreach (ByteRange range in ranges)
        {
            total += PartHeadOverhead + ContentTypeLineLength + ContentRange.LengthOf(range, _length) + range.Length;
        }
        return total;
    }
}
