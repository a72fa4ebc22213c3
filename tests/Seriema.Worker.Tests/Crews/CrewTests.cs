using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Who runs what: hand-over of the loop, the queue, and how many threads are inside the application.</summary>
public sealed class CrewTests : IDisposable
{
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _go = new();

    [Fact]
    public void Fast_calls_all_run_on_the_thread_that_leads_the_loop()
    {
        HashSet<int> threads = [];
        using LiveServer server = new(LoopDriver.Options(threads: 8), (thread, exchange) =>
        {
            lock (threads) threads.Add(thread.Number);
            Reply.With(exchange, "ok");
        });
        using Client client = server.Connect();
        for (int i = 0; i < 50; i++) Assert.Equal("ok", client.Ask("/"));
        // A machine under load may stop the leader for a millisecond in a call, and then the loop moves on.
        Assert.InRange(threads.Count, 1, 4);
        server.Stop();
    }

    [Fact]
    public void A_call_that_blocks_loses_the_loop_to_another_thread()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 2), Gate);
        using Client blocked = server.Connect();
        using Client other = server.Connect();
        blocked.Get("/block");
        _entered.Wait();
        for (int i = 0; i < 10; i++) Assert.Equal("/x", other.Ask("/x"));
        _go.Set();
        Assert.Equal((200, "/block"), blocked.Receive());
        server.Stop();
    }

    [Fact]
    public void With_one_thread_the_network_is_served_while_requests_wait_their_turn()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1), Gate);
        using Client blocked = server.Connect();
        blocked.Get("/block");
        _entered.Wait();
        using (Client broken = server.Connect())
        {
            broken.Send("nonsense\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 400 ", broken.ReceiveAll(), StringComparison.Ordinal);
        }

        Client[] waiting = [server.Connect(), server.Connect(), server.Connect()];
        foreach (Client client in waiting) client.Get("/x");
        _go.Set();
        Assert.All(waiting, client => Assert.Equal((200, "/x"), client.Receive()));
        Assert.Equal((200, "/block"), blocked.Receive());
        Assert.Equal(1, server.MostInside);
        foreach (Client client in waiting) client.Dispose();
        server.Stop();
    }

    // The reserve ends the loop here, on a thread of its own, while the main thread has nothing left to do but to return.
    [Fact]
    public void When_the_main_thread_returns_the_end_of_the_loop_has_been_told()
    {
        for (int i = 0; i < 30; i++)
        {
            using LiveServer server = new(LoopDriver.Options(threads: 1), Gate);
            using Client blocked = server.Connect();
            blocked.Get("/block");
            _entered.Wait();
            LoopDriver.Await(() => server.Worker.Board.IsSaturated, "the reserve");
            server.Worker.Stop();
            _go.Set();
            Assert.Equal((200, "/block"), blocked.Receive());
            server.Stop();
            _entered.Reset();
            _go.Reset();
        }
    }

    [Fact]
    public void Requests_beyond_the_queue_are_answered_with_503()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1, backlogRequests: 2), Gate);
        using Client blocked = server.Connect();
        blocked.Get("/block");
        _entered.Wait();
        Client[] clients = [.. Enumerable.Range(0, 5).Select(_ => server.Connect())];
        foreach (Client client in clients) client.Send("GET /x?sid=secret HTTP/1.1\r\nHost: a\r\nCookie: a=secret\r\n\r\n");
        // Three of the five are refused at once; which ones is for the loop to say.
        LoopDriver.Await(() => server.Log.Lines.Count(line => line.Text.Contains(" overloaded ", StringComparison.Ordinal)) == 3, "the refusals");
        _go.Set();
        Assert.Equal(3, server.Log.Lines.Count(line => line.Text == "refused with 503 overloaded from 127.0.0.1: GET /x?sid=[6 bytes hidden] HTTP/1.1"));
        int[] statuses = [.. clients.Select(client => client.Receive().Status).Order()];
        Assert.Equal([200, 200, 503, 503, 503], statuses);
        Assert.Equal((200, "/block"), blocked.Receive());
        foreach (Client client in clients) client.Dispose();
        server.Stop();
    }

    [Fact]
    public void A_client_that_leaves_while_its_request_waits_never_reaches_the_application()
    {
        List<string> paths = [];
        using LiveServer server = new(LoopDriver.Options(threads: 1), (thread, exchange) =>
        {
            lock (paths) paths.Add(Reply.Path(exchange));
            Gate(thread, exchange);
        });
        using Client blocked = server.Connect();
        blocked.Get("/block");
        _entered.Wait();
        using Client first = server.Connect();
        Client leaver = server.Connect();
        leaver.Get("/gone");
        first.Get("/first");
        LoopDriver.Await(() => server.Worker.Connections.All().Count(one => one.State == ConnectionState.Waiting) == 2, "the queue");
        leaver.Reset();
        LoopDriver.Await(() => server.Worker.Connections.All().Any(one => one.Exchange is { Response.IsGone: true }), "the reset");
        _go.Set();
        Assert.Equal((200, "/first"), first.Receive());
        Assert.DoesNotContain("/gone", paths);
        server.Stop();
    }

    [Fact]
    public void A_call_that_waits_for_its_body_does_not_hold_the_loop()
    {
        using LiveServer server = new(
            LoopDriver.Options(threads: 2, bodyBuffer: 16), (_, exchange) => Reply.With(exchange, $"{Reply.Read(exchange)?.Length}"));
        using Client slow = server.Connect();
        using Client other = server.Connect();
        slow.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        for (int i = 0; i < 10; i++) Assert.Equal("0", other.Ask("/"));
        slow.Send(new string('x', 900));
        Assert.Equal((200, "1000"), slow.Receive());
        server.Stop();
    }

    [Fact]
    public void A_client_waits_for_100_only_until_the_application_reads()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 4), Gate);
        using Client client = server.Connect();
        client.Send("POST /block HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        _entered.Wait();
        _go.Set();
        client.Send("abc");
        string all = client.ReceiveAll();
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", all, StringComparison.Ordinal);
        Assert.EndsWith("/blockabc", all, StringComparison.Ordinal);
        server.Stop();
    }

    public void Dispose() => _go.Set();

    /// <summary>Answers with path and body; /block waits for the test first.</summary>
    private void Gate(AppThread thread, HttpExchange exchange)
    {
        string path = Reply.Path(exchange);
        if (path == "/block")
        {
            _entered.Set();
            _go.Wait();
        }
        Reply.With(exchange, path + Reply.Read(exchange));
    }
}
