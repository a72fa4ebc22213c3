namespace Seriema.Wsgi;

/// <summary>Decodes percent-encoded bytes of a path (RFC 3986 §2.1). Pure; any thread.</summary>
internal static class PathDecoder
{
    /// <summary>Writes the decoded path, never longer than <paramref name="path"/>; returns its length.</summary>
    /// <remarks>
    /// A <c>%</c> without two hex digits stays as it is, as in Python's <c>unquote_to_bytes</c>: applications have
    /// always seen it so, and a path is no framing. <c>%2F</c> becomes a slash (PEP 3333 and CGI know no other way);
    /// who must tell them apart reads REQUEST_URI.
    /// </remarks>
    internal static int Decode(ReadOnlySpan<byte> path, Span<byte> decoded)
    {
        int written = 0;
        while (true)
        {
            int percent = path.IndexOf((byte)'%');
            ReadOnlySpan<byte> plain = percent < 0 ? path : path[..percent];
            plain.CopyTo(decoded[written..]);
            written += plain.Length;
            if (percent < 0) return written;

            path = path[percent..];
            int octet = path.Length < 3 ? -1 : Octet(path[1], path[2]);
            decoded[written++] = octet < 0 ? (byte)'%' : (byte)octet;
            path = path[(octet < 0 ? 1 : 3)..];
        }
    }

    private static int Octet(byte high, byte low) =>
        char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low) ? (Digit(high) << 4) | Digit(low) : -1;

    private static int Digit(byte b) => b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10;
}
