using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Seriema.Transport.Tests;

/// <summary>The text of REMOTE_ADDR and REMOTE_PORT for each kind of <c>sockaddr</c>.</summary>
public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", 80, "192.0.2.7")]
    [InlineData("0.0.0.0", 0, "0.0.0.0")]
    [InlineData("255.255.255.255", 65535, "255.255.255.255")]
    [InlineData("::1", 1, "::1")]
    [InlineData("2001:db8::7", 443, "2001:db8::7")]
    [InlineData("2001:db8:1:2:3:4:5:6", 443, "2001:db8:1:2:3:4:5:6")]
    [InlineData("fe80::1%3", 9, "fe80::1%3")]
    [InlineData("fe80::1234:5678:9abc:def0%4294967295", 65535, "fe80::1234:5678:9abc:def0%4294967295")]
    [InlineData("::ffff:192.0.2.7", 80, "192.0.2.7")] // a dual-stack listener's IPv4 client
    [InlineData("::ffff:0:0", 80, "0.0.0.0")]
    public void An_address_is_shown_as_applications_compare_it(string address, int port, string text)
    {
        PeerAddress.Format(Build(IPAddress.Parse(address), port), out byte[] shown, out byte[] shownPort);
        Assert.Equal((text, $"{port}"), (Encoding.ASCII.GetString(shown), Encoding.ASCII.GetString(shownPort)));
    }

    [Theory]
    [InlineData(0, 28)]
    [InlineData(1, 28)] // AF_UNIX
    [InlineData(16, 28)] // AF_NETLINK
    [InlineData(10, 27)] // a sockaddr_in6 that is cut
    [InlineData(10, 16)]
    [InlineData(2, 7)]
    [InlineData(2, 0)]
    public void What_is_no_internet_address_has_no_text(int family, int length)
    {
        byte[] raw = new byte[28];
        BitConverter.TryWriteBytes(raw, (ushort)family);
        PeerAddress.Format(raw.AsSpan(0, length), out byte[] address, out byte[] port);
        Assert.Empty(address);
        Assert.Empty(port);
    }

    private static byte[] Build(IPAddress address, int port)
    {
        bool six = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        byte[] raw = new byte[six ? 28 : 16];
        BitConverter.TryWriteBytes(raw, (ushort)(six ? 10 : 2));
        BinaryPrimitives.WriteUInt16BigEndian(raw.AsSpan(2), (ushort)port);
        address.GetAddressBytes().CopyTo(raw, six ? 8 : 4);
        if (six) BitConverter.TryWriteBytes(raw.AsSpan(24), (uint)address.ScopeId);
        return raw;
    }
}
