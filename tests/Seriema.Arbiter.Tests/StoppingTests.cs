using System.Net;
using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>The end, graceful or quick.</summary>
public sealed class StoppingTests
{
    [Fact]
    public void A_graceful_stop_waits_for_the_workers_and_ends_with_0()
    {
        using Scene scene = new(workers: 2);
        scene.AllReady();
        scene.Supervisor.Stop(scene.Now);
        scene.Pass(10_000);
        Assert.All(scene.Alive, worker => Assert.Contains(ControlWords.Stop, worker.Heard()));
        Assert.False(scene.Supervisor.Stopping.IsDone(scene.Now));
        foreach (FakeWorker worker in scene.Alive)
        {
            worker.Say(ControlWords.Going("stop"));
            worker.End();
        }
        scene.Turn();
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal(0, scene.Supervisor.Stopping.ExitStatus);
        Assert.Equal(2, scene.Processes.All.Count);
        Assert.Equal(2, scene.Lines.Count(line => line.EndsWith(" left", StringComparison.Ordinal)));
    }

    [Fact]
    public void With_a_successor_that_serves_the_workers_are_drained()
    {
        using Scene scene = new(workers: 2);
        scene.AllReady();
        scene.Supervisor.Stop(scene.Now, othersServe: true);
        Assert.All(scene.Alive, worker => Assert.Equal([ControlWords.Drain], worker.Heard()));
        foreach (FakeWorker worker in scene.Alive) worker.End();
        scene.Turn();
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
    }

    [Fact]
    public void A_stop_ends_what_boots_tells_what_drains_and_starts_nothing_more()
    {
        using Scene scene = new(workers: 2);
        scene.AllReady();
        scene.Supervisor.Reloads.Ask();
        scene.Turn();
        scene.AllReadyOnce(); // one old worker drains, the second new one boots
        FakeWorker draining = scene.Alive[0];
        FakeWorker booting = scene.Processes.Latest;
        _ = draining.Heard();
        scene.Supervisor.Stop(scene.Now);
        scene.Turn();
        Assert.False(booting.IsAlive);
        Assert.Equal([ControlWords.Stop], draining.Heard());
        foreach (FakeWorker worker in scene.Alive) worker.End(signal: Signals.SIGSEGV);
        scene.Pass(10_000);
        Assert.Empty(scene.Alive);
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
    }

    [Fact]
    public void A_worker_that_does_not_stop_is_killed_three_seconds_after_its_time()
    {
        using Scene scene = new(workers: 1, settings => settings with { GracefulTimeout = TimeSpan.FromSeconds(10) });
        scene.AllReady();
        FakeWorker slow = scene.Alive[0];
        scene.Supervisor.Stop(scene.Now);
        scene.Supervisor.Stop(scene.Now); // a second one changes nothing
        scene.Pass(12_900);
        Assert.True(slow.IsAlive);
        scene.Pass(200);
        Assert.False(slow.IsAlive);
        scene.AssertLogged($"worker {slow.Pid} has not left in time; killed");
        Assert.Equal(0, scene.Supervisor.Stopping.ExitStatus);
    }

    [Fact]
    public void A_quick_stop_says_quit_kills_after_five_seconds_and_ends_with_0()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        FakeWorker slow = scene.Alive[0];
        scene.Supervisor.Quit(scene.Now);
        Assert.Equal([ControlWords.Quit], slow.Heard());
        scene.Pass(4900);
        Assert.True(slow.IsAlive);
        scene.Pass(200);
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal(0, scene.Supervisor.Stopping.ExitStatus);
    }

    [Fact]
    public void A_quick_stop_that_cuts_a_graceful_one_short_ends_with_130()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        scene.Supervisor.Stop(scene.Now);
        scene.Supervisor.Quit(scene.Now);
        scene.Supervisor.Quit(scene.Now);
        Assert.Equal([ControlWords.Stop, ControlWords.Quit], scene.Alive[0].Heard());
        scene.Alive[0].End();
        scene.Turn();
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal(130, scene.Supervisor.Stopping.ExitStatus);
    }

    [Fact]
    public void A_stop_before_anything_served_is_no_failure()
    {
        using Scene scene = new(workers: 2);
        scene.Turn();
        scene.Supervisor.Stop(scene.Now);
        scene.Turn();
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal(0, scene.Supervisor.Stopping.ExitStatus);
        Assert.Equal("", scene.Error.ToString());
    }

    [Fact]
    public void Those_that_wait_for_a_reload_hear_of_the_stop()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        List<ReloadOutcome> outcomes = [];
        scene.Supervisor.Reloads.Ask(outcomes.Add);
        scene.Turn();
        scene.Supervisor.Reloads.Ask(outcomes.Add);
        scene.Supervisor.Stop(scene.Now);
        scene.Turn();
        Assert.Equal([1, 1], outcomes.Select(outcome => outcome.Status));
    }

    [Fact]
    public void The_port_is_free_at_once()
    {
        using Epoll epoll = new(4);
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        LogRecorder log = new();
        ArbiterSettings settings = new() { Workers = 1, WorkerArguments = _ => [] };
        ArbiterOptions options = new()
        {
            Listeners = [listener],
            Program = "",
            Environment = [],
            Settings = settings,
            Reload = () => settings,
            Error = TextWriter.Null,
            LoggerFactory = log,
        };
        FakeProcesses processes = new();
        using Supervisor supervisor = new(options, processes, epoll, new ArbiterLog(log), 0);
        supervisor.Turn(0, 1);
        Assert.Contains(listener.Fd, processes.Latest.Inherited);
        supervisor.Stop(1);
        using ListenSocket successor = ListenSocket.Listen((IPEndPoint)listener.EndPoint, 8);
        processes.Latest.End();
    }
}
