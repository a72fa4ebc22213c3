using System.Buffers.Binary;

namespace Seriema.Protocol;

/// <summary>Reads <c>method SP request-target SP HTTP-version</c>, RFC 9112 §3.</summary>
internal static class RequestLine
{
    private const int VersionLength = 8; // "HTTP/1.1"

    // "HTTP/1." as the low seven bytes of a little-endian number: one comparison decides nearly every request.
    private static readonly ulong s_http1 = BinaryPrimitives.ReadUInt64LittleEndian("HTTP/1.\0"u8);

    /// <param name="line">The line without its CRLF; the parser has refused control characters.</param>
    /// <param name="offset">Where the line starts in the message.</param>
    /// <param name="head">Gets method, target and version.</param>
    internal static RejectReason Read(ReadOnlySpan<byte> line, int offset, RequestHead head)
    {
        int methodEnd = line.IndexOfAnyExcept(Grammar.Tchar);
        if (methodEnd < 0) return RejectReason.BadRequestLine;
        if (line[methodEnd] != Grammar.Sp) return RejectReason.BadMethod;

        ReadOnlySpan<byte> method = line[..methodEnd];
        ReadOnlySpan<byte> rest = line[(methodEnd + 1)..];
        int targetEnd = rest.IndexOf(Grammar.Sp);
        if (rest.IsEmpty) return RejectReason.BadRequestLine;
        // RFC 9112 §3: a lenient reader splits at any whitespace; ours does not, for two readers may split differently.
        if (targetEnd == 0) return RejectReason.ExtraSpace;
        if (targetEnd < 0) return RejectReason.VersionNotSupported; // HTTP/0.9: method SP target

        RejectReason mistake = ReadVersion(rest[(targetEnd + 1)..], head);
        if (mistake != RejectReason.None) return mistake;

        head.Method = new Slice(offset, methodEnd);
        head.IsGet = method.SequenceEqual("GET"u8);
        head.IsHead = method.SequenceEqual("HEAD"u8);
        head.IsOptions = method.SequenceEqual("OPTIONS"u8);
        head.Target = new Slice(offset + methodEnd + 1, targetEnd);
        return RequestTarget.Read(rest[..targetEnd], method, head);
    }

    // RFC 9112 §2.3: HTTP-name "/" DIGIT "." DIGIT, case-sensitive
    private static RejectReason ReadVersion(ReadOnlySpan<byte> version, RequestHead head)
    {
        if (version.Contains(Grammar.Sp)) return RejectReason.ExtraSpace;
        if (version.Length != VersionLength) return RejectReason.BadVersion;

        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(version);
        byte minor = version[7];
        if ((word & 0x00FF_FFFF_FFFF_FFFF) == s_http1 && char.IsAsciiDigit((char)minor))
        {
            head.MinorVersion = minor == '0' ? 0 : 1;
            return RejectReason.None;
        }
        bool wellFormed = version.StartsWith("HTTP/"u8)
            && char.IsAsciiDigit((char)version[5]) && version[6] == '.' && char.IsAsciiDigit((char)minor);
        return wellFormed ? RejectReason.VersionNotSupported : RejectReason.BadVersion;
    }
}
