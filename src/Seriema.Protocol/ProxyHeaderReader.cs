using System.Buffers.Binary;
using System.Numerics;

namespace Seriema.Protocol;

/// <summary>Reads the header of the PROXY protocol, version 1 or 2, that stands before the first request of a connection.</summary>
/// <remarks>
/// Pure; any thread. The caller keeps the bytes and gives them again with more behind them; whatever the header is, it is
/// decided within <see cref="MaxLength"/> bytes. The version is told by the first byte. Stricter than the specification:
/// what a stream cannot have (datagrams) is refused, as are unassigned values.
/// </remarks>
internal static class ProxyHeaderReader
{
    /// <summary>
    /// The longest header. Version 1 has at most 107 bytes; version 2 could have 65,551, but all that proxies put there
    /// (addresses, a certificate's name, an id) is a few hundred.
    /// </summary>
    internal const int MaxLength = FixedLength + 4096;

    private const int MaxLine = 107; // section 2.1, with the CRLF
    private const int FixedLength = 16;
    private const int TlvHead = 3; // type, length
    private const byte TlvCrc32C = 0x03;
    private const byte TlvSsl = 0x20;
    private const byte ClientSsl = 0x01; // PP2_CLIENT_SSL

    private static ReadOnlySpan<byte> Line => "PROXY "u8;

    // Section 2.2; no HTTP request and no text begins so.
    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Consumes the whole header or nothing.</summary>
    internal static ParseStatus Read(ReadOnlySpan<byte> input, out ProxyHeader header, out ProxyMistake mistake, out int consumed)
    {
        header = default;
        consumed = 0;
        mistake = ProxyMistake.None;
        if (input.IsEmpty) return ParseStatus.NeedMore;
        bool isLine = input[0] == Line[0];
        ReadOnlySpan<byte> start = isLine ? Line : Signature;
        int common = Math.Min(start.Length, input.Length);
        if (!input[..common].SequenceEqual(start[..common])) mistake = ProxyMistake.Missing;
        else if (common < start.Length) return ParseStatus.NeedMore;
        else if (isLine) mistake = ReadLine(input, out header, out consumed);
        else mistake = ReadBinary(input, out header, out consumed);
        if (mistake == ProxyMistake.None) return consumed > 0 ? ParseStatus.Done : ParseStatus.NeedMore;
        consumed = 0;
        return ParseStatus.Rejected;
    }

    // Section 2.1: "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP port SP port CRLF, or UNKNOWN and anything
    private static ProxyMistake ReadLine(ReadOnlySpan<byte> input, out ProxyHeader header, out int consumed)
    {
        header = default;
        consumed = 0;
        ReadOnlySpan<byte> window = input[..Math.Min(input.Length, MaxLine)];
        int end = window.IndexOfAny(Grammar.Controls);
        if (end < 0 || (end + 1 == window.Length && window[end] == Grammar.Cr))
        {
            return window.Length < MaxLine ? ProxyMistake.None : ProxyMistake.Malformed;
        }
        if (window[end] != Grammar.Cr || window[end + 1] != Grammar.Lf) return ProxyMistake.Malformed;
        ReadOnlySpan<byte> line = window[Line.Length..end];
        consumed = end + 2;
        if (line.SequenceEqual("UNKNOWN"u8) || line.StartsWith("UNKNOWN "u8)) return ProxyMistake.None;
        bool isIpv6 = line.StartsWith("TCP6 "u8);
        if (!isIpv6 && !line.StartsWith("TCP4 "u8)) return ProxyMistake.Malformed;
        line = line["TCP4 ".Length..];
        bool valid = TryAddress(ref line, isIpv6, out IpAddress source) & TryAddress(ref line, isIpv6, out _)
            & TryPort(ref line, out ushort port) & TryPort(ref line, out _) & line.IsEmpty;
        header = new ProxyHeader(true, source, port, IsLocal: false, IsTls: false);
        return valid ? ProxyMistake.None : ProxyMistake.Malformed;
    }

    private static bool TryAddress(ref ReadOnlySpan<byte> line, bool isIpv6, out IpAddress address)
    {
        ReadOnlySpan<byte> word = TakeWord(ref line);
        return IpAddress.TryParse(word, out address) & word.Contains((byte)':') == isIpv6;
    }

    // 0 to 65535 without leading zeros
    private static bool TryPort(ref ReadOnlySpan<byte> line, out ushort port)
    {
        ReadOnlySpan<byte> word = TakeWord(ref line);
        if (word is [(byte)'0'])
        {
            port = 0;
            return true;
        }
        bool valid = ForwardedNode.TryParsePortNumber(word, out int number) && word[0] != '0';
        port = (ushort)number;
        return valid;
    }

    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf(Grammar.Sp);
        ReadOnlySpan<byte> word = space < 0 ? line : line[..space];
        // A space at the end leaves it in the line, which is to be empty then.
        line = space < 0 ? default : space + 1 == line.Length ? line[space..] : line[(space + 1)..];
        return word;
    }

    // Section 2.2: signature, version and command, family and transport, length, addresses, TLVs
    private static ProxyMistake ReadBinary(ReadOnlySpan<byte> input, out ProxyHeader header, out int consumed)
    {
        header = default;
        consumed = 0;
        if (input.Length > Signature.Length && input[12] is not (0x20 or 0x21)) return ProxyMistake.Malformed;
        if (input.Length > 13 && AddressLength(input[13]) < 0) return ProxyMistake.Malformed;
        if (input.Length < FixedLength) return ProxyMistake.None;
        int length = BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        bool isLocal = input[12] == 0x20;
        int addressLength = AddressLength(input[13]);
        if (FixedLength + length > MaxLength) return ProxyMistake.TooLong;
        if (length < addressLength && !isLocal) return ProxyMistake.Malformed;
        if (input.Length < FixedLength + length) return ProxyMistake.None;
        ReadOnlySpan<byte> whole = input[..(FixedLength + length)];
        consumed = whole.Length;
        header = new ProxyHeader(false, default, 0, isLocal, IsTls: false);
        // A receiver must take LOCAL with whatever follows, and look at none of it.
        if (isLocal) return ProxyMistake.None;
        ReadOnlySpan<byte> addresses = whole[FixedLength..];
        header = input[13] switch
        {
            0x11 => header with { HasAddress = true, Address = IpAddress.OfIpv4(addresses[..4]), Port = BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]) },
            0x21 => header with { HasAddress = true, Address = IpAddress.OfIpv6(addresses[..16]), Port = BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]) },
            _ => header,
        };
        return ReadTlvs(whole, FixedLength + addressLength, ref header);
    }

    private static int AddressLength(byte familyAndTransport) => familyAndTransport switch
    {
        0x00 => 0,    // UNSPEC
        0x11 => 12,   // TCP over IPv4
        0x21 => 36,   // TCP over IPv6
        0x31 => 216,  // a unix stream socket
        _ => -1,
    };

    private static ProxyMistake ReadTlvs(ReadOnlySpan<byte> whole, int at, ref ProxyHeader header)
    {
        while (at < whole.Length)
        {
            if (whole.Length - at < TlvHead) return ProxyMistake.Malformed;
            int length = BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 1)..]);
            int value = at + TlvHead;
            if (whole.Length - value < length) return ProxyMistake.Malformed;
            switch (whole[at])
            {
                case TlvSsl:
                    if (length < 5) return ProxyMistake.Malformed; // client, verify
                    header = header with { IsTls = (whole[value] & ClientSsl) != 0 };
                    break;
                case TlvCrc32C:
                    if (length != 4) return ProxyMistake.Malformed;
                    if (BinaryPrimitives.ReadUInt32BigEndian(whole[value..]) != Checksum(whole, value)) return ProxyMistake.BadChecksum;
                    break;
            }
            at = value + length;
        }
        return ProxyMistake.None;
    }

    // Section 2.2.3: over the whole header, with zeros where the checksum itself stands
    private static uint Checksum(ReadOnlySpan<byte> whole, int place)
    {
        uint crc = uint.MaxValue;
        for (int i = 0; i < whole.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= place && i < place + 4 ? (byte)0 : whole[i]);
        }
        return ~crc;
    }
}
