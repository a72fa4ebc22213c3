using System.Globalization;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>The end of all, of the arbiter alone, and of a worker that is told directly.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public void Idle_connections_go_at_once_and_the_request_gets_its_answer()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        WireClient[] idle = [.. Enumerable.Range(0, 100).Select(_ => server.Connect())];
        foreach (WireClient client in idle)
        {
            client.SendRequest("GET", "/", []);
            Assert.Equal(200, client.ReadResponse().Status);
        }
        using WireClient busy = server.Connect();
        int inside = SendInside(server, busy, gate);
        server.Signal("TERM");
        foreach (WireClient client in idle)
        {
            Assert.Equal("", client.ReadToEnd()); // closed in order, while the other request is still inside
            client.Dispose();
        }
        gate.Create();
        WireResponse response = busy.ReadResponse();
        Assert.Equal($"{inside} 1", response.Body);
        Assert.Equal("close", response.Field("Connection"));
        Assert.Equal(0, server.WaitForExit());
        Assert.All(workers, worker => Assert.False(ProcessTree.IsAlive(worker), $"worker {worker} is still there"));
        foreach (int worker in workers) server.Log.WaitFor($"worker {worker} left");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public void A_quick_stop_cuts_the_requests_of_all_workers(string signal)
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        using WireClient busy = server.Connect();
        SendInside(server, busy, gate);
        server.Signal(signal);
        Assert.True(busy.IsClosed());
        Assert.Equal(0, server.WaitForExit());
        Assert.All(workers, worker => Assert.False(ProcessTree.IsAlive(worker), $"worker {worker} is still there"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Workers_whose_arbiter_is_killed_finish_their_requests_and_go(bool isBusy)
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        using WireClient busy = server.Connect();
        int inside = isBusy ? SendInside(server, busy, gate) : 0;
        server.Signal("KILL");
        foreach (int worker in workers.Where(worker => worker != inside)) ProcessTree.WaitUntilGone(worker);
        if (isBusy)
        {
            Assert.True(ProcessTree.IsAlive(inside), "the worker did not finish its request");
            gate.Create();
            Assert.Equal($"{inside} 1", busy.ReadResponse().Body);
            ProcessTree.WaitUntilGone(inside);
        }
        Assert.Throws<System.Net.Sockets.SocketException>(server.Connect);
    }

    [Fact]
    public void A_worker_that_is_told_to_stop_finishes_its_request_while_another_is_started()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application");
        using WireClient busy = server.Connect();
        int inside = SendInside(server, busy, gate);
        int mark = server.Log.Mark;
        ProcessTree.Signal(inside, ProcessTree.SIGTERM);
        int next = server.WaitForNewWorker(mark); // while the request is inside
        Assert.Equal($"{next} 1", server.Get("/").Body);
        gate.Create();
        Assert.Equal($"{inside} 1", busy.ReadResponse().Body);
        ProcessTree.WaitUntilGone(inside);
        Assert.True(server.IsRunning);
    }

    [Fact]
    public void What_outlasts_the_graceful_timeout_is_cut_on_every_worker()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--graceful-timeout", "0.3");
        server.WaitForReadyWorkers(2);
        using WireClient busy = server.Connect();
        SendInside(server, busy, gate);
        server.Signal("TERM");
        Assert.True(busy.IsClosed());
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void A_worker_that_is_stopped_dead_does_not_hold_up_the_end()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2", "--graceful-timeout", "0.3");
        List<int> workers = server.WaitForReadyWorkers(2);
        ProcessTree.Signal(workers[0], ProcessTree.SIGSTOP);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.False(ProcessTree.IsAlive(workers[0]));
    }

    /// <summary>A request that waits inside the application; the pid of the process that has it.</summary>
    private static int SendInside(ServerProcess server, WireClient client, TemporaryFile gate)
    {
        client.SendRequest("GET", $"/wait?{gate.Path}", []);
        return int.Parse(server.Log.WaitFor(@"waiting in (\d+)").Match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }
}
