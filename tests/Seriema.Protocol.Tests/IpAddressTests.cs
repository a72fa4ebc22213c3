using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:c000:0201", "192.0.2.1")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    public void An_address_has_one_text(string text, string expected)
    {
        Assert.True(IpAddress.TryParse(Encoding.ASCII.GetBytes(text), out IpAddress address), text);
        Span<byte> shown = stackalloc byte[IpAddress.MaxText];
        Assert.Equal(expected, Encoding.ASCII.GetString(shown[..address.Format(shown)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData("1..2.3")]
    [InlineData("01.2.3.4")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.4 ")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.+4")]
    [InlineData("[::1]")]
    [InlineData("::1%eth0")]
    [InlineData("1::2::3")]
    [InlineData("12345::")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("::ffff:010.0.0.1")]
    [InlineData("::ffff:1.2.3")]
    [InlineData("::g")]
    [InlineData("localhost")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.False(IpAddress.TryParse(Encoding.ASCII.GetBytes(text), out _), text);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::1", "::")]
    public void A_client_is_an_address_or_the_network_that_its_host_has_for_itself(string text, string expected)
    {
        Assert.True(IpAddress.TryParse(Encoding.ASCII.GetBytes(text), out IpAddress address), text);
        Assert.True(IpAddress.TryParse(Encoding.ASCII.GetBytes(expected), out IpAddress client), expected);
        Assert.Equal(client, address.Client);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1/32", "192.0.2.1", true)]
    [InlineData("192.0.2.128/25", "192.0.2.127", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("fe80::1", "fe80::1%2", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("127.0.0.1,::1", "::1", true)]
    [InlineData("unix", "", true)]
    [InlineData("127.0.0.1", "", false)]
    [InlineData("unix", "127.0.0.1", false)]
    [InlineData("*", "203.0.113.9", true)]
    [InlineData("*", "", true)]
    [InlineData("", "127.0.0.1", false)]
    public void A_list_has_a_peer_or_not(string list, string peer, bool expected)
    {
        Assert.Null(AddressList.Parse(list.Split(',', StringSplitOptions.RemoveEmptyEntries), out AddressList parsed));
        Assert.Equal(expected, parsed.HasPeer(Encoding.ASCII.GetBytes(peer)));
    }

    [Theory]
    [InlineData("10.0.0.1/8", "bits of a host")]
    [InlineData("10.0.0.0/33", "more than 32")]
    [InlineData("2001:db8::/129", "more than 128")]
    [InlineData("0.0.0.0/0", "every address")]
    [InlineData("::/0", "every address")]
    [InlineData("10.0.0.0/", "no number")]
    [InlineData("10.0.0.0/-1", "no number")]
    [InlineData("proxy.example", "is no address")]
    [InlineData("", "is no address")]
    [InlineData("Unix", "is no address")]
    public void A_list_that_means_nothing_is_refused(string entry, string problem) =>
        Assert.Contains(problem, AddressList.Parse([entry], out _), StringComparison.Ordinal);

    [Fact]
    public void A_star_trusts_the_peer_and_no_address_that_a_field_tells_of()
    {
        Assert.Null(AddressList.Parse(["*", "10.0.0.0/8"], out AddressList list));
        Assert.False(list.Has(IpAddress.OfIpv4([203, 0, 113, 9])));
        Assert.True(list.Has(IpAddress.OfIpv4([10, 1, 1, 1])));
    }
}
