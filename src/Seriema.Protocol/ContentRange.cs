namespace Seriema.Protocol;

/// <summary>Writes the value of Content-Range, RFC 9110 §14.4.</summary>
internal static class ContentRange
{
    /// <summary>"bytes ", three numbers of at most 19 digits, and two signs between them.</summary>
    internal const int MaxLength = 6 + (3 * 19) + 2;

    /// <summary><c>bytes 0-499/1234</c>; returns the bytes written.</summary>
    internal static int Write(Span<byte> dest, ByteRange range, long length)
    {
        SpanWriter writer = new(dest);
        Append(ref writer, range, length);
        return writer.Written;
    }

    /// <summary>As <see cref="Write"/>, in the middle of other text.</summary>
    internal static void Append(ref SpanWriter writer, ByteRange range, long length)
    {
        writer.Append("bytes "u8);
        writer.AppendDecimal(range.First);
        writer.Append("-"u8);
        writer.AppendDecimal(range.Last);
        writer.Append("/"u8);
        writer.AppendDecimal(length);
    }

    /// <summary><c>bytes */1234</c>, what a 416 says; returns the bytes written.</summary>
    internal static int WriteUnsatisfied(Span<byte> dest, long length)
    {
        SpanWriter writer = new(dest);
        writer.Append("bytes */"u8);
        writer.AppendDecimal(length);
        return writer.Written;
    }

    /// <summary>How long the value of <see cref="Write"/> is.</summary>
    internal static int LengthOf(ByteRange range, long length) =>
        8 + Digits(range.First) + Digits(range.Last) + Digits(length); // 8: "bytes ", "-" and "/"

    private static int Digits(long number)
    {
        int digits = 1;
        while ((number /= 10) > 0) digits++;
        return digits;
    }
}
