using Microsoft.Extensions.Logging;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Requests that wait for a thread: how long, in which order, and what those get that wait in vain.</summary>
public sealed class QueueTests : IDisposable
{
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _go = new();
    private readonly List<string> _paths = [];

    [Fact]
    public void Requests_that_have_waited_too_long_are_refused_while_the_application_still_blocks()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1, queueTimeout: TimeSpan.FromMilliseconds(150)), Gate);
        using Client blocked = Block(server);
        Client[] waiting = [server.Connect(), server.Connect(), server.Connect()];
        foreach (Client client in waiting) client.Get("/x");
        foreach (Client client in waiting)
        {
            string head = client.ReceiveHead();
            Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
            Assert.Contains("\r\nRetry-After: 1\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
            client.Dispose();
        }
        _go.Set();
        Assert.Equal((200, "/block"), blocked.Receive());
        Assert.Equal(["/block"], _paths);
        server.Stop();
        Assert.Equal(3, Refused(server, "waited too long"));
        Assert.Equal(3, server.Log.Lines.Count(line => line.Level == LogLevel.Debug && line.Text.Contains(" waited-too-long ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_request_that_a_thread_takes_in_time_is_answered()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1, queueTimeout: TimeSpan.FromSeconds(60)), Gate);
        using Client blocked = Block(server);
        using Client waiting = server.Connect();
        waiting.Get("/x");
        Queued(server, 1);
        _go.Set();
        Assert.Equal((200, "/x"), waiting.Receive());
        server.Stop();
    }

    [Fact]
    public void Health_checks_go_first_and_find_room_in_a_full_queue()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1, backlogRequests: 2, healthPath: "/health"), Gate);
        using Client blocked = Block(server);
        using Client first = server.Connect(), second = server.Connect(), refused = server.Connect(), check = server.Connect(), other = server.Connect();
        first.Get("/first");
        Queued(server, 1);
        second.Get("/second");
        Queued(server, 2);
        refused.Get("/healthy");
        Assert.Equal(503, refused.Receive().Status);
        check.Get("/health");
        Queued(server, 3);
        other.Get("/health?full=1");
        Queued(server, 4);
        _go.Set();
        Assert.Equal((200, "/second"), second.Receive());
        Assert.Equal((200, "/health"), check.Receive());
        Assert.Equal(["/block", "/health", "/health", "/first", "/second"], _paths);
        server.Stop();
        Assert.Equal(1, Refused(server, "queue full"));
    }

    [Fact]
    public void A_forced_stop_refuses_what_waits()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 1), Gate);
        using Client blocked = Block(server);
        using Client waiting = server.Connect();
        waiting.Get("/x");
        Queued(server, 1);
        server.Worker.ForceStop();
        Assert.StartsWith("HTTP/1.1 503 ", waiting.ReceiveAll(), StringComparison.Ordinal);
        _go.Set();
    }

    [Fact]
    public void Counters_tell_of_requests_threads_and_the_queue()
    {
        using LiveServer server = new(LoopDriver.Options(threads: 2), Gate);
        using (Client quick = server.Connect())
        {
            for (int i = 0; i < 5; i++) quick.Ask("/x");
        }
        Assert.Equal(5, server.Worker.Crew.Count().Requests);
        using Client first = server.Connect(), second = server.Connect(), third = server.Connect();
        first.Get("/block");
        second.Get("/block");
        LoopDriver.Await(() => server.Worker.Crew.Count().Busy == 2, "both threads");
        third.Get("/x");
        LoopDriver.Await(() => server.Worker.Crew.Count() == (7, 2, 1), "the third in the queue");
        _go.Set();
        foreach (Client client in (Client[])[first, second, third]) Assert.Equal(200, client.Receive().Status);
        LoopDriver.Await(() => server.Worker.Crew.Count() == (8, 0, 0), "the end of it");
        server.Stop();
    }

    public void Dispose() => _go.Set();

    private static void Queued(LiveServer server, int count) => LoopDriver.Await(() => server.Worker.Crew.Count().Queued == count, $"{count} in the queue");

    private static int Refused(LiveServer server, string why) => server.Log.Lines
        .Where(line => line.Level == LogLevel.Warning && line.Text.EndsWith(" requests refused: " + why, StringComparison.Ordinal))
        .Sum(line => int.Parse(line.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    private Client Block(LiveServer server)
    {
        Client client = server.Connect();
        client.Get("/block");
        _entered.Wait();
        LoopDriver.Await(() => server.Worker.Board.IsSaturated, "the reserve");
        return client;
    }

    /// <summary>Answers with the path; /block waits for the test first.</summary>
    private void Gate(AppThread thread, HttpExchange exchange)
    {
        string path = Reply.Path(exchange);
        lock (_paths) _paths.Add(path);
        if (path == "/block")
        {
            _entered.Set();
            _go.Wait();
        }
        Reply.With(exchange, path);
    }
}
