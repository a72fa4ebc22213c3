using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Events of a connection whose request another thread runs: the loop may only touch what it may.</summary>
public sealed class AwayTests : IDisposable
{
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _go = new();

    [Fact]
    public void A_call_known_to_be_slow_does_not_hold_the_loop()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer slow = driver.Connect();
        Peer fast = driver.Connect();
        driver.Exchange(slow, SlowRequest);
        _entered.Wait();
        Assert.Equal(ConnectionState.Running, driver.StateOf(slow));
        driver.Exchange(fast, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(fast));
        Assert.Equal("", slow.Sent);
        End(driver, slow);
        Assert.Equal(["slow"], LoopDriver.Bodies(slow));
    }

    [Fact]
    public void What_a_client_sends_meanwhile_is_not_watched_and_answered_after()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, SlowRequest);
        _entered.Wait();
        int receives = peer.Receives;
        driver.Exchange(peer, LoopDriver.Get); // the event finds the connection away
        Assert.Equal((0u, receives), (driver.MaskOf(peer), peer.Receives));
        End(driver, peer);
        Assert.Equal(Libc.EPOLLIN, driver.MaskOf(peer));
        driver.Readable(peer);
        Assert.Equal(["slow", "/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_pipelined_request_behind_a_slow_one_is_answered_when_that_is_done()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, SlowRequest + LoopDriver.Get);
        _entered.Wait();
        _go.Set();
        driver.LeadUntil(() => peer.Sent.EndsWith("\r\n\r\n/", StringComparison.Ordinal), "the second answer");
        Assert.Equal(["slow", "/"], LoopDriver.Bodies(peer));
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Theory]
    [InlineData(Libc.EPOLLHUP)]
    [InlineData(Libc.EPOLLERR)]
    [InlineData(Libc.EPOLLIN | Libc.EPOLLERR | Libc.EPOLLHUP)]
    public void A_client_that_leaves_meanwhile_is_reported_once_and_closed_after(uint events)
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, SlowRequest);
        _entered.Wait();
        driver.Turn((peer.Fd, events));
        // EPOLLHUP cannot be masked: it would wake the loop until the application is done.
        Assert.False(driver.Epoll.Masks.ContainsKey(peer.Fd));
        Assert.Equal((ConnectionState.Running, 0), (driver.StateOf(peer), peer.Closes));
        _go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal((1, 0, ""), (peer.Closes, driver.Worker.Connections.Count, peer.Sent));
    }

    [Fact]
    public void An_application_that_waits_for_a_reader_that_left_is_woken()
    {
        bool? whole = null;
        using LoopDriver driver = Slow((_, exchange) =>
        {
            Reply.Head(exchange, -1);
            whole = Reply.Body(exchange, new string('x', 100_000));
            exchange.Abort();
        });
        Peer peer = driver.Connect().Takes(10, -Errno.EAGAIN);
        driver.Exchange(peer, SlowRequest);
        _go.Set();
        driver.LeadUntil(() => driver.MaskOf(peer) == Libc.EPOLLOUT, "a full buffer");
        driver.Turn((peer.Fd, Libc.EPOLLHUP | Libc.EPOLLERR));
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.False(whole);
    }

    [Fact]
    public void An_application_that_waits_for_a_slow_reader_goes_on_when_it_reads()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, new string('x', 100_000)));
        Peer peer = driver.Connect();
        for (int i = 0; i < 1000; i++) peer.Takes(1000, -Errno.EAGAIN);
        driver.Exchange(peer, SlowRequest);
        _go.Set();
        driver.LeadUntil(
            () =>
            {
                if (driver.MaskOf(peer) == Libc.EPOLLOUT) driver.Writable(peer);
                return driver.StateOf(peer) == ConnectionState.Idle;
            },
            "the end of the response");
        Assert.Equal(100_000, Assert.Single(LoopDriver.Bodies(peer)).Length);
    }

    [Fact]
    public void A_reader_that_takes_nothing_for_too_long_ends_the_wait_of_the_application()
    {
        bool? whole = null;
        using LoopDriver driver = Slow(
            (_, exchange) =>
            {
                Reply.Head(exchange, -1);
                whole = Reply.Body(exchange, new string('x', 100_000));
                exchange.Abort();
            },
            progress: TimeSpan.FromMilliseconds(1));
        Peer peer = driver.Connect().Takes(10, -Errno.EAGAIN);
        driver.Exchange(peer, SlowRequest);
        _go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.False(whole);
    }

    [Fact]
    public void A_forced_stop_does_not_wait_for_the_application()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, SlowRequest);
        _entered.Wait();
        driver.Worker.ForceStop();
        driver.Turn();
        driver.Turn();
        Assert.True(driver.Worker.LoopEnded.IsCompletedSuccessfully);
        Assert.Equal(0, peer.Closes); // the descriptor is still the application thread's
        _go.Set();
        LoopDriver.Await(() => peer.Closes == 1, "the close");
        Assert.Equal("", peer.Sent);
    }

    [Fact]
    public void A_stop_waits_for_the_application()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "slow"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, SlowRequest);
        _entered.Wait();
        driver.Worker.Stop();
        driver.Turn();
        driver.Turn();
        Assert.False(driver.Worker.LoopEnded.IsCompleted);
        _go.Set();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(["slow"], LoopDriver.Bodies(peer));
    }

    public void Dispose()
    {
        _go.Set(); // whatever a failed test left waiting
    }

    private const string SlowRequest = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

    /// <summary>A worker that knows that /slow blocks, and where it blocks until the test lets it go.</summary>
    private LoopDriver Slow(Action<AppThread, HttpExchange> application, TimeSpan? progress = null)
    {
        LoopDriver driver = new(LoopDriver.Options(threads: 4, responseBuffer: 4096, progress: progress), (thread, exchange) =>
        {
            if (Reply.Path(exchange) != "/slow")
            {
                Reply.With(exchange, Reply.Path(exchange));
                return;
            }
            _entered.Set();
            _go.Wait();
            application(thread, exchange);
        });
        driver.Worker.Slow.OnMeasured(SlowCalls.Key("GET"u8, "a"u8, "/slow"u8), slow: true);
        return driver;
    }

    private void End(LoopDriver driver, Peer peer)
    {
        _go.Set();
        driver.LeadUntil(() => driver.StateOf(peer) == ConnectionState.Idle, "the end of the response");
    }
}
