using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Calls that take longer than the deadline: what the client gets, and what becomes of the connection.</summary>
/// <remarks>The deadline's thread is the test's: it looks when the test says, at a time that the test says.</remarks>
public sealed class OverdueTests : SlowCallTest
{
    [Fact]
    public void The_client_gets_504_at_once_and_nothing_of_what_the_application_still_writes()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, Timeout / 2);
        Assert.Equal("", peer.Sent);
        LookAfter(driver, Timeout);
        Assert.Equal(["The application did not answer in time."], LoopDriver.Bodies(peer));
        Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((ConnectionState.Running, 1, 0), (driver.StateOf(peer), peer.WriteShutdowns, peer.Closes));
        Go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal([504], Responses.Statuses(peer.Sent));
        Assert.Equal((1, 0, 0), (peer.Closes, peer.Resets, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_second_look_does_nothing()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, Timeout);
        LookAfter(driver, Timeout);
        Assert.Equal((1, 1), (peer.Sends, peer.WriteShutdowns));
    }

    [Fact]
    public void The_answer_to_HEAD_has_no_body()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, "HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        LookAfter(driver, Timeout);
        Assert.StartsWith("HTTP/1.1 504 ", peer.Sent, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_deadline_the_application_may_take_a_day()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), timeout: TimeSpan.Zero);
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, TimeSpan.FromDays(1));
        Go.Set();
        driver.LeadUntil(() => driver.StateOf(peer) == ConnectionState.Idle, "the answer");
        Assert.Equal(["late"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_response_that_has_begun_is_broken_off()
    {
        bool? whole = null;
        using LoopDriver driver = Slow((AppThread _, HttpExchange exchange) =>
        {
            whole = Reply.Body(exchange, "more") && exchange.Flush();
            exchange.Abort();
        }, begin: (_, exchange) => Begin(exchange, "begun"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, Timeout);
        Go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.False(whole);
        Assert.Equal([200], Responses.Statuses(peer.Sent));
        Assert.EndsWith("\r\n\r\n5\r\nbegun\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(0, peer.Resets);
    }

    [Fact]
    public void Where_only_a_reset_shows_the_break_there_is_one()
    {
        using LoopDriver driver = Slow((_, exchange) => exchange.Complete(), begin: (_, exchange) => Begin(exchange, "begun"));
        Peer peer = Enter(driver, "GET /slow HTTP/1.0\r\n\r\n");
        LookAfter(driver, Timeout);
        Go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal(1, peer.Resets);
    }

    [Fact]
    public void A_504_is_never_reset_whatever_the_application_had_begun()
    {
        using LoopDriver driver = Slow((_, exchange) =>
        {
            Reply.Head(exchange, -1);
            Reply.Body(exchange, "late");
            exchange.Complete();
        });
        Peer peer = Enter(driver, "GET /slow HTTP/1.0\r\n\r\n");
        LookAfter(driver, Timeout);
        Go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal([504], Responses.Statuses(peer.Sent));
        Assert.Equal(0, peer.Resets);
    }

    [Fact]
    public void A_client_that_still_uploads_is_read_out_so_that_no_reset_takes_its_answer()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), bodyBuffer: 16);
        Peer peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        LookAfter(driver, Timeout);
        Go.Set();
        driver.LeadUntil(() => driver.StateOf(peer) == ConnectionState.Lingering, "the lingering");
        peer.Says(new string('x', 900)).Answers(0);
        driver.Readable(peer);
        Assert.Equal([504], Responses.Statuses(peer.Sent));
        Assert.Equal((1, 0), (peer.Closes, peer.Resets));
    }

    [Fact]
    public void A_client_that_leaves_with_its_answer_is_closed_when_the_thread_is_back()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, Timeout);
        driver.Turn((peer.Fd, Libc.EPOLLHUP));
        Assert.False(driver.Epoll.Masks.ContainsKey(peer.Fd));
        Go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
    }

    [Fact]
    public void A_100_Continue_is_not_the_response()
    {
        using LoopDriver driver = Slow(
            (_, exchange) => Reply.With(exchange, "late"), begin: (_, exchange) => exchange.FillBody());
        driver.Sockets.OnWaitReadable = () => 0;
        Peer peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        LookAfter(driver, Timeout);
        Assert.Equal([100, 504], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void After_the_answer_no_100_Continue_follows()
    {
        Wsgi.BodyResult? result = null;
        using LoopDriver driver = Slow((_, exchange) =>
        {
            result = exchange.FillBody();
            exchange.Abort();
        });
        Peer peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        LookAfter(driver, Timeout);
        Go.Set();
        LoopDriver.Await(() => result is not null, "the end of the call");
        Assert.Equal(Wsgi.BodyResult.ClientGone, result);
        Assert.Equal([504], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void What_the_application_waits_for_a_body_does_not_count()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, Reply.Read(exchange)!), bodyBuffer: 16);
        Peer? peer = null;
        driver.Sockets.OnWaitReadable = () =>
        {
            LookAfter(driver, Timeout * 2);
            peer!.Says(new string('x', 900));
            return 1;
        };
        peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        Go.Set();
        driver.LeadUntil(() => driver.StateOf(peer) == ConnectionState.Idle, "the answer");
        Assert.Equal(1000, Assert.Single(LoopDriver.Bodies(peer)).Length);
    }

    [Fact]
    public void After_the_wait_for_a_body_the_time_counts_on()
    {
        using ManualResetEventSlim read = new();
        using ManualResetEventSlim end = new();
        using LoopDriver driver = Slow((_, exchange) =>
        {
            string body = Reply.Read(exchange)!;
            read.Set();
            end.Wait();
            Reply.With(exchange, body);
        }, bodyBuffer: 16);
        Peer? peer = null;
        driver.Sockets.OnWaitReadable = () =>
        {
            peer!.Says(new string('x', 900));
            return 1;
        };
        peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        Go.Set();
        read.Wait();
        LookAfter(driver, Timeout);
        end.Set();
        Assert.Equal([504], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void What_the_application_waits_for_a_slow_reader_does_not_count()
    {
        AppThread? caller = null;
        using LoopDriver driver = Slow((thread, exchange) =>
        {
            caller = thread;
            Reply.With(exchange, new string('x', 20_000));
        });
        Peer peer = driver.Connect().Takes(10, -Errno.EAGAIN);
        Enter(driver, SlowRequest, peer);
        Go.Set();
        LoopDriver.Await(() => caller?.Clock.Due == CallClock.Paused, "the wait for the client");
        LookAfter(driver, Timeout * 2);
        driver.LeadUntil(
            () =>
            {
                if (driver.MaskOf(peer) == Libc.EPOLLOUT) driver.Writable(peer);
                return driver.StateOf(peer) == ConnectionState.Idle;
            },
            "the end of the response");
        Assert.Equal(20_000, Assert.Single(LoopDriver.Bodies(peer)).Length);
    }

    [Fact]
    public void What_the_client_takes_slowly_of_a_whole_response_has_no_deadline()
    {
        using LoopDriver driver = new(Options());
        Peer peer = driver.Connect().Takes(10, -Errno.EAGAIN);
        driver.Exchange(peer, LoopDriver.Get);
        LookAfter(driver, Timeout * 2);
        driver.Writable(peer);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void Of_application_and_deadline_exactly_one_answers()
    {
        const int Rounds = 400;
        for (int i = 0; i < Rounds; i++)
        {
            using Barrier start = new(2);
            using LoopDriver driver = Slow((_, exchange) =>
            {
                start.SignalAndWait();
                Reply.With(exchange, "late");
            });
            Peer peer = Enter(driver, SlowRequest);
            Go.Set();
            start.SignalAndWait();
            if (i % 2 == 0) Thread.SpinWait(i * 10); // so that the other side is first, now and then
            LookAfter(driver, Timeout);
            driver.LeadUntil(() => driver.StateOf(peer) is ConnectionState.Idle or ConnectionState.Closed, "the end of the call");
            int status = Assert.Single(Responses.Statuses(peer.Sent));
            if (status != 504) Assert.Equal(["late"], LoopDriver.Bodies(peer));
            Assert.Equal(status == 504, peer.WriteShutdowns == 1);
            Go.Reset();
            Entered.Reset();
        }
    }
}
