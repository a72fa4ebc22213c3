using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>Workers that are replaced while they serve, and a number of workers that changes.</summary>
public sealed class RecyclingTests
{
    [Fact]
    public void A_worker_that_asks_is_replaced_and_serves_until_its_successor_is_ready()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker tired = scene.Alive[1];
        tired.Say(ControlWords.Replace("it has served 1000 requests"));
        scene.Turn();
        scene.AssertLogged($"replacing worker {tired.Pid}: it has served 1000 requests");
        Assert.Equal(3, scene.Alive.Length);
        Assert.DoesNotContain(ControlWords.Drain, tired.Heard());
        scene.AllReadyOnce();
        Assert.Contains(ControlWords.Drain, tired.Heard());
        Assert.Equal(2, scene.Supervisor.Fleet.ReadyCount);
        Assert.Equal(3, scene.Processes.All.Count);
    }

    [Fact]
    public void A_successor_that_does_not_start_is_tried_again_while_the_old_worker_serves()
    {
        using Scene scene = Serving(workers: 1);
        FakeWorker tired = scene.Alive[0];
        tired.Say(ControlWords.Replace("stuck"));
        scene.Turn();
        for (int tries = 0; tries < 3; tries++)
        {
            while (scene.Alive.Length == 1) scene.Pass(100);
            scene.Processes.Latest.End(status: 1);
            scene.Turn();
        }
        Assert.DoesNotContain(ControlWords.Drain, tired.Heard());
        while (scene.Alive.Length == 1) scene.Pass(100);
        scene.AllReadyOnce();
        Assert.Contains(ControlWords.Drain, tired.Heard());
        Assert.Single(scene.Lines, line => line.StartsWith("replacing", StringComparison.Ordinal));
    }

    [Fact]
    public void Workers_that_grow_old_together_are_replaced_one_at_a_time()
    {
        using Scene scene = Serving(workers: 3, settings => settings with { MaxWorkerAge = TimeSpan.FromSeconds(60) });
        FakeWorker[] old = scene.Alive;
        scene.Pass(60_000);
        for (int round = 1; round <= 3; round++)
        {
            Assert.Equal(4, scene.Alive.Length);
            scene.AllReadyOnce();
            scene.ObeyOrders();
            Assert.Equal(3 - round, old.Count(worker => worker.IsAlive));
        }
        Assert.Equal(3, scene.Alive.Length);
        scene.AssertLogged($"replacing worker {old[0].Pid}: it has served for 60 s");
    }

    [Fact]
    public void A_worker_that_uses_too_much_memory_is_replaced()
    {
        using Scene scene = Serving(workers: 2, settings => settings with { MaxWorkerRss = 100 << 20 });
        Scene.Beat(scene.Alive[0], rss: 100 << 20);
        scene.Turn();
        Assert.Equal(2, scene.Alive.Length);
        Scene.Beat(scene.Alive[1], rss: 101 << 20);
        scene.Turn();
        scene.AssertLogged($"replacing worker {scene.Alive[1].Pid}: it uses 101 MiB, and 100 MiB are allowed");
        Assert.Equal(3, scene.Alive.Length);
    }

    [Fact]
    public void A_worker_that_asks_goes_before_those_that_a_reload_replaces()
    {
        using Scene scene = Serving(workers: 3);
        FakeWorker stuck = scene.Alive[2];
        scene.Supervisor.Reloads.Ask();
        scene.Turn();
        stuck.Say(ControlWords.Replace("stuck"));
        scene.AllReadyOnce();
        Assert.Contains(ControlWords.Drain, stuck.Heard());
        Assert.DoesNotContain(ControlWords.Drain, scene.Alive[0].Heard());
    }

    [Fact]
    public void One_worker_more_and_one_fewer_and_never_fewer_than_one()
    {
        using Scene scene = Serving(workers: 1);
        scene.Supervisor.OneMore();
        scene.Turn();
        Assert.Equal(2, scene.Alive.Length);
        Assert.Equal("2", scene.Processes.Latest.Argv[4]); // it knows that it is not alone
        scene.AllReady();
        FakeWorker oldest = scene.Alive[0];
        for (int i = 0; i < 3; i++) scene.Supervisor.OneLess();
        scene.Turn();
        Assert.Contains(ControlWords.Drain, oldest.Heard());
        scene.ObeyOrders();
        Assert.Equal(1, scene.Supervisor.Fleet.ReadyCount);
        Assert.DoesNotContain(ControlWords.Drain, scene.Processes.Latest.Heard());
    }

    [Fact]
    public void A_worker_that_boots_for_nobody_any_more_is_dropped()
    {
        using Scene scene = Serving(workers: 1);
        scene.Supervisor.OneMore();
        scene.Turn();
        scene.Supervisor.OneLess();
        scene.Turn();
        Assert.False(scene.Processes.Latest.IsAlive);
        Assert.Single(scene.Alive);
        scene.Pass(5000);
        Assert.Equal(2, scene.Processes.All.Count);
    }

    [Fact]
    public void No_workers_drains_all_and_a_reload_brings_them_back()
    {
        using Scene scene = Serving(workers: 2);
        scene.Supervisor.NoWorkers();
        scene.Turn();
        scene.ObeyOrders();
        scene.Pass(60_000);
        Assert.Empty(scene.Alive);
        Assert.False(scene.Supervisor.Stopping.IsStopping);
        scene.Supervisor.Reloads.Ask();
        scene.AllReady();
        Assert.Equal(2, scene.Supervisor.Fleet.ReadyCount);
        scene.AssertLogged("reload finished");
    }

    [Fact]
    public void No_workers_and_then_one_more_is_one()
    {
        using Scene scene = Serving(workers: 2);
        scene.Supervisor.NoWorkers();
        scene.Turn();
        scene.ObeyOrders();
        scene.Supervisor.OneMore();
        scene.AllReady();
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void The_status_shows_what_the_heartbeats_told()
    {
        using Scene scene = Serving(workers: 1);
        scene.Alive[0].Say(ControlWords.Beat(new WorkerCounters(0, 345, 17, 3, 0, 45L << 20)));
        scene.Turn();
        scene.Pass(10_000);
        WorkerHandle worker = scene.Supervisor.Fleet.Workers[0];
        Assert.Equal(
            $"worker {worker.Pid} ready 12 s, 345 requests, 3 busy, 0 waiting, 17 connections, 45 MiB", worker.Describe(scene.Now));
        Assert.Equal(345, scene.Supervisor.Fleet.Requests);
        scene.Alive[0].End(status: 1);
        scene.Turn();
        Assert.Equal(345, scene.Supervisor.Fleet.Requests); // those of the dead count on
    }

    private static Scene Serving(int workers, Func<ArbiterSettings, ArbiterSettings>? settings = null)
    {
        Scene scene = new(workers, settings);
        scene.AllReady();
        scene.Pass(2000);
        return scene;
    }
}
