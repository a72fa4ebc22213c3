using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the loop makes of each answer that <c>send</c> and <c>sendfile</c> can give.</summary>
public sealed class DrainingTests
{
    private const int File = 3_000_000; // a number that is no descriptor

    [Fact]
    public void A_response_is_whole_even_if_the_kernel_takes_one_byte_at_a_time()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        for (int i = 0; i < 60; i++) peer.Takes(1, -Errno.EINTR, 1, -Errno.EAGAIN);
        driver.Exchange(peer, LoopDriver.Get);
        for (int turn = 0; driver.StateOf(peer) == ConnectionState.Draining; turn++)
        {
            Assert.True(turn < 100, $"still draining: {peer.Sent}");
            Assert.Equal(Libc.EPOLLOUT, driver.MaskOf(peer));
            driver.Writable(peer);
        }
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal((ConnectionState.Idle, Libc.EPOLLIN), (driver.StateOf(peer), driver.MaskOf(peer)));
    }

    [Theory]
    [InlineData(Errno.EPIPE)]
    [InlineData(Errno.ECONNRESET)]
    public void A_client_that_left_ends_the_connection_at_the_first_send(int errno)
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Takes(-errno);
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get);
        Assert.Equal((1, 1, 0), (peer.Closes, driver.Calls, driver.Worker.Connections.Count));
    }

    [Theory]
    [InlineData(Errno.EPIPE)]
    [InlineData(Errno.ECONNRESET)]
    public void A_client_that_left_ends_the_connection_while_it_drains(int errno)
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN, -errno);
        driver.Exchange(peer, LoopDriver.Get);
        driver.Turn((peer.Fd, Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP));
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_rejection_that_drains_closes_even_on_a_connection_that_was_kept_alive()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        peer.Takes(5, -Errno.EAGAIN);
        driver.Exchange(peer, "GET / HTTP/1.1\r\n\r\n" + LoopDriver.Get);
        Assert.Equal(ConnectionState.Draining, driver.StateOf(peer));
        driver.Writable(peer);
        Assert.Equal([200, 400], Responses.Statuses(peer.Sent));
        Assert.Equal((1, ConnectionState.Lingering, 1), (peer.WriteShutdowns, driver.StateOf(peer), driver.Calls));
    }

    [Fact]
    public void A_large_response_is_sent_on_with_the_others_in_between()
    {
        const int Size = 3 << 20;
        using LoopDriver driver = new(LoopDriver.Options(responseBuffer: 4 << 20), (_, exchange) => Reply.With(exchange, new string('x', Size)));
        Peer peer = driver.Connect();
        for (int i = 0; i < 48; i++) peer.Takes(1 << 16); // a kernel that always has room for 64 KiB
        driver.Exchange(peer, LoopDriver.Get);
        Assert.InRange(peer.Sends, 1, 16);
        for (int turn = 0; turn < 3; turn++) driver.Writable(peer);
        Assert.Equal(Size, Assert.Single(LoopDriver.Bodies(peer)).Length);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1, -Errno.EINTR, 2, -Errno.EAGAIN, 3, -Errno.EAGAIN)]
    [InlineData(-Errno.EAGAIN, -Errno.EAGAIN)]
    public void A_file_follows_the_head_and_is_closed_once(params int[] answers)
    {
        using LoopDriver driver = new(application: SendFile(100));
        Peer peer = driver.Connect().TakesFile(answers);
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get);
        for (int turn = 0; turn < 4 && driver.StateOf(peer) == ConnectionState.Draining; turn++) driver.Writable(peer);
        Assert.Equal([new string('#', 100), new string('#', 100)], LoopDriver.Bodies(peer));
        Assert.All(peer.More, Assert.True); // the head waits for the file's first bytes
        Assert.Equal([File, File], driver.Sockets.ClosedFiles);
        Assert.Equal((ConnectionState.Idle, 0), (driver.StateOf(peer), peer.Closes));
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(60, -5)] // EIO
    [InlineData(60, -Errno.EAGAIN, 0)]
    [InlineData(60, -Errno.EAGAIN, -Errno.EPIPE)]
    public void A_file_that_ends_early_ends_the_connection(params int[] answers)
    {
        using LoopDriver driver = new(application: SendFile(100));
        Peer peer = driver.Connect().TakesFile(answers);
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get);
        if (driver.StateOf(peer) == ConnectionState.Draining) driver.Writable(peer);
        Assert.EndsWith("\r\n\r\n" + new string('#', 60), peer.Sent, StringComparison.Ordinal);
        Assert.Equal((1, 1), (peer.Closes, driver.Calls));
        Assert.Equal([File], driver.Sockets.ClosedFiles);
    }

    [Fact]
    public void A_file_for_a_HEAD_request_is_closed_unsent()
    {
        using LoopDriver driver = new(application: SendFile(100));
        Peer peer = driver.Connect();
        driver.Exchange(peer, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal([File], driver.Sockets.ClosedFiles);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Fact]
    public void A_chunked_body_larger_than_the_buffer_goes_out_in_pieces()
    {
        string body = string.Concat(Enumerable.Range(0, 20_000).Select(i => (char)('a' + (i % 26))));
        using LoopDriver driver = new(LoopDriver.Options(responseBuffer: 4096), (_, exchange) => Reply.With(exchange, body, hasLength: false));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(body, Chunks.Decode(peer.Sent));
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    private static Action<AppThread, HttpExchange> SendFile(int length) => (_, exchange) =>
    {
        Reply.Head(exchange, length);
        exchange.SendFile(File, 0, length);
        exchange.Complete();
    };
}
