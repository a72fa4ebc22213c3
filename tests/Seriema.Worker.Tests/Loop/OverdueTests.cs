using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Calls that take longer than the deadline: what the client gets, and what becomes of the connection.</summary>
/// <remarks>The deadline's thread is the test's: it looks when the test says, at a time that the test says.</remarks>
public sealed class OverdueTests : IDisposable
{
    private const string SlowRequest = "GET /slow?a=1 HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _go = new();
    private readonly List<string> _replacements = [];

    [Fact]
    public void The_client_gets_504_at_once_and_nothing_of_what_the_application_still_writes()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, s_timeout / 2);
        Assert.Equal("", peer.Sent);
        LookAfter(driver, s_timeout);
        Assert.Equal(["The application did not answer in time."], LoopDriver.Bodies(peer));
        Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((ConnectionState.Running, 1, 0), (driver.StateOf(peer), peer.WriteShutdowns, peer.Closes));
        _go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal([504], Responses.Statuses(peer.Sent));
        Assert.Equal((1, 0, 0), (peer.Closes, peer.Resets, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_second_look_does_nothing()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, s_timeout);
        LookAfter(driver, s_timeout);
        Assert.Equal((1, 1), (peer.Sends, peer.WriteShutdowns));
    }

    [Fact]
    public void The_answer_to_HEAD_has_no_body()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"));
        Peer peer = Enter(driver, "HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        LookAfter(driver, s_timeout);
        Assert.StartsWith("HTTP/1.1 504 ", peer.Sent, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_deadline_the_application_may_take_a_day()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), timeout: TimeSpan.Zero);
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, TimeSpan.FromDays(1));
        _go.Set();
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
        LookAfter(driver, s_timeout);
        _go.Set();
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
        LookAfter(driver, s_timeout);
        _go.Set();
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
        LookAfter(driver, s_timeout);
        _go.Set();
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal([504], Responses.Statuses(peer.Sent));
        Assert.Equal(0, peer.Resets);
    }

    [Fact]
    public void A_client_that_still_uploads_is_read_out_so_that_no_reset_takes_its_answer()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), bodyBuffer: 16);
        Peer peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        LookAfter(driver, s_timeout);
        _go.Set();
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
        LookAfter(driver, s_timeout);
        driver.Turn((peer.Fd, Libc.EPOLLHUP));
        Assert.False(driver.Epoll.Masks.ContainsKey(peer.Fd));
        _go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
    }

    [Fact]
    public void A_100_Continue_is_not_the_response()
    {
        using LoopDriver driver = Slow(
            (_, exchange) => Reply.With(exchange, "late"), begin: (_, exchange) => exchange.FillBody());
        driver.Sockets.OnWaitReadable = () => 0;
        Peer peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        LookAfter(driver, s_timeout);
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
        LookAfter(driver, s_timeout);
        _go.Set();
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
            LookAfter(driver, s_timeout * 2);
            peer!.Says(new string('x', 900));
            return 1;
        };
        peer = Enter(driver, "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        _go.Set();
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
        _go.Set();
        read.Wait();
        LookAfter(driver, s_timeout);
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
        _go.Set();
        LoopDriver.Await(() => caller?.Clock.Due == CallClock.Paused, "the wait for the client");
        LookAfter(driver, s_timeout * 2);
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
        LookAfter(driver, s_timeout * 2);
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
            _go.Set();
            start.SignalAndWait();
            if (i % 2 == 0) Thread.SpinWait(i * 10); // so that the other side is first, now and then
            LookAfter(driver, s_timeout);
            driver.LeadUntil(() => driver.StateOf(peer) is ConnectionState.Idle or ConnectionState.Closed, "the end of the call");
            int status = Assert.Single(Responses.Statuses(peer.Sent));
            if (status != 504) Assert.Equal(["late"], LoopDriver.Bodies(peer));
            Assert.Equal(status == 504, peer.WriteShutdowns == 1);
            _go.Reset();
            _entered.Reset();
        }
    }

    [Fact]
    public void A_thread_that_does_not_come_back_is_given_up_and_a_draining_worker_does_not_wait_for_it()
    {
        AppThread? caller = null;
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), begin: (thread, _) => caller = thread);
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, s_timeout);
        LookAfter(driver, s_timeout + (s_grace / 2));
        Assert.Empty(_replacements);
        GiveUp(driver);
        GiveUp(driver);
        Assert.Equal(["the thread of GET /slow?a=1 has not come back for 70 s"], _replacements);
        Assert.Contains(
            (Microsoft.Extensions.Logging.LogLevel.Error,
                "the thread of GET /slow?a=1 has not come back for 70 s; the worker asks to be replaced"), driver.Log.Lines);
        Assert.Equal((0, 0, true), (driver.Worker.Connections.Count, peer.Closes, DeadlineWatch.IsStuck(caller!)));
        Assert.False(driver.Epoll.Masks.ContainsKey(peer.Fd));

        driver.Worker.Stop();
        driver.Turn();
        driver.Turn();
        Assert.True(driver.Worker.LoopEnded.IsCompletedSuccessfully);

        _go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
        LoopDriver.Await(() => !DeadlineWatch.IsStuck(caller!), "the thread's return");
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
        Assert.Equal([504], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void A_thread_that_comes_back_late_serves_again()
    {
        List<int> threads = [];
        using LoopDriver driver = Slow((thread, exchange) =>
        {
            lock (threads) threads.Add(thread.Number);
            Reply.With(exchange, "done");
        });
        Peer peer = Enter(driver, SlowRequest);
        GiveUp(driver);
        _go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
        Peer next = driver.Connect();
        driver.Exchange(next, SlowRequest);
        driver.LeadUntil(() => driver.StateOf(next) == ConnectionState.Idle, "the answer");
        Assert.Equal(["done"], LoopDriver.Bodies(next));
        Assert.Equal(2, threads.Count);
        LookAfter(driver, TimeSpan.Zero);
        Assert.False(driver.Worker.IsStopping);
    }

    [Theory]
    [InlineData("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", 1, 0)]
    [InlineData("GET /slow HTTP/1.0\r\n\r\n", 0, 1)]
    public void A_response_that_had_begun_shows_its_break_when_the_thread_is_given_up(string request, int shutdowns, int resets)
    {
        using LoopDriver driver = Slow((_, exchange) => exchange.Abort(), begin: (_, exchange) => Begin(exchange, "begun"));
        Peer peer = Enter(driver, request);
        GiveUp(driver);
        Assert.Equal((shutdowns, resets, 0), (peer.WriteShutdowns, peer.Resets, peer.Closes));
        Assert.Equal([200], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public async Task When_every_thread_is_stuck_the_worker_stops()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), threads: 1, isSlow: false);
        // With one thread it is the reserve's loop; here the test leads, and the call has a thread of its own.
        Peer peer = driver.Connect();
        Task call = Task.Run(() => driver.Exchange(peer, SlowRequest));
        _entered.Wait();
        GiveUp(driver);
        Assert.True(driver.Worker.IsStopping);
        Assert.Single(_replacements);
        _go.Set();
        await call.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose() => _go.Set(); // whatever a failed test left waiting

    private static WsgiServerOptions Options(int threads = 4, int bodyBuffer = 1 << 20, TimeSpan? timeout = null) =>
        LoopDriver.Options(threads, bodyBuffer, responseBuffer: 4096, timeout: timeout ?? s_timeout, grace: s_grace);

    /// <summary>One look of the deadline's thread, that much later.</summary>
    private static void LookAfter(LoopDriver driver, TimeSpan time) =>
        driver.Worker.Deadlines.Look(ServerClock.Now + (long)time.TotalMilliseconds);

    /// <summary>Past the deadline, and then past the grace.</summary>
    private static void GiveUp(LoopDriver driver)
    {
        LookAfter(driver, s_timeout);
        LookAfter(driver, s_timeout + (2 * s_grace));
    }

    private static void Begin(HttpExchange exchange, string body)
    {
        Reply.Head(exchange, -1);
        _ = Reply.Body(exchange, body);
        Assert.True(exchange.Flush());
    }

    /// <summary>A worker whose /slow begins, blocks until the test lets it go, and then ends as told.</summary>
    private LoopDriver Slow(
        Action<AppThread, HttpExchange> application, TimeSpan? timeout = null, int bodyBuffer = 1 << 20,
        Action<AppThread, HttpExchange>? begin = null, int threads = 4, bool isSlow = true)
    {
        LoopDriver driver = new(Options(threads, bodyBuffer, timeout), (thread, exchange) =>
        {
            begin?.Invoke(thread, exchange);
            _entered.Set();
            _go.Wait();
            application(thread, exchange);
        });
        driver.Worker.RequestReplacement = _replacements.Add;
        if (isSlow)
        {
            foreach (string method in (string[])["GET", "HEAD", "POST"])
            {
                foreach (string host in (string[])["a", ""])
                {
                    driver.Worker.Slow.OnMeasured(
                        SlowCalls.Key(System.Text.Encoding.ASCII.GetBytes(method), System.Text.Encoding.ASCII.GetBytes(host), "/slow"u8), slow: true);
                }
            }
        }
        return driver;
    }

    private Peer Enter(LoopDriver driver, string request, Peer? peer = null)
    {
        peer ??= driver.Connect();
        driver.Exchange(peer, request);
        _entered.Wait();
        return peer;
    }
}
