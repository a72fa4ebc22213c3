using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the loop makes of each answer that <c>recv</c> can give.</summary>
public sealed class ReadingTests
{
    [Fact]
    public void A_request_in_one_piece_costs_one_receive_and_one_send()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        int modifications = driver.Epoll.Modifications;
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal((1, 1), (peer.Receives, peer.Sends));
        Assert.Equal(modifications, driver.Epoll.Modifications);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Fact]
    public void An_idle_connection_holds_no_buffers()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Readable(peer); // a wake with nothing to read
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get);
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        Assert.Equal(["/", "/", "/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void An_interrupted_receive_is_done_again()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Answers(-Errno.EINTR).Answers(-Errno.EINTR);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal(3, peer.Receives);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("", -Errno.ECONNRESET)]
    [InlineData("GET / HT", 0)]
    [InlineData("GET / HT", -Errno.ECONNRESET)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", 0)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", -110)] // ETIMEDOUT
    public void A_client_that_leaves_before_its_request_is_whole_gets_nothing(string sent, int answer)
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        if (sent.Length > 0) driver.Exchange(peer, sent);
        peer.Answers(answer);
        driver.Readable(peer);
        Assert.Equal(("", 1, 0), (peer.Sent, peer.Closes, driver.Calls));
        Assert.Equal(0, driver.Worker.Connections.Count);
    }

    [Fact]
    public void A_half_closed_client_is_answered_first()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Says(LoopDriver.Get).Answers(0);
        driver.Readable(peer);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal(0, peer.Closes);
        driver.Readable(peer); // level-triggered: the end of file is reported again
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_request_may_come_byte_by_byte()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        const string Request = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        foreach (char c in Request)
        {
            Assert.Equal("", peer.Sent);
            driver.Exchange(peer, c.ToString());
        }
        Assert.Equal(["/pabc"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_client_that_sends_without_end_gives_the_others_their_turn()
    {
        using LoopDriver driver = new();
        Peer busy = driver.Connect();
        Peer other = driver.Connect().Says(LoopDriver.Get);
        driver.Exchange(busy, "POST /busy HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
        int before = busy.Receives;
        for (int i = 0; i < 100; i++) busy.Says(new string('x', 4096)).Answers(-Errno.EINTR);
        driver.Turn((busy.Fd, Libc.EPOLLIN), (other.Fd, Libc.EPOLLIN));
        Assert.InRange(busy.Receives - before, 1, 16);
        Assert.Equal(["/"], LoopDriver.Bodies(other));
    }

    [Fact]
    public void An_event_of_a_closed_connection_does_not_meet_the_one_that_has_its_descriptor_now()
    {
        using LoopDriver driver = new();
        Peer first = driver.Connect().Answers(0);
        ulong firstKey = driver.Epoll.Keys[first.Fd];
        driver.Readable(first);
        Assert.Equal(1, first.Closes);
        driver.Epoll.Masks.Remove(first.Fd); // the kernel does it at the close

        Peer second = driver.Connect(first.Fd).Says(LoopDriver.Get);
        Assert.NotEqual(firstKey, driver.Epoll.Keys[second.Fd]);
        driver.Epoll.Report((firstKey, Libc.EPOLLIN | Libc.EPOLLHUP));
        driver.Lead();
        Assert.Equal((0, 0), (second.Receives, second.Closes));
        driver.Readable(second);
        Assert.Equal(["/"], LoopDriver.Bodies(second));
    }

    [Fact]
    public void Two_events_of_one_connection_in_a_batch_close_it_once()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Answers(0).Answers(0);
        driver.Turn((peer.Fd, Libc.EPOLLIN), (peer.Fd, Libc.EPOLLIN | Libc.EPOLLHUP));
        Assert.Equal((1, 1), (peer.Closes, peer.Receives));
    }

    [Fact]
    public void An_error_event_of_an_idle_connection_closes_it()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Answers(-Errno.ECONNRESET);
        driver.Turn((peer.Fd, Libc.EPOLLERR | Libc.EPOLLHUP));
        Assert.Equal(1, peer.Closes);
    }
}
