using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>Workers that are replaced for their age, their requests or their memory: the next one is ready first.</summary>
public sealed class RecyclingTests(ITestOutputHelper output)
{
    [Fact]
    public void Many_requests_end_a_worker_and_lose_none()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--max-requests", "300", "--max-requests-jitter", "200");
        server.WaitForReadyWorkers(2);
        using LoadClients load = new(server, 16);
        List<int> recycled = WaitForRecycled(server, 6);
        LoadReport report = load.Stop();
        output.WriteLine(report.ToString());
        report.AssertNothingFailed();
        AssertNeverFewer(server, 2);
        Assert.All(recycled, worker => Assert.True(report.Answers.Count(answer => answer.Pid == worker) >= 300, $"worker {worker} left too soon"));
    }

    [Fact]
    public void Age_ends_a_worker_and_loses_no_request()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--max-worker-age", "1");
        server.WaitForReadyWorkers(2);
        using LoadClients load = new(server, 8);
        WaitForRecycled(server, 3);
        load.Stop().AssertNothingFailed();
        AssertNeverFewer(server, 2);
    }

    [Fact]
    public void Memory_ends_a_worker_and_loses_no_request()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--max-worker-rss", "300m");
        using LoadClients load = new(server, 8);
        int worker = server.WorkerId;
        int mark = server.Log.Mark;
        load.WaitForAnswers(200);
        Assert.Empty(server.Log.All("replacing", mark));
        Assert.Equal(200, server.Get("/grow?300").Status);
        server.Log.WaitFor($"replacing worker {worker}: ", mark);
        Assert.Equal([worker], WaitForRecycled(server, 1));
        ProcessTree.WaitUntilGone(worker);
        load.Stop().AssertNothingFailed();
        AssertNeverFewer(server, 1);
        Assert.NotEqual(worker, server.WorkerId);
    }

    /// <summary>Waits until so many have been replaced and have left; who they were.</summary>
    private static List<int> WaitForRecycled(ServerProcess server, int count)
    {
        List<int> recycled = [];
        for (int mark = 0; recycled.Count < count;)
        {
            (ProcessLine line, Match match) = server.Log.WaitFor(@"replacing worker (\d+): ", mark);
            recycled.Add(Number(match));
            server.Log.WaitFor($"worker {recycled[^1]} left", line.Number);
            mark = line.Number + 1;
        }
        return recycled;
    }

    /// <summary>Once all are up, none leaves before another one is ready.</summary>
    private static void AssertNeverFewer(ServerProcess server, int workers)
    {
        HashSet<int> ready = [];
        foreach ((ProcessLine line, Match match) in server.Log.All(@"worker (\d+) (ready|left|was killed|exited|crashed)"))
        {
            if (match.Groups[2].Value == "ready") ready.Add(Number(match));
            else ready.Remove(Number(match));
            Assert.True(match.Groups[2].Value == "ready" || ready.Count >= workers, $"only {ready.Count} after '{line.Text}':\n{server.Log}");
        }
    }

    private static int Number(Match match) => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
}
