using System.Collections.Concurrent;

namespace Seriema.Process.Tests;

/// <summary>The loop and the threads: what blocks does not hold what does not.</summary>
public sealed class ThreadTests
{
    [Fact]
    public void Blocked_calls_do_not_hold_other_requests()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--threads", "4");
        using WaitingClients waiting = new(server, 3);
        // Three of four threads wait inside the application; the fourth answers whatever comes.
        for (int i = 0; i < 20; i++) Assert.Equal("3", server.Get("/count").Body);
        Assert.Equal("opened", server.Get("/open").Body);
        foreach (WireClient client in waiting.Clients) Assert.Equal("through", client.ReadResponse().Body);
    }

    [Fact]
    public void More_requests_than_threads_wait_in_order_and_are_all_answered()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--threads", "2");
        ConcurrentBag<string> bodies = [];
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 40 }, _ => bodies.Add(server.Get("/sleep?ms=10").Body));
        Assert.Equal(40, bodies.Count(body => body == "slept"));
    }

    [Fact]
    public void One_thread_serves_one_request_at_a_time()
    {
        using ServerProcess server = ServerProcess.Start("overlap:application", "--threads", "1");
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ => Assert.Equal(200, server.Get("/").Status));
        Assert.Equal("1 threads, 1 at once, multithread False, main True", server.Get("/report").Body);
    }

    [Fact]
    public void Many_threads_serve_many_requests_at_a_time()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--threads", "8");
        using WaitingClients waiting = new(server, 7);
        Assert.Equal("7", server.Get("/count").Body); // all seven are inside at once, or this would not be their number
        server.Get("/open");
        foreach (WireClient client in waiting.Clients) Assert.Equal("through", client.ReadResponse().Body);
    }

    [Fact]
    public void A_full_house_still_takes_connections_and_rejects_bad_requests()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--threads", "1");
        using WireClient inside = server.Connect();
        inside.SendRequest("GET", "/wait", []);
        using WireClient bad = server.Connect();
        bad.Send("GET / HTTP/1.1\r\n\r\n");
        Assert.Equal(400, bad.ReadResponse().Status); // the loop answers although the only thread is inside
        using WireClient queued = server.Connect();
        queued.SendRequest("GET", "/count", []);
        server.SignalWorker("USR1"); // the application's own handler opens the gate on the main thread
        Assert.Equal("through", inside.ReadResponse().Body);
        Assert.Equal("0", queued.ReadResponse().Body);
    }

    [Fact]
    public async Task A_full_queue_is_answered_with_503()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--threads", "1", "--backlog-requests", "1");
        using WireClient inside = server.Connect();
        inside.SendRequest("GET", "/wait", []);
        using WireClient probe = server.Connect(); // answered by the loop: from here on the thread is known to be inside
        probe.Send("GET / HTTP/1.1\r\n\r\n");
        probe.ReadResponse();
        using WireClient first = server.Connect();
        using WireClient second = server.Connect();
        first.SendRequest("GET", "/count", []);
        second.SendRequest("GET", "/count", []);
        // Whichever of the two the loop read first has the place in the queue.
        Task<int>[] answers = [Task.Run(() => first.ReadResponse().Status), Task.Run(() => second.ReadResponse().Status)];
        Task<int> winner = await Task.WhenAny(answers);
        Assert.Equal(503, await winner);
        server.SignalWorker("USR1");
        Assert.Equal(200, await answers.Single(answer => answer != winner));
    }

    [Fact]
    public void A_slow_reader_does_not_hold_the_only_thread()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--threads", "1");
        using WireClient slow = new(new(System.Net.IPAddress.Loopback, server.Port), receiveBuffer: 4096);
        slow.SendRequest("GET", "/big?size=900000", []); // below the bound of 1 MiB, far above the socket's buffers
        for (int i = 0; i < 5; i++) Assert.Equal("Hello, World!", server.Get("/hello").Body);
        Assert.Equal(900000, slow.ReadResponse().Body.Length);
    }

    [Fact]
    public void A_slow_writer_does_not_hold_the_only_thread()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--threads", "1");
        using WireClient slow = server.Connect();
        slow.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
        for (int i = 0; i < 5; i++) Assert.Equal("Hello, World!", server.Get("/hello").Body);
        slow.Send("67890");
        Assert.Equal("1234567890", slow.ReadResponse().Body);
    }

    [Fact]
    public void A_stream_arrives_piece_by_piece()
    {
        using ServerProcess server = ServerProcess.Start("gates:application");
        using WireClient client = server.Connect();
        client.SendRequest("GET", "/stream", []);
        // The first piece is here while the application waits for the gate before the second.
        string first = "";
        while (!first.Contains("before", StringComparison.Ordinal)) first += (char)client.ReadExactly(1)[0];
        Assert.Equal("opened", server.Get("/open").Body);
        Assert.Contains("after", client.ReadToEndOfChunks(), StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_of_the_application_run_while_the_server_is_idle()
    {
        using ServerProcess server = ServerProcess.Start("background:application");
        server.WaitForLine("the background thread counted to 20");
    }
}
