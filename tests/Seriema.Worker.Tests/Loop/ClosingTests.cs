using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Bodies that nobody read, and the end of connections (RFC 9112 §9.6).</summary>
public sealed class ClosingTests
{
    // A body whose application does not read: more than the buffer, so the rest of it is still with the client.
    private static readonly WsgiServerOptions s_smallBuffer = LoopDriver.Options(threads: 4, bodyBuffer: 16);

    [Fact]
    public void The_rest_of_a_small_body_is_dropped_and_the_connection_goes_on()
    {
        using LoopDriver driver = new(s_smallBuffer, IgnoreBody);
        Peer peer = driver.Connect();
        Run(driver, peer, Post(1000) + new string('x', 400));
        Assert.Equal(ConnectionState.Discarding, driver.StateOf(peer));
        driver.Exchange(peer, new string('x', 600) + LoopDriver.Get);
        Assert.Equal(["ok", "ok"], LoopDriver.Bodies(peer));
        Assert.Equal((ConnectionState.Idle, 0), (driver.StateOf(peer), peer.WriteShutdowns));
    }

    [Fact]
    public void The_rest_of_a_small_chunked_body_is_dropped_and_the_connection_goes_on()
    {
        using LoopDriver driver = new(s_smallBuffer, IgnoreBody);
        Peer peer = driver.Connect();
        Run(driver, peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + new string('x', 20) + "\r\n");
        driver.Exchange(peer, "5\r\nabcde\r\n");
        Assert.Equal(ConnectionState.Discarding, driver.StateOf(peer));
        driver.Exchange(peer, "0\r\n\r\n" + LoopDriver.Get);
        Assert.Equal(["ok", "ok"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void The_rest_of_a_large_body_is_not_waited_for()
    {
        using LoopDriver driver = new(s_smallBuffer, IgnoreBody);
        Peer peer = driver.Connect();
        Run(driver, peer, Post(200_000) + new string('x', 1000));
        Assert.Equal((ConnectionState.Lingering, 1), (driver.StateOf(peer), peer.WriteShutdowns));
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        peer.Answers(0);
        driver.Exchange(peer, "");
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_chunked_body_without_end_is_given_up()
    {
        using LoopDriver driver = new(s_smallBuffer, IgnoreBody);
        Peer peer = driver.Connect();
        Run(driver, peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + new string('x', 256) + "\r\n");
        for (int i = 0; i < 40 && driver.StateOf(peer) == ConnectionState.Discarding; i++)
        {
            driver.Exchange(peer, "1000\r\n" + new string('x', 4096) + "\r\n");
        }
        Assert.Equal((ConnectionState.Lingering, 1, 1), (driver.StateOf(peer), peer.WriteShutdowns, driver.Calls));
    }

    [Fact]
    public void A_mistake_in_the_dropped_rest_ends_the_connection()
    {
        using LoopDriver driver = new(s_smallBuffer, IgnoreBody);
        Peer peer = driver.Connect();
        Run(driver, peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + new string('x', 256) + "\r\n");
        driver.Exchange(peer, "zz\r\n\r\n" + LoopDriver.Get);
        Assert.Equal((ConnectionState.Lingering, 1), (driver.StateOf(peer), driver.Calls));
    }

    [Fact]
    public void A_lingering_client_is_read_until_it_closes()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "nonsense\r\n\r\n");
        Assert.Equal((ConnectionState.Lingering, Libc.EPOLLIN), (driver.StateOf(peer), driver.MaskOf(peer)));
        driver.Exchange(peer, "more nonsense");
        Assert.Equal(0, peer.Closes);
        peer.Answers(-Errno.EINTR).Answers(0);
        driver.Readable(peer);
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_lingering_client_that_never_stops_sending_is_cut()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "nonsense\r\n\r\n");
        int turns = 0;
        for (; turns < 100 && peer.Closes == 0; turns++) driver.Exchange(peer, new string('x', 32768));
        Assert.InRange(turns, 10, 64); // a MiB, and not the first bytes
    }

    [Fact]
    public void A_client_that_is_gone_when_its_connection_is_shut_down_is_closed_at_once()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        peer.ShutdownAnswer = -107; // ENOTCONN
        driver.Exchange(peer, "nonsense\r\n\r\n");
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_response_that_says_close_closes_without_lingering()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), (peer.Closes, peer.WriteShutdowns, peer.Resets));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0)] // chunked: the missing last chunk tells
    [InlineData("GET / HTTP/1.0\r\n\r\n", 1)] // delimited by the close: only a reset tells
    public void A_broken_response_never_looks_whole(string request, int resets)
    {
        using LoopDriver driver = new(application: Break);
        Peer peer = driver.Connect();
        driver.Exchange(peer, request);
        Assert.Contains("part", peer.Sent, StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((1, resets, 0), (peer.Closes, peer.Resets, peer.WriteShutdowns));
    }

    [Fact]
    public void A_broken_response_never_looks_whole_with_an_unread_body_either()
    {
        using LoopDriver driver = new(s_smallBuffer, Break);
        Peer peer = driver.Connect();
        Run(driver, peer, "POST / HTTP/1.0\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        // shutdown would send a FIN, and to HTTP/1.0 that is the end of a whole body.
        Assert.Equal((1, 1, 0), (peer.Closes, peer.Resets, peer.WriteShutdowns));
    }

    [Fact]
    public void Fewer_bytes_than_promised_end_the_connection()
    {
        using LoopDriver driver = new(application: (_, exchange) =>
        {
            Reply.Head(exchange, -1, ("Content-Length", "10"));
            Reply.Body(exchange, "short");
            exchange.Complete();
        });
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        Assert.EndsWith("\r\n\r\nshort", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(1, peer.Closes);
    }

    private static string Post(int length) => $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n";

    /// <summary>A body beyond the buffer is given to another thread; goes on until that one is done.</summary>
    private static void Run(LoopDriver driver, Peer peer, string text)
    {
        driver.Exchange(peer, text);
        driver.LeadUntil(
            () => driver.StateOf(peer) is not (ConnectionState.Waiting or ConnectionState.Running or ConnectionState.Draining),
            "the end of the response");
    }

    private static void IgnoreBody(AppThread thread, HttpExchange exchange) => Reply.With(exchange, "ok");

    private static void Break(AppThread thread, HttpExchange exchange)
    {
        Reply.Head(exchange, -1);
        Reply.Body(exchange, "part");
        exchange.Abort();
    }
}
