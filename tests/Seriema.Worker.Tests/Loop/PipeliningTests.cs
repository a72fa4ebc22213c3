using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Several requests at once on one connection (RFC 9112 §9.3.2).</summary>
public sealed class PipeliningTests
{
    private const string Three =
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n";

    [Fact]
    public void The_answers_come_in_order_however_the_requests_are_cut()
    {
        for (int cut = 1; cut < Three.Length; cut++)
        {
            using LoopDriver driver = new();
            Peer peer = driver.Connect();
            driver.Exchange(peer, Three[..cut]);
            driver.Exchange(peer, Three[cut..]);
            Assert.True(LoopDriver.Bodies(peer) is ["/1", "/2abc", "/3de"], $"cut at {cut}: {peer.Sent}");
            Assert.True(driver.StateOf(peer) == ConnectionState.Idle, $"cut at {cut}");
            Assert.True(driver.MaskOf(peer) == Libc.EPOLLIN, $"cut at {cut}");
        }
    }

    [Fact]
    public void A_next_request_waits_until_the_response_is_sent()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Takes(10, -Errno.EAGAIN);
        driver.Exchange(peer, Three);
        Assert.Equal((1, ConnectionState.Draining, Libc.EPOLLOUT), (driver.Calls, driver.StateOf(peer), driver.MaskOf(peer)));
        driver.Writable(peer);
        Assert.Equal(["/1", "/2abc", "/3de"], LoopDriver.Bodies(peer));
        Assert.Equal(Libc.EPOLLIN, driver.MaskOf(peer));
    }

    [Fact]
    public void The_start_of_a_next_request_is_kept_behind_an_answered_one()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, Three + "GET /4 HTTP/1.1\r\nHo");
        Assert.Equal(ConnectionState.Head, driver.StateOf(peer));
        driver.Exchange(peer, "st: a\r\n\r\n");
        Assert.Equal(["/1", "/2abc", "/3de", "/4"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void Many_requests_do_not_deepen_the_stack_or_lose_their_order()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        const int Count = 3000;
        driver.Exchange(peer, string.Concat(Enumerable.Range(0, Count).Select(i => $"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n")));
        for (int turn = 0; turn < 20 && driver.Calls < Count; turn++) driver.Readable(peer);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"/{i}"), LoopDriver.Bodies(peer));
    }

    [Fact]
    public void Nothing_behind_a_request_that_closes_is_answered()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + LoopDriver.Get);
        Assert.Equal(["/1"], LoopDriver.Bodies(peer));
        // What it sent unasked must not make the kernel reset the connection before the answer is read.
        Assert.Equal((1, 0, ConnectionState.Lingering), (peer.WriteShutdowns, peer.Closes, driver.StateOf(peer)));
    }

    [Fact]
    public void A_mistake_behind_good_requests_is_answered_in_its_place()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, Three + "GET / HTTP/1.1\r\n\r\n" + LoopDriver.Get);
        Assert.Equal([200, 200, 200, 400], Responses.Statuses(peer.Sent));
        Assert.Equal(3, driver.Calls);
    }
}
