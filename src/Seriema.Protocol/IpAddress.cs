using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Seriema.Protocol;

/// <summary>An IP address as one number, so that it is compared with a network by a mask.</summary>
/// <param name="Value">In network order; an IPv4 address is at ::ffff:0:0/96 (RFC 4291 §2.5.5.2), as both mean one host.</param>
internal readonly record struct IpAddress(UInt128 Value)
{
    /// <summary>Room for the longest text: eight groups of four digits.</summary>
    internal const int MaxText = 39;

    private const int Ipv4Bits = 32;
    private const int HostBits = 64;
    private const int MaxIpv6 = 45; // with an IPv4 address in its last 32 bits

    private static readonly UInt128 s_mapped = (UInt128)0xFFFF << Ipv4Bits;

    internal bool IsIpv4 => Value >> Ipv4Bits == 0xFFFF;

    /// <summary>What the client at this address is counted by: for IPv6 the network that it is in.</summary>
    /// <remarks>The last 64 bits are a host's own to choose, and to change as often as it likes (RFC 4291 §2.5.4, RFC 8981).</remarks>
    internal IpAddress Client => IsIpv4 ? this : new IpAddress(Value >> HostBits << HostBits);

    /// <summary>Reads an address in full: <c>192.0.2.1</c>, <c>2001:db8::1</c>. No port, no brackets, no zone.</summary>
    /// <remarks>
    /// Stricter than inet_aton and .NET: four decimal numbers without leading zeros. <c>010.0.0.1</c> is 8.0.0.1 to one
    /// reader and 10.0.0.1 to another, and <c>127.1</c> is no address in any field.
    /// </remarks>
    internal static bool TryParse(ReadOnlySpan<byte> text, out IpAddress address)
    {
        if (text.Contains((byte)':')) return TryParseIpv6(text, out address);
        bool valid = TryParseIpv4(text, out uint value);
        address = new IpAddress(s_mapped | value);
        return valid;
    }

    internal static IpAddress OfIpv4(ReadOnlySpan<byte> octets) =>
        new(s_mapped | BinaryPrimitives.ReadUInt32BigEndian(octets));

    internal static IpAddress OfIpv6(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt128BigEndian(octets));

    /// <summary>Writes the one text that applications compare with: RFC 5952, IPv4 where it is one. Returns its length.</summary>
    internal int Format(Span<byte> text)
    {
        if (!IsIpv4)
        {
            Span<byte> octets = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(octets, Value);
            _ = new IPAddress(octets).TryFormat(text, out int length);
            return length;
        }
        int written = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            byte octet = (byte)(uint)(Value >> shift);
            _ = octet.TryFormat(text[written..], out int digits, provider: CultureInfo.InvariantCulture);
            written += digits;
            if (shift > 0) text[written++] = (byte)'.';
        }
        return written;
    }

    private static bool TryParseIpv4(ReadOnlySpan<byte> text, out uint value)
    {
        value = 0;
        for (int group = 0; group < 4; group++)
        {
            int end = text.IndexOf((byte)'.');
            if (end < 0 != (group == 3)) return false;
            ReadOnlySpan<byte> digits = end < 0 ? text : text[..end];
            if (digits.Length is 0 or > 3 || (digits[0] == '0' && digits.Length > 1)) return false;
            uint octet = 0;
            foreach (byte b in digits)
            {
                if (!char.IsAsciiDigit((char)b)) return false;
                octet = (octet * 10) + (uint)(b - '0');
            }
            if (octet > 255) return false;
            value = (value << 8) | octet;
            text = text[(end + 1)..];
        }
        return true;
    }

    private static bool TryParseIpv6(ReadOnlySpan<byte> text, out IpAddress address)
    {
        address = default;
        if (text.Length > MaxIpv6 || text.ContainsAnyExcept(Grammar.Ipv6)) return false;
        if (text.Contains((byte)'.') && !TryParseIpv4(text[(text.LastIndexOf((byte)':') + 1)..], out _)) return false;
        if (!IPAddress.TryParse(text, out IPAddress? parsed)) return false;
        Span<byte> octets = stackalloc byte[16];
        _ = parsed.TryWriteBytes(octets, out _);
        address = OfIpv6(octets);
        return true;
    }
}
