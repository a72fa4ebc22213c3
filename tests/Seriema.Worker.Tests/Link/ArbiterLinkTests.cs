using Seriema.Transport;
using Seriema.Worker.Tests.Crews;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Link;

/// <summary>What a worker tells its arbiter, and how it obeys; the arbiter is the test.</summary>
public sealed class ArbiterLinkTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(50);

    private readonly ControlChannel _arbiter;
    private readonly ControlChannel _worker;
    private readonly LogRecorder _log = new();
    private readonly List<EndOrder> _ends = [];
    private ArbiterLink? _link;

    public ArbiterLinkTests() => (_arbiter, _worker) = ControlChannel.Pair();

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(30_000, 1000)]
    [InlineData(2000, 500)]
    [InlineData(1, 50)]
    public void It_beats_four_times_in_the_time_that_the_arbiter_waits(int timeout, int beat) =>
        Assert.Equal(beat, ArbiterLink.BeatFor(TimeSpan.FromMilliseconds(timeout)).TotalMilliseconds);

    [Fact]
    public void It_beats_before_there_is_anything_to_serve_with()
    {
        Link();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(ControlWords.TryParseBeat(Receive(ControlWords.BeatKind), out WorkerCounters counters));
            Assert.InRange(counters.Rss, 1 << 20, 1L << 40);
            Assert.Equal(new WorkerCounters(0, 0, 0, 0, 0, counters.Rss), counters);
        }
    }

    [Fact]
    public void A_beat_tells_what_the_worker_does()
    {
        using ManualResetEventSlim go = new();
        using LiveServer server = new(LoopDriver.Options(threads: 1), (_, exchange) =>
        {
            go.Wait();
            Reply.With(exchange, "ok");
        });
        Link().Watch(server.Worker);
        using Client first = server.Connect(), second = server.Connect();
        first.Get("/");
        LoopDriver.Await(() => server.Worker.Board.IsSaturated, "the busy thread");
        second.Get("/");
        WorkerCounters counters = ReceiveBeat(counters => counters.Queued == 1);
        Assert.Equal((1, 2, 1), (counters.Requests, counters.Connections, counters.Busy));
        go.Set();
        Assert.Equal((200, "ok"), second.Receive());
        ReceiveBeat(counters => counters is { Requests: 2, Busy: 0, Queued: 0 });
        server.Stop();
        Assert.Equal("a signal", ControlWords.RestOf(Receive(ControlWords.GoingKind)));
    }

    [Fact]
    public async Task A_turn_of_the_loop_that_does_not_end_shows_in_the_beats()
    {
        using ManualResetEventSlim go = new();
        using LoopDriver driver = new();
        Func<int, int> idle = driver.Epoll.OnIdle!;
        long ageWhileWaiting = -1;
        driver.Epoll.OnIdle = timeout =>
        {
            ageWhileWaiting = driver.Worker.Loop.TurnAge;
            return idle(timeout);
        };
        driver.Sockets.OnAccept = go.Wait;
        Link().Watch(driver.Worker);
        Task turn = Task.Run(driver.Accept);
        long age = ReceiveBeat(counters => counters.LoopAge > 100).LoopAge;
        ReceiveBeat(counters => counters.LoopAge > age);
        go.Set();
        await turn.WaitAsync(s_patience);
        Assert.Equal(0, ageWhileWaiting);
    }

    [Theory]
    [InlineData("drain", EndOrder.Drain)]
    [InlineData("stop", EndOrder.Stop)]
    [InlineData("quit", EndOrder.Quit)]
    public void It_hands_on_how_the_worker_is_to_end_and_says_so_when_it_has_left(string order, object how)
    {
        using LiveServer server = new(LoopDriver.Options(), (_, exchange) => Reply.With(exchange, "ok"));
        Link(ended: _ => server.Worker.Stop()).Watch(server.Worker);
        _arbiter.Send("something that a later arbiter says");
        _arbiter.Send(order);
        Assert.Equal("told to " + order, ControlWords.RestOf(Receive(ControlWords.GoingKind)));
        Assert.Equal([(EndOrder)how], _ends);
        server.Stop();
    }

    [Fact]
    public void It_beats_on_while_the_worker_leaves()
    {
        using LoopDriver driver = new();
        Link().Watch(driver.Worker);
        _arbiter.Send(ControlWords.Drain);
        LoopDriver.Await(() => { lock (_ends) return _ends.Count == 1; }, "the order");
        for (int i = 0; i < 3; i++) Receive(ControlWords.BeatKind);
    }

    [Fact]
    public void A_look_tries_the_listeners()
    {
        using LoopDriver driver = new();
        Link().Watch(driver.Worker);
        driver.Sockets.Arrive();
        _arbiter.Send(ControlWords.Look);
        driver.LeadUntil(() => driver.Worker.Connections.Count == 1, "the look");
    }

    [Fact]
    public void Log_files_are_opened_anew_and_a_failure_of_that_ends_nothing()
    {
        int reopened = 0;
        Link(reopen: () =>
        {
            reopened++;
            throw new IOException("no such folder");
        });
        _arbiter.Send(ControlWords.Reopen);
        _arbiter.Send(ControlWords.Reopen);
        _arbiter.Send(ControlWords.Drain);
        LoopDriver.Await(() => { lock (_ends) return _ends.Count == 1; }, "the order after them");
        Assert.Equal(2, reopened);
        Assert.Equal(2, _log.Lines.Count(line => line.Text.Contains("log files", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_end_of_the_arbiter_stops_the_worker_and_is_logged_once()
    {
        Link();
        _arbiter.Dispose();
        Assert.True(_link!.Join(s_patience));
        Assert.Equal([EndOrder.Stop], _ends);
        Assert.Single(_log.Lines, line => line.Text.Contains("the arbiter is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void After_its_requests_it_asks_once_to_be_replaced()
    {
        using LiveServer server = new(LoopDriver.Options(maxRequests: 3), (_, exchange) => Reply.With(exchange, "ok"));
        Link().Watch(server.Worker);
        using Client client = server.Connect();
        for (int i = 0; i < 2; i++) client.Ask("/");
        ReceiveBeat(counters => counters.Requests == 2, forbidden: ControlWords.ReplaceKind);
        client.Ask("/");
        Assert.Equal("max requests (3)", ControlWords.RestOf(Receive(ControlWords.ReplaceKind)));
        for (int i = 0; i < 5; i++) client.Ask("/");
        ReceiveBeat(counters => counters.Requests == 8, forbidden: ControlWords.ReplaceKind);
        for (int i = 0; i < 3; i++) ReceiveBeat(_ => true, forbidden: ControlWords.ReplaceKind);
        server.Stop();
    }

    [Fact]
    public void Jitter_adds_to_the_number_of_requests()
    {
        using LiveServer server = new(LoopDriver.Options(maxRequests: 10, jitter: 5), (_, exchange) => Reply.With(exchange, "ok"));
        Link().Watch(server.Worker);
        using Client client = server.Connect();
        for (int i = 0; i < 15; i++) client.Ask("/");
        string reason = ControlWords.RestOf(Receive(ControlWords.ReplaceKind));
        Assert.Contains(reason, Enumerable.Range(10, 6).Select(number => $"max requests ({number})"));
        server.Stop();
    }

    [Fact]
    public void Any_part_of_the_worker_may_ask_for_a_replacement()
    {
        using LoopDriver driver = new();
        Link().Watch(driver.Worker);
        driver.Worker.RequestReplacement("a thread is stuck");
        Assert.Equal("a thread is stuck", ControlWords.RestOf(Receive(ControlWords.ReplaceKind)));
    }

    [Fact]
    public void What_must_arrive_is_sent_again_when_the_arbiter_reads_late()
    {
        string filler = "beat " + new string('0', 16_000);
        while (_worker.Send(filler)) { }
        ArbiterLink link = Link();
        link.SendReady("3.11.2");
        Assert.Equal("3.11.2", ControlWords.RestOf(Receive(ControlWords.ReadyKind)));
    }

    public void Dispose()
    {
        _link?.Stop();
        _arbiter.Dispose();
        Assert.True(_link?.Join(s_patience) ?? true, "the link did not end");
        _worker.Dispose();
    }

    private ArbiterLink Link(Action? reopen = null, Action<EndOrder>? ended = null)
    {
        _link = new ArbiterLink(Roles.Of([], _worker, reopenLogs: reopen), s_beat, new WorkerLog(_log), order =>
        {
            lock (_ends) _ends.Add(order);
            ended?.Invoke(order);
        });
        _link.Start();
        return _link;
    }

    private WorkerCounters ReceiveBeat(Predicate<WorkerCounters> wanted, string forbidden = "")
    {
        while (true)
        {
            Assert.True(ControlWords.TryParseBeat(Receive(ControlWords.BeatKind, forbidden), out WorkerCounters counters));
            if (wanted(counters)) return counters;
        }
    }

    /// <summary>The next message of this kind; others are passed over.</summary>
    private string Receive(string kind, string forbidden = "")
    {
        while (true)
        {
            Assert.True(_arbiter.WaitReadable((int)s_patience.TotalMilliseconds), $"no {kind} came");
            Assert.Equal(ControlReceive.Message, _arbiter.TryReceive(out string message));
            Assert.NotEqual(forbidden, ControlWords.KindOf(message));
            if (ControlWords.KindOf(message) == kind) return message;
        }
    }
}
