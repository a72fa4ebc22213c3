using System.Net;

namespace Seriema.Protocol;

/// <summary>
/// Checks <c>uri-host [ ":" port ]</c>, the value of Host and the authority of a target (RFC 9110 §7.2).
/// </summary>
/// <remarks>
/// Stricter than RFC 3986: a percent sign needs two hexadecimal digits after it, a port is at most 65535, IPvFuture
/// and a port without a host are refused. An application builds links and cache keys from this value.
/// </remarks>
internal static class Authority
{
    /// <returns>None, <paramref name="bad"/>, or UserinfoInAuthority.</returns>
    internal static RejectReason Check(ReadOnlySpan<byte> authority, RejectReason bad)
    {
        if (authority.IsEmpty) return RejectReason.None; // RFC 9112 §3.2: a target without authority
        if (authority[0] == '[') return CheckLiteral(authority, bad);

        int hostEnd = authority.IndexOfAnyExcept(Grammar.RegName);
        if (hostEnd < 0) hostEnd = authority.Length;
        bool valid = hostEnd > 0 && IsPort(authority[hostEnd..]) && AreEscapes(authority[..hostEnd]);
        if (valid) return RejectReason.None;
        // RFC 9110 §4.2.4: user:password@ hides the real host behind a false one.
        return authority.Contains((byte)'@') ? RejectReason.UserinfoInAuthority : bad;
    }

    private static RejectReason CheckLiteral(ReadOnlySpan<byte> authority, RejectReason bad)
    {
        int end = authority.IndexOf((byte)']');
        if (end < 0 || !IsPort(authority[(end + 1)..])) return bad;
        ReadOnlySpan<byte> address = authority[1..end];
        bool isIpv6 = address.Contains((byte)':') && !address.ContainsAnyExcept(Grammar.Ipv6);
        return isIpv6 && IPAddress.IsValidUtf8(address) ? RejectReason.None : bad;
    }

    // RFC 3986 §3.2.3: port = *DIGIT, so "example.com:" is valid
    private static bool IsPort(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return true;
        if (rest[0] != ':' || rest.Length > 6) return false; // ":65535"
        int port = 0;
        foreach (byte b in rest[1..])
        {
            if (!char.IsAsciiDigit((char)b)) return false;
            port = (port * 10) + (b - '0');
        }
        return port <= 65535;
    }

    private static bool AreEscapes(ReadOnlySpan<byte> host)
    {
        for (int at = host.IndexOf((byte)'%'); at >= 0; at = host.IndexOf((byte)'%'))
        {
            if (at + 2 >= host.Length) return false;
            if (!char.IsAsciiHexDigit((char)host[at + 1]) || !char.IsAsciiHexDigit((char)host[at + 2])) return false;
            host = host[(at + 3)..];
        }
        return true;
    }
}
