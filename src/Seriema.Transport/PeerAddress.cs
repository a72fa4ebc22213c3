using System.Buffers.Binary;
using System.Net;

namespace Seriema.Transport;

/// <summary>Turns the kernel's <c>sockaddr</c> into the text that REMOTE_ADDR and REMOTE_PORT show.</summary>
internal static class PeerAddress
{
    /// <summary>Room for a <c>sockaddr_in6</c>, the longest of those that the server accepts from.</summary>
    internal const int MaxLength = 28;

    private const ushort InterNetwork = 2;    // AF_INET
    private const ushort InterNetworkV6 = 10; // AF_INET6

    /// <summary>ASCII address and port; both empty when the family is another one (a unix socket has no address).</summary>
    internal static void Format(ReadOnlySpan<byte> socketAddress, out byte[] address, out byte[] port)
    {
        (address, port) = ([], []);
        if (socketAddress.Length < 8) return;
        IPAddress? ip = BitConverter.ToUInt16(socketAddress) switch // sa_family is in host order
        {
            InterNetwork => new IPAddress(socketAddress.Slice(4, 4)),
            InterNetworkV6 when socketAddress.Length >= MaxLength => Ipv6(socketAddress),
            _ => null,
        };
        if (ip is null) return;
        Span<byte> text = stackalloc byte[64]; // the longest IPv6 text with a scope takes 57
        if (ip.TryFormat(text, out int length)) address = text[..length].ToArray();
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        if (number.TryFormat(text, out length, provider: null)) port = text[..length].ToArray();
    }

    private static IPAddress Ipv6(ReadOnlySpan<byte> socketAddress)
    {
        uint scope = BitConverter.ToUInt32(socketAddress[24..]);
        IPAddress ip = new(socketAddress.Slice(8, 16), scope);
        // A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d; applications compare with a.b.c.d.
        return ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
    }
}
