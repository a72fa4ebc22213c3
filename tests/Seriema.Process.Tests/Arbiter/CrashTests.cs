using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>Workers that die: nothing is lost but what they had in their hands, and others take their place.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    // bench/run faults does it for 30 s; this is the same storm, with a proof for each request.
    private static readonly TimeSpan s_storm = TimeSpan.FromSeconds(8);

    [Fact]
    public void Workers_killed_at_random_take_nothing_with_them_but_their_own_requests()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        server.WaitForReadyWorkers(2);
        using LoadClients load = new(server, 64);
        List<WorkerKill> kills = [];
        List<double> recoveries = [];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_storm || kills.Count < 3)
        {
            load.WaitForAnswers(random.Next(1, 2000));
            int mark = server.Log.Mark;
            List<int> victims = server.Workers;
            Assert.NotEmpty(victims);
            // Now and then all of them at once: then only the arbiter holds the port.
            if (random.Next(4) > 0) victims = [victims[random.Next(victims.Count)]];
            foreach (int pid in victims) kills.Add(WorkerKill.Of(server, pid));
            foreach (int pid in victims) server.Log.WaitFor($"worker {pid} was killed by SIGKILL; starting another", mark);
            recoveries.Add(WaitForWorkers(server, victims.Count, mark, kills[^1].After));
        }
        load.WaitForAnswers(500);
        LoadReport report = load.Stop();
        recoveries.Sort();
        output.WriteLine(report.ToString());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kills.Count} kills; from kill to ready {recoveries[0]:0} to {recoveries[^1]:0} ms, median {recoveries[recoveries.Count / 2]:0} ms"));
        report.AssertOnlyLostTo(kills);
        Assert.True(server.IsRunning, "the arbiter is gone");
        Assert.Single(server.Log.All("^Serving HTTP on"));
        Assert.Equal(200, server.Get("/").Status);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
    }

    [Theory]
    [InlineData("/exit", "exited with status 7")]
    [InlineData("/segv", "crashed with SIGSEGV")]
    [InlineData("/abort", "(crashed with|was killed by) SIGABRT")]
    public void A_worker_that_its_application_ends_is_replaced_and_the_log_says_how(string path, string cause)
    {
        using ServerProcess server = ServerProcess.Start("faults:application");
        (int mark, int worker) = (server.Log.Mark, server.WorkerId);
        using WireClient client = server.Connect();
        client.SendRequest("GET", path, []);
        Assert.True(client.IsClosed(), "the request ended with its process, and its client must see that");
        server.Log.WaitFor($"worker {worker} {cause}; starting another", mark);
        int next = server.WaitForNewWorker(mark);
        Assert.NotEqual(worker, next);
        Assert.Equal($"{next} 1", server.Get("/").Body);
    }

    [Fact]
    public void Connections_that_come_while_no_worker_lives_wait_for_the_next_one()
    {
        using ServerProcess server = ServerProcess.Start("faults:application");
        for (int round = 0; round < 3; round++)
        {
            int mark = server.Log.Mark;
            ProcessTree.Signal(server.WorkerId, ProcessTree.SIGKILL);
            WireClient[] clients = [.. Enumerable.Range(0, 20).Select(_ => server.Connect())];
            foreach (WireClient client in clients) client.SendRequest("GET", "/", []);
            int next = server.WaitForNewWorker(mark);
            foreach (WireClient client in clients)
            {
                Assert.Equal($"{next} 1", client.ReadResponse().Body);
                client.Dispose();
            }
        }
    }

    [Fact]
    public void A_request_beside_a_worker_that_dies_goes_on()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        server.WaitForReadyWorkers(2);
        using WireClient inside = server.Connect();
        inside.SendRequest("GET", $"/wait?{gate.Path}", []);
        int busy = int.Parse(server.Log.WaitFor(@"waiting in (\d+)").Match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        int mark = server.Log.Mark;
        int other = server.Workers.Single(pid => pid != busy);
        ProcessTree.Signal(other, ProcessTree.SIGKILL);
        server.WaitForNewWorker(mark);
        gate.Create();
        Assert.Equal($"{busy} 1", inside.ReadResponse().Body);
    }

    /// <summary>Milliseconds until as many workers as died are ready.</summary>
    private static double WaitForWorkers(ServerProcess server, int count, int mark, long since)
    {
        long ready = since;
        for (int i = 0; i < count; i++)
        {
            ProcessLine line = server.Log.WaitFor(@"worker \d+ ready", mark).Line;
            (mark, ready) = (line.Number + 1, line.Time);
        }
        return Stopwatch.GetElapsedTime(since, ready).TotalMilliseconds;
    }
}
