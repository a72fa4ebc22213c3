using System.Text;

namespace Seriema.Protocol;

/// <summary>One hop as a proxy names it: an address with or without a port, or nothing that can be told.</summary>
/// <param name="IsKnown">False for <c>unknown</c> and for an identifier that hides the address.</param>
/// <param name="Port">-1 without one.</param>
internal readonly record struct ForwardedNode(bool IsKnown, IpAddress Address, int Port)
{
    /// <summary>RFC 7239 §6 node; X-Forwarded-For also has IPv6 addresses without brackets.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, bool needsBrackets, out ForwardedNode node)
    {
        node = default;
        // nginx names so a client that came over a unix socket.
        if (!needsBrackets && text.SequenceEqual("unix:"u8)) return true;
        if (text is [(byte)'[', ..]) return TryParseBracketed(text, out node);
        int colon = text.IndexOf((byte)':');
        if (!needsBrackets && colon >= 0 && text.LastIndexOf((byte)':') != colon)
        {
            bool valid = IpAddress.TryParse(text, out IpAddress ipv6);
            node = new ForwardedNode(valid, ipv6, -1);
            return valid;
        }
        ReadOnlySpan<byte> name = colon < 0 ? text : text[..colon];
        if (!TryParsePort(colon < 0 ? default : text[colon..], out int port)) return false;
        if (Ascii.EqualsIgnoreCase(name, "unknown"u8) || IsObfuscated(name)) return true;
        if (!IpAddress.TryParse(name, out IpAddress address)) return false;
        node = new ForwardedNode(true, address, port);
        return true;
    }

    /// <summary>1 to 65535.</summary>
    internal static bool TryParsePortNumber(ReadOnlySpan<byte> digits, out int port)
    {
        port = 0;
        if (digits.Length is 0 or > 5) return false;
        foreach (byte b in digits)
        {
            if (!char.IsAsciiDigit((char)b)) return false;
            port = (port * 10) + (b - '0');
        }
        return port is > 0 and <= 65535;
    }

    private static bool TryParseBracketed(ReadOnlySpan<byte> text, out ForwardedNode node)
    {
        node = default;
        int end = text.IndexOf((byte)']');
        if (end < 0 || !text[..end].Contains((byte)':')) return false; // [192.0.2.1] is neither
        if (!IpAddress.TryParse(text[1..end], out IpAddress address) || !TryParsePort(text[(end + 1)..], out int port)) return false;
        node = new ForwardedNode(true, address, port);
        return true;
    }

    // RFC 7239 §6: node-port = port / obfport
    private static bool TryParsePort(ReadOnlySpan<byte> rest, out int port)
    {
        port = -1;
        if (rest.IsEmpty) return true;
        if (rest[0] != ':') return false;
        if (!IsObfuscated(rest[1..])) return TryParsePortNumber(rest[1..], out port);
        return true;
    }

    // RFC 7239 §6.3: "_" 1*( ALPHA / DIGIT / "." / "_" / "-" )
    private static bool IsObfuscated(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '_') return false;
        foreach (byte b in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'.' or (byte)'_' or (byte)'-')) return false;
        }
        return true;
    }
}
