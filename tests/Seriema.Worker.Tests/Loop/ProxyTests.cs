using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Who the client is when a proxy stands in front: by its fields, and by the header before the first request.</summary>
/// <remarks>Every scripted client comes from 192.0.2.7, port 54321.</remarks>
public sealed class ProxyTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: h\r\n";
    private const string Line = "PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n";
    private const string Binary = "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u0014\u00cb\0\u0071\u0009\u00c6\u0033\u0064\u0002\u0012\u0067\u0001\u00bb\u0020\0\u0005\u0001\0\0\0\0";

    [Fact]
    public void A_proxys_word_counts_for_its_own_requests_only()
    {
        using LoopDriver driver = new(LoopDriver.Options(forwardedAllow: "192.0.2.0/24"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Get + "X-Forwarded-For: 1.1.1.1, 203.0.113.9:81, 192.0.2.9\r\n\r\n" + Get + "\r\n");
        driver.Exchange(peer, Get + "X-Forwarded-For: 203.0.113.10\r\n\r\n");
        Assert.Equal(["203.0.113.9 81 http", "192.0.2.7 54321 http", "203.0.113.10  http"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_strangers_word_does_not_count()
    {
        using LoopDriver driver = new(LoopDriver.Options(forwardedAllow: "127.0.0.1,unix"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Get + "X-Forwarded-For: garbage\r\n\r\n");
        Assert.Equal(["192.0.2.7 54321 http"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void What_a_proxy_tells_malformed_is_refused()
    {
        using LoopDriver driver = new(LoopDriver.Options(forwardedAllow: "*"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Get + "X-Forwarded-For: garbage\r\n\r\n" + Get + "\r\n");
        Assert.Equal([400], Responses.Statuses(peer.Sent));
        Assert.Equal((0, ConnectionState.Lingering), (driver.Calls, driver.StateOf(peer)));
        Assert.Contains(driver.Log.Lines, line => line.Text.StartsWith("rejected with 400 bad-forwarding from 192.0.2.7: \"GET", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rejection_is_logged_with_the_client_that_the_application_would_see()
    {
        using LoopDriver driver = new(LoopDriver.Options(forwardedAllow: "*"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST /a HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
        Assert.Equal([400], Responses.Statuses(peer.Sent));
        Assert.Contains(driver.Log.Lines, line => line.Text.StartsWith("rejected with 400 bad-chunk-size from 203.0.113.9: \"zz\\r\\n\" in the body of \"POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Line, "203.0.113.9 4711 http")]
    [InlineData(Binary, "203.0.113.9 4711 https")]
    [InlineData("PROXY UNKNOWN\r\n", "  http")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "192.0.2.7 54321 http")]
    public void The_header_says_who_the_client_is_however_it_arrives(string header, string expected)
    {
        string all = header + Get + "\r\n" + Get + "\r\n";
        for (int cut = 0; cut < all.Length; cut++)
        {
            using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "192.0.2.7"), Tell);
            Peer peer = driver.Connect();
            if (cut > 0) driver.Exchange(peer, all[..cut]);
            driver.Exchange(peer, all[cut..]);
            Assert.Equal([expected, expected], LoopDriver.Bodies(peer));
            Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
            Assert.Null(driver.ConnectionOf(peer).Exchange);
        }
    }

    [Theory]
    [InlineData("no-proxy-header", Get + "\r\n")]
    [InlineData("no-proxy-header", "GET /?sid=secret HTTP/1.1\r\nHost: a\r\nAuthorization: Basic secret\r\n\r\n")]
    [InlineData("bad-proxy-header", "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000csecretsecret")]
    [InlineData("no-proxy-header", "\u0016\u0003\u0001")]
    [InlineData("bad-proxy-header", "PROXY TCP4 localhost localhost 1 2\r\n")]
    [InlineData("proxy-header-too-long", "\r\n\r\n\0\r\nQUIT\n!\u0011\u00ff\u00ff")]
    public void Without_the_header_the_connection_ends_with_one_line(string code, string text)
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "192.0.2.7"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, text);
        Assert.Equal(("", 1, 0), (peer.Sent, peer.Closes, driver.Calls));
        (LogLevel level, string line) = Assert.Single(driver.Log.Lines);
        Assert.Equal(LogLevel.Information, level);
        Assert.StartsWith($"closed with {code} from 192.0.2.7: ", line, StringComparison.Ordinal);
        Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal); // of a head that came instead
    }

    [Fact]
    public void A_second_header_is_no_request()
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "192.0.2.7"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Line + Line);
        Assert.Equal([400], Responses.Statuses(peer.Sent));
        Assert.Equal(0, driver.Calls);
    }

    [Fact]
    public void Without_the_option_the_header_is_no_request()
    {
        using LoopDriver driver = new(application: Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Line + Get + "\r\n");
        Assert.Equal([400], Responses.Statuses(peer.Sent));
        Assert.Equal(0, driver.Calls);
    }

    [Fact]
    public void Who_may_not_send_the_header_is_not_served()
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "127.0.0.1,unix"), Tell);
        Peer peer = driver.Sockets.Arrive().Says(Line + Get + "\r\n");
        driver.Accept();
        Assert.Equal(("", 1, 0, 0), (peer.Sent, peer.Closes, driver.Calls, driver.Worker.Connections.Count));
        Assert.Equal("closed with proxy-not-allowed from 192.0.2.7: ", Assert.Single(driver.Log.Lines).Text);
    }

    [Fact]
    public void A_header_that_does_not_end_runs_out_of_time()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: TimeSpan.FromMilliseconds(1), proxyAllow: "*"), Tell);
        Peer peer = driver.ConnectAndSay("PROXY TCP4");
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal("", peer.Sent);
        Assert.Equal("closed with proxy-header-timeout from 192.0.2.7: PROXY TCP4", Assert.Single(driver.Log.Lines).Text);
    }

    [Fact]
    public void A_probe_that_connects_and_leaves_is_not_worth_a_line()
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "*"), Tell);
        Peer peer = driver.Connect().Answers(0);
        driver.Readable(peer);
        Assert.Equal(1, peer.Closes);
        Assert.Empty(driver.Log.Lines);
        peer = driver.Connect().Says("PROX").Answers(0);
        driver.Readable(peer);
        driver.Readable(peer);
        Assert.Equal(1, peer.Closes);
        Assert.Equal("closed with no-proxy-header from 192.0.2.7: PROX", Assert.Single(driver.Log.Lines).Text);
    }

    [Fact]
    public void A_connection_without_its_header_does_not_hold_up_a_stop()
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "*"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, "PROXY TCP4");
        driver.Worker.Stop();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
    }

    [Theory]
    [InlineData("203.0.113.9", "198.51.100.77  http")] // the one that the header names is a proxy too
    [InlineData("203.0.113.0/24,*", "198.51.100.77  http")]
    [InlineData("*", "203.0.113.9 4711 http")] // whoever connects is who sends the header
    [InlineData("192.0.2.7", "203.0.113.9 4711 http")] // who sends the header is not who writes the fields
    public void Fields_are_as_good_as_the_client_that_the_header_names(string proxies, string expected)
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "192.0.2.7", forwardedAllow: proxies), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, Line + Get + "X-Forwarded-For: 198.51.100.77\r\n\r\n");
        Assert.Equal([expected], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_client_without_an_address_is_nobodys_proxy()
    {
        using LoopDriver driver = new(LoopDriver.Options(proxyAllow: "*", forwardedAllow: "*,unix"), Tell);
        Peer peer = driver.Connect();
        driver.Exchange(peer, "PROXY UNKNOWN\r\n" + Get + "X-Forwarded-For: 198.51.100.77\r\n\r\n");
        Assert.Equal(["  http"], LoopDriver.Bodies(peer));
    }

    private static void Tell(AppThread thread, HttpExchange exchange) => Reply.With(
        exchange,
        $"{Encoding.ASCII.GetString(exchange.RemoteAddress)} {Encoding.ASCII.GetString(exchange.RemotePort)} {(exchange.IsHttps ? "https" : "http")}");
}
