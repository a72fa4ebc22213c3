using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Seriema.Worker.Tests.Loop;

/// <summary>How often one client may ask: what is answered beyond it, and who is one client. A rate of one in 1000 seconds stands still.</summary>
public sealed class RequestRateTests
{
    private const double Rate = 0.001;
    private const string Forwarded = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ";

    [Fact]
    public void Beyond_the_burst_the_answer_is_429_in_its_place_and_the_connection_lives_on()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 2));
        Peer peer = driver.Connect();
        driver.Exchange(peer, string.Concat(Enumerable.Repeat(LoopDriver.Get, 4)));
        Assert.Equal([200, 200, 429, 429], Responses.Statuses(peer.Sent));
        Assert.Equal("There are too many requests from this address; try again later.", LoopDriver.Bodies(peer)[3]);
        Assert.InRange(RetryAfter(peer), 990, 1000);
        Assert.DoesNotContain("Connection: close", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((2, ConnectionState.Idle, 0), (driver.Calls, driver.StateOf(peer), peer.Closes));
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(5, Responses.Statuses(peer.Sent).Length);
    }

    [Fact]
    public void Every_connection_of_a_client_counts_and_nobody_elses()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 2));
        foreach ((string address, int expected) in ((string, int)[])
            [("192.0.2.7", 200), ("192.0.2.7", 200), ("192.0.2.7", 429), ("192.0.2.8", 200), ("2001:db8::1", 200), ("2001:db8::2", 200), ("2001:db8::3", 429), ("2001:db8:0:1::1", 200)])
        {
            Peer peer = driver.Connect(address: address);
            driver.Exchange(peer, LoopDriver.Get);
            Assert.True(Responses.Statuses(peer.Sent) is [int status] && status == expected, $"{address}: {peer.Sent}");
        }
    }

    [Fact]
    public void A_request_with_a_body_is_refused_before_the_body_and_ends_the_connection()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1));
        driver.Exchange(driver.Connect(), LoopDriver.Get);
        foreach (string fields in (string[])["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\nExpect: 100-continue\r\n"])
        {
            Peer peer = driver.Connect();
            driver.Exchange(peer, $"POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            Assert.Equal([429], Responses.Statuses(peer.Sent));
            Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
            Assert.InRange(RetryAfter(peer), 990, 1000);
            Assert.Equal(ConnectionState.Lingering, driver.StateOf(peer));
        }
        Assert.Equal(1, driver.Calls);
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false)]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true)]
    public void The_connection_goes_on_as_the_client_asked(string request, bool goesOn)
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1));
        driver.Exchange(driver.Connect(), LoopDriver.Get);
        Peer peer = driver.Connect();
        driver.Exchange(peer, request);
        Assert.Equal([429], Responses.Statuses(peer.Sent));
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), peer.Sent.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal(goesOn ? ConnectionState.Idle : ConnectionState.Closed, driver.StateOf(peer));
    }

    [Fact]
    public void Files_of_the_site_count_too()
    {
        using SiteFolder folder = new();
        folder.Write("a.txt", "file");
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1), site: folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal([200, 429], Responses.Statuses(peer.Sent));
        Assert.Equal(0, driver.Calls);
    }

    [Fact]
    public void Behind_a_proxy_the_client_counts_that_it_names()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1, forwardedAllow: "192.0.2.7"));
        Peer proxy = driver.Connect();
        foreach (string client in (string[])["203.0.113.1", "203.0.113.2", "203.0.113.1", "1.1.1.1, 203.0.113.2", "2001:db8::1", "2001:db8::2", "unknown", "unknown"])
        {
            driver.Exchange(proxy, $"{Forwarded}{client}\r\n\r\n");
        }
        Assert.Equal([200, 200, 429, 429, 200, 429, 200, 200], Responses.Statuses(proxy.Sent));
    }

    [Fact]
    public void A_proxy_that_names_nobody_asks_for_itself()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1, forwardedAllow: "192.0.2.7"));
        Peer proxy = driver.Connect();
        driver.Exchange(proxy, LoopDriver.Get + LoopDriver.Get);
        Assert.Equal([200, 429], Responses.Statuses(proxy.Sent));
    }

    [Fact]
    public void What_a_stranger_says_of_others_does_not_help_it()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1));
        Peer peer = driver.Connect();
        driver.Exchange(peer, $"{Forwarded}203.0.113.1\r\n\r\n{Forwarded}203.0.113.2\r\n\r\n");
        Assert.Equal([200, 429], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void The_servers_own_connection_is_not_limited()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1));
        byte[] address = [2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        Peer peer = driver.Sockets.Arrive();
        Assert.NotNull(driver.Worker.Connections.Open(peer.Fd, driver.Worker.Listeners[0], address, isOwn: true));
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get + LoopDriver.Get);
        Assert.Equal([200, 200, 200], Responses.Statuses(peer.Sent));
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.11, 2)]
    [InlineData(0.2, 2)]
    [InlineData(3, 30)]
    public void Without_a_burst_that_of_ten_seconds_is_allowed(double rate, int expected)
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: rate));
        Peer peer = driver.Connect();
        driver.Exchange(peer, string.Concat(Enumerable.Repeat(LoopDriver.Get, expected)));
        Assert.Equal(Enumerable.Repeat(200, expected), Responses.Statuses(peer.Sent));
        // On a machine that stands still for some seconds the rate allows more.
        driver.LeadUntil(() =>
        {
            driver.Exchange(peer, LoopDriver.Get);
            return Responses.Statuses(peer.Sent)[^1] == 429;
        }, "the limit");
    }

    [Fact]
    public void The_log_has_one_line_for_many()
    {
        using LoopDriver driver = new(LoopDriver.Options(rate: Rate, burst: 1, progress: TimeSpan.FromMilliseconds(80)));
        driver.Exchange(driver.Connect(), string.Concat(Enumerable.Repeat(LoopDriver.Get, 6)));
        driver.LeadUntil(() => driver.Log.Lines.Any(line => line.Level == LogLevel.Warning), "the line");
        Assert.Equal("5 requests refused: clients ask too often; 192.0.2.7 was the last", Assert.Single(driver.Log.Lines, line => line.Level == LogLevel.Warning).Text);
        Assert.Equal(5, driver.Log.Lines.Count(line => line.Text.StartsWith("refused with 429 too-many-requests from 192.0.2.7: ", StringComparison.Ordinal)));
    }

    private static int RetryAfter(Peer peer) =>
        int.Parse(peer.Sent.Split("\r\nRetry-After: ")[^1].Split("\r\n")[0], CultureInfo.InvariantCulture);
}
