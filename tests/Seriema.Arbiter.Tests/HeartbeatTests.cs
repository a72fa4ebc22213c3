using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>Workers that hang.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public void A_worker_without_heartbeats_writes_its_stacks_and_is_killed_and_replaced()
    {
        using Scene scene = Serving(timeout: 10);
        FakeWorker silent = scene.Alive[0];
        scene.Pass(9900);
        Assert.Empty(silent.Signals);
        scene.Pass(100);
        Assert.Equal([Signals.Stack], silent.Signals);
        scene.AssertLogged($"worker {silent.Pid}: no heartbeat for 10 s; killed");
        Assert.Equal(2, scene.Alive.Length); // its successor need not wait for its end
        scene.Pass(200);
        Assert.True(silent.IsAlive);
        scene.Pass(200);
        Assert.Equal([Signals.Stack, Signals.SIGKILL], silent.Signals);
        Assert.DoesNotContain(scene.Lines, line => line.Contains("out of memory", StringComparison.Ordinal));
        scene.AllReady();
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_worker_that_beats_is_left_alone_whatever_its_requests_do()
    {
        using Scene scene = Serving(timeout: 2);
        for (int i = 0; i < 60; i++)
        {
            Scene.Beat(scene.Alive[0], loopAge: 1999);
            scene.Pass(1000);
        }
        Assert.Single(scene.Processes.All);
    }

    [Fact]
    public void A_worker_whose_loop_is_stuck_is_killed()
    {
        using Scene scene = Serving(timeout: 5);
        FakeWorker stuck = scene.Alive[0];
        for (long age = 0; age <= 4000; age += 1000)
        {
            Scene.Beat(stuck, age);
            scene.Pass(1000);
        }
        Assert.Empty(stuck.Signals);
        Scene.Beat(stuck, 5000);
        scene.Turn();
        scene.Pass(400);
        Assert.Equal([Signals.Stack, Signals.SIGKILL], stuck.Signals);
        scene.AssertLogged($"worker {stuck.Pid}: its loop has been stuck for 5 s; killed");
    }

    [Fact]
    public void A_process_that_starts_more_slowly_than_requests_may_take_is_waited_for()
    {
        using Scene scene = new(workers: 1, settings => settings with { Timeout = TimeSpan.FromSeconds(0.3) });
        scene.Turn();
        FakeWorker booting = scene.Alive[0];
        scene.Pass(9900);
        Assert.Empty(booting.Signals);
        Scene.Beat(booting, loopAge: 0);
        scene.Turn();
        scene.Pass(200);
        Assert.Empty(booting.Signals);
        scene.Pass(400); // it hangs in its import, without a heartbeat
        scene.AssertLogged($"worker {booting.Pid}: no heartbeat for 0.3 s; killed");
    }

    [Fact]
    public void A_process_that_never_comes_to_its_first_heartbeat_is_killed()
    {
        using Scene scene = new(workers: 1, settings => settings with { Timeout = TimeSpan.FromSeconds(0.3) });
        scene.Turn();
        FakeWorker booting = scene.Alive[0];
        scene.Pass(10_100);
        scene.AssertLogged($"worker {booting.Pid}: no heartbeat for 10 s; killed");
    }

    [Fact]
    public void The_loop_of_a_worker_that_boots_does_not_count_but_its_heartbeats_do()
    {
        using Scene scene = new(workers: 1, settings => settings with { Timeout = TimeSpan.FromSeconds(5) });
        scene.Turn();
        FakeWorker booting = scene.Alive[0];
        for (int i = 0; i < 20; i++)
        {
            Scene.Beat(booting, loopAge: i * 1000);
            scene.Pass(1000);
        }
        Assert.Empty(booting.Signals);
        scene.Pass(5500);
        Assert.False(booting.IsAlive);
    }

    [Fact]
    public void A_worker_that_hangs_while_it_boots_ends_a_reload()
    {
        using Scene scene = Serving(timeout: 5);
        FakeWorker old = scene.Alive[0];
        List<ReloadOutcome> outcomes = [];
        scene.Supervisor.Reloads.Ask(outcomes.Add);
        scene.Turn();
        Scene.Beat(scene.Alive[^1]); // its first heartbeat, and its last
        for (int i = 0; i < 8; i++)
        {
            Scene.Beat(old);
            scene.Pass(1000);
        }
        Assert.Contains("no sign of life for 5 s", Assert.Single(outcomes).Text, StringComparison.Ordinal);
        Assert.Equal([old], scene.Alive);
    }

    [Fact]
    public void A_machine_that_slept_kills_nobody()
    {
        using Scene scene = Serving(timeout: 30);
        FakeWorker worker = scene.Alive[0];
        for (int hour = 0; hour < 20; hour++)
        {
            scene.Sleep(3_600_000);
            // The worker's own clock went on: its loop seems to be hours old until it turns again.
            Scene.Beat(worker, loopAge: 3_600_000);
            scene.Turn(meantToWait: 1000);
            Assert.Empty(worker.Signals);
            Scene.Beat(worker);
            scene.Pass(1000);
        }
        scene.Pass(31_000); // but one that stays silent is still found
        Assert.False(worker.IsAlive);
    }

    [Fact]
    public void Without_a_timeout_nobody_is_killed()
    {
        using Scene scene = Serving(timeout: 0);
        Scene.Beat(scene.Alive[0], loopAge: 1_000_000);
        scene.Pass(3_600_000);
        Assert.Single(scene.Processes.All);
        Assert.Empty(scene.Alive[0].Signals);
    }

    [Fact]
    public void A_draining_worker_has_its_own_time_and_needs_no_heartbeat()
    {
        using Scene scene = Serving(timeout: 2);
        FakeWorker old = scene.Alive[0];
        scene.Supervisor.Reloads.Ask();
        scene.Turn();
        scene.AllReadyOnce();
        FakeWorker next = scene.Processes.Latest;
        for (int i = 0; i < 30; i++)
        {
            Scene.Beat(next);
            scene.Pass(1000);
        }
        Assert.True(old.IsAlive);
        Assert.Empty(old.Signals);
    }

    private static Scene Serving(double timeout)
    {
        Scene scene = new(workers: 1, settings => settings with { Timeout = TimeSpan.FromSeconds(timeout) });
        scene.AllReady();
        return scene;
    }
}
