using System.Net;

namespace Seriema.Worker.Tests;

public sealed class BindAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8888", "127.0.0.1", 8888)]
    [InlineData("127.0.0.1", "127.0.0.1", 8000)]
    [InlineData(":8000", "0.0.0.0", 8000)]
    [InlineData("0.0.0.0:80", "0.0.0.0", 80)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("127.0.0.1:65535", "127.0.0.1", 65535)]
    [InlineData("[::1]:8000", "::1", 8000)]
    [InlineData("[::1]", "::1", 8000)]
    [InlineData("[::]:0", "::", 0)]
    [InlineData("[fe80::1%2]:80", "fe80::1%2", 80)]
    [InlineData("localhost:81", "127.0.0.1", 81)]
    [InlineData("localhost", "127.0.0.1", 8000)]
    [InlineData("LOCALHOST:81", "127.0.0.1", 81)]
    [InlineData("tcp://127.0.0.1:81", "127.0.0.1", 81)]
    [InlineData("tcp://[::1]:81", "::1", 81)]
    public void An_address_is_read_as_gunicorn_reads_it(string text, string address, int port)
    {
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), BindAddress.Parse(text));
    }

    [Theory]
    [InlineData("127.0.0.1:", "port")]
    [InlineData("127.0.0.1:65536", "port")]
    [InlineData("127.0.0.1:-1", "port")]
    [InlineData("127.0.0.1:+1", "port")]
    [InlineData("127.0.0.1: 80", "port")]
    [InlineData("127.0.0.1:8o", "port")]
    [InlineData("127.0.0.1:http", "port")]
    [InlineData("[::1]:", "port")]
    [InlineData("[::1", "bracket")]
    [InlineData("[::1]8000", "[IPv6]:PORT")]
    [InlineData("::1", "brackets")]
    [InlineData("::1:8000", "brackets")]
    [InlineData("no.such.host.invalid:80", "no address")] // RFC 6761: .invalid never has one
    [InlineData("http://127.0.0.1:80", "brackets")]
    [InlineData("unix:/tmp/socket", "not supported")]
    [InlineData("unix:///tmp/socket", "not supported")]
    [InlineData("fd://3", "not supported")]
    public void A_mistake_is_one_line_with_the_setting_and_its_value(string text, string reason)
    {
        SettingsException error = Assert.Throws<SettingsException>(() => BindAddress.Parse(text));
        Assert.Equal(("--bind", text), (error.Setting, error.Value));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(5000)]
    public void A_name_that_is_too_long_is_a_mistake_like_any_other(int length)
    {
        Assert.Throws<SettingsException>(() => BindAddress.Parse(new string('a', length) + ":80"));
    }

    [Fact]
    public void A_port_in_use_names_the_address_as_it_was_given()
    {
        using Transport.ListenSocket first = BindAddress.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1, "127.0.0.1:0");
        string text = $"127.0.0.1:{((IPEndPoint)first.EndPoint).Port}";
        ListenException error = Assert.Throws<ListenException>(() => BindAddress.Listen((IPEndPoint)first.EndPoint, 1, text));
        Assert.Equal(text, error.Address);
        Assert.StartsWith($"cannot listen on {text}: ", error.Message, StringComparison.Ordinal);
    }
}
