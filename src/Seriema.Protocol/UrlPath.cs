using System.Diagnostics;

namespace Seriema.Protocol;

/// <summary>Turns the path of a request into the name of a file below a root, or refuses it.</summary>
/// <remarks>
/// Decoded exactly once, so that <c>%252e</c> stays a name with a percent sign. Bytes beyond ASCII stay as they are:
/// Linux names are bytes, so an overlong dot is no dot. Nothing is repaired: each file has one path, and what needs
/// repair (<c>..</c>, <c>//</c>) is answered like a file that is not there. Symbolic links are the caller's concern.
/// </remarks>
internal static class UrlPath
{
    /// <summary>Longest result: PATH_MAX is 4096 with the NUL.</summary>
    internal const int MaxLength = 4095;

    private const int MaxName = 255; // NAME_MAX

    /// <param name="path">The path of the request-target as it was sent, without the query.</param>
    /// <param name="dest">
    /// At least <see cref="MaxLength"/> + 1 bytes; gets the path without a slash at either end, and a NUL behind it.
    /// </param>
    /// <param name="allowWellKnown">Whether <c>/.well-known/</c> (RFC 8615) is served in spite of its dot.</param>
    /// <param name="length">Bytes of the result without its NUL; 0 is the root itself.</param>
    /// <param name="endsWithSlash">Whether the request means a folder.</param>
    internal static PathVerdict Decode(
        ReadOnlySpan<byte> path, Span<byte> dest, bool allowWellKnown, out int length, out bool endsWithSlash)
    {
        Debug.Assert(dest.Length > MaxLength);
        length = 0;
        endsWithSlash = true;
        // RFC 9110 §4.2.3: in an absolute-form, an empty path is the root.
        if (!path.IsEmpty && path[0] != '/') return PathVerdict.NotAbsolute;
        ReadOnlySpan<byte> rest = path.IsEmpty ? path : path[1..];
        int written = 0;
        while (!rest.IsEmpty)
        {
            int slash = rest.IndexOf((byte)'/');
            endsWithSlash = slash >= 0;
            if (written > 0) dest[written++] = (byte)'/';
            if (written >= MaxLength) return PathVerdict.TooLong;

            Span<byte> room = dest[written..MaxLength];
            PathVerdict verdict = DecodeName(endsWithSlash ? rest[..slash] : rest, room, out int nameLength);
            if (verdict != PathVerdict.Ok) return verdict;
            verdict = CheckName(room[..nameLength], allowWellKnown && written == 0);
            if (verdict != PathVerdict.Ok) return verdict;
            written += nameLength;
            rest = endsWithSlash ? rest[(slash + 1)..] : default;
        }
        dest[written] = 0;
        length = written;
        return PathVerdict.Ok;
    }

    // RFC 3986 §2.1. A byte is judged as the file system would see it, so after decoding.
    private static PathVerdict DecodeName(ReadOnlySpan<byte> name, Span<byte> dest, out int length)
    {
        length = 0;
        for (int i = 0; i < name.Length; i++)
        {
            byte b = name[i];
            if (b == '%')
            {
                if (i + 2 >= name.Length || !TryHex(name[i + 1], name[i + 2], out b)) return PathVerdict.BadEncoding;
                i += 2;
            }
            if (b is < 0x20 or 0x7F) return PathVerdict.Control;
            if (b == '/') return PathVerdict.EncodedSlash;
            // An ordinary character for Linux, but a slash for browsers and for what may read the same files over a
            // network. No published name needs it.
            if (b == '\\') return PathVerdict.Backslash;
            if (length == MaxName) return PathVerdict.NameTooLong;
            if (length == dest.Length) return PathVerdict.TooLong;
            dest[length++] = b;
        }
        return PathVerdict.Ok;
    }

    private static PathVerdict CheckName(ReadOnlySpan<byte> name, bool allowWellKnown)
    {
        if (name.IsEmpty) return PathVerdict.EmptySegment;
        if (name[0] != '.') return PathVerdict.Ok;
        // RFC 3986 §3.3; clients remove them before they send (§5.2.4), so only an attack still has them.
        if (name.Length == 1 || (name.Length == 2 && name[1] == '.')) return PathVerdict.DotSegment;
        return allowWellKnown && name.SequenceEqual(".well-known"u8) ? PathVerdict.Ok : PathVerdict.DotName;
    }

    private static bool TryHex(byte high, byte low, out byte value)
    {
        value = 0;
        if (!char.IsAsciiHexDigit((char)high) || !char.IsAsciiHexDigit((char)low)) return false;
        value = (byte)((HexDigit(high) << 4) | HexDigit(low));
        return true;
    }

    private static int HexDigit(byte b) => b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10;
}
