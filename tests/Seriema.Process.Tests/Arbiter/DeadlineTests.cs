using System.Globalization;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>Requests, workers and loops that do not come back.</summary>
public sealed class DeadlineTests
{
    [Theory]
    [InlineData("/sleep", "time.sleep(60)", "4")]
    [InlineData("/sleep", "time.sleep(60)", "1")]
    [InlineData("/spin", "while True: pass", "4")]
    public void A_request_in_Python_gets_504_and_its_worker_serves_on(string path, string line, string threads)
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--timeout", "2", "--timeout-grace", "1.5", "--threads", threads);
        int worker = server.WorkerId;
        using LoadClients others = new(server, threads == "1" ? 0 : 4);
        // The second one comes when the first one's grace is over: by then a worker that is to be replaced says so.
        for (int i = 0; i < 2; i++)
        {
            int mark = server.Log.Mark;
            Assert.Equal(504, server.Get(path).Status);
            server.Log.WaitFor($"request exceeded its deadline of 2 s: GET {path}", mark);
            server.Log.WaitFor($"faults.py\", line {LineOf(line)}\\b", mark);
        }
        if (threads != "1") others.Stop().AssertNothingFailed();
        Assert.Equal($"{worker} 1", server.Get("/").Body);
        Assert.Empty(server.Log.All("asks to be replaced|replacing worker"));
    }

    [Fact]
    public void A_request_that_C_holds_gets_504_and_its_worker_is_replaced()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--timeout", "2", "--timeout-grace", "0.5", "--threads", "4");
        int worker = server.WorkerId;
        using LoadClients others = new(server, 4);
        others.WaitForPid(worker);
        int mark = server.Log.Mark;
        Assert.Equal(504, server.Get("/sleep-in-c").Status);
        server.Log.WaitFor("request exceeded its deadline of 2 s: GET /sleep-in-c", mark);
        server.Log.WaitFor($"faults.py\", line {LineOf("library.sleep(60)")}\\b", mark);
        server.Log.WaitFor("the thread of GET /sleep-in-c has not come back", mark);
        server.Log.WaitFor($"replacing worker {worker}: ", mark);
        int next = server.WaitForNewWorker(mark);
        others.WaitForPid(next);
        ProcessTree.WaitUntilGone(worker); // although its thread never came back
        others.WaitForAnswers(100);
        others.Stop().AssertNothingFailed();
    }

    [Fact]
    public async Task A_request_that_holds_the_GIL_in_C_gets_504_and_the_other_worker_serves()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--timeout", "2", "--timeout-grace", "0.5", "--threads", "4");
        List<int> workers = server.WaitForReadyWorkers(2);
        Dictionary<int, WireClient> clients = ClientOfEach(server, workers);
        int mark = server.Log.Mark;
        clients[workers[0]].SendRequest("GET", "/sleep-with-gil", []);
        server.Log.WaitFor($"sleeping in C in {workers[0]}", mark);
        Task<int> status = Task.Run(() => clients[workers[0]].ReadResponse().Status);
        int answers = 0;
        while (!status.IsCompleted)
        {
            clients[workers[1]].SendRequest("GET", "/", []);
            Assert.Equal($"{workers[1]} 1", clients[workers[1]].ReadResponse().Body);
            answers++;
        }
        Assert.Equal(504, await status);
        Assert.True(answers > 1, "the other worker answered nothing meanwhile");
        server.WaitForNewWorker(mark);
        ProcessTree.WaitUntilGone(workers[0]);
        Assert.True(ProcessTree.IsAlive(workers[1]));
        foreach (WireClient client in clients.Values) client.Dispose();
    }

    [Fact]
    public void A_worker_without_a_heartbeat_is_killed_and_replaced()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--timeout", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        Dictionary<int, WireClient> clients = ClientOfEach(server, workers);
        int mark = server.Log.Mark;
        ProcessTree.Signal(workers[0], ProcessTree.SIGSTOP);
        server.Log.WaitFor($"worker {workers[0]}: no heartbeat for [\\d.]+ s; killed", mark);
        server.WaitForNewWorker(mark);
        Assert.True(clients[workers[0]].IsClosed());
        clients[workers[1]].SendRequest("GET", "/", []);
        Assert.Equal($"{workers[1]} 1", clients[workers[1]].ReadResponse().Body);
        Assert.Equal(200, server.Get("/").Status);
        foreach (WireClient client in clients.Values) client.Dispose();
    }

    [Fact]
    public void An_import_may_take_longer_than_the_timeout()
    {
        using RollingApp app = new("1");
        app.Write("1", "import time; time.sleep(3)");
        using ServerProcess server = app.Start("--timeout", "1");
        Assert.Empty(server.Log.All("killed"));
        Assert.Equal(200, server.Get("/").Status);
    }

    [Fact]
    public void Without_a_timeout_a_request_may_take_its_time()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--timeout", "0", "--threads", "2");
        using WireClient client = server.Connect();
        client.SendRequest("GET", $"/wait?{gate.Path}", []);
        server.WaitForLine("waiting in");
        Assert.Equal(200, server.Get("/processor-time").Status); // half a second
        gate.Create();
        Assert.Equal(200, client.ReadResponse().Status);
    }

    /// <summary>A connection that is known to be a worker's, for each of them.</summary>
    private static Dictionary<int, WireClient> ClientOfEach(ServerProcess server, List<int> workers)
    {
        Dictionary<int, WireClient> clients = [];
        Eventually.True(
            () =>
            {
                WireClient client = server.Connect();
                client.SendRequest("GET", "/", []);
                string body = client.ReadResponse().Body;
                if (!clients.TryAdd(int.Parse(body.AsSpan(0, body.IndexOf(' ')), CultureInfo.InvariantCulture), client)) client.Dispose();
                return clients.Count == workers.Count;
            },
            "a worker never answers");
        return clients;
    }

    /// <summary>The number of a line of the application, so that it may move.</summary>
    private static int LineOf(string text)
    {
        string[] lines = File.ReadAllLines(Path.Combine(ServerProcess.TestApps, "faults.py"));
        return Array.FindIndex(lines, line => line.TrimStart().StartsWith(text, StringComparison.Ordinal)) + 1;
    }
}
