using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>Reloads, by signal or by command.</summary>
public sealed class ReloadTests
{
    private readonly List<ReloadOutcome> _outcomes = [];

    [Fact]
    public void One_new_worker_at_a_time_is_started_and_only_when_it_is_ready_an_old_one_drains()
    {
        using Scene scene = Serving(workers: 3);
        FakeWorker[] old = scene.Alive;
        Ask(scene);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(4 + round, scene.Processes.All.Count);
            Assert.Equal(round, old.Count(IsDraining));
            scene.Processes.Latest.Say(ControlWords.Ready("3.11.2"));
            scene.Turn();
        }
        Assert.Equal(6, scene.Processes.All.Count);
        Assert.Equal(3, old.Count(IsDraining));
        Assert.Empty(_outcomes); // none has said that it has left the port
        foreach (FakeWorker worker in old) worker.Say(ControlWords.Going("drain"));
        scene.Turn();
        Assert.True(Assert.Single(_outcomes).IsOk);
        Assert.Equal(["reloading", "reload finished"], scene.Lines.Where(line => line.StartsWith("reload", StringComparison.Ordinal)));

        bool IsDraining(FakeWorker worker) => scene.HandleOf(worker).State == WorkerState.Draining;
    }

    [Fact]
    public void An_old_worker_is_told_to_drain_and_no_other_is()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker[] old = scene.Alive;
        Ask(scene);
        Assert.DoesNotContain(ControlWords.Drain, old.SelectMany(worker => worker.Heard()));
        scene.Processes.Latest.Say(ControlWords.Ready("3.11.2"));
        scene.Turn();
        Assert.Contains(ControlWords.Drain, old[0].Heard());
        Assert.DoesNotContain(ControlWords.Drain, old[1].Heard());
    }

    [Fact]
    public void A_new_worker_that_cannot_start_ends_the_reload_and_the_old_ones_serve_on()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker[] old = scene.Alive;
        scene.NextSettings = scene.NextSettings with { Workers = 5 };
        Ask(scene);
        scene.Processes.Latest.Say(ControlWords.Failed(3, "Traceback\nseriema: cannot import"));
        scene.Processes.Latest.End(status: 3);
        scene.Pass(60_000);
        ReloadOutcome outcome = Assert.Single(_outcomes);
        Assert.Equal((3, "Traceback\nseriema: cannot import"), (outcome.Status, outcome.Text));
        scene.AssertLogged("reload failed; the old workers keep serving\nTraceback");
        Assert.Equal(old, scene.Alive);
        Assert.Equal(3, scene.Processes.All.Count);
        Assert.DoesNotContain(ControlWords.Drain, old.SelectMany(worker => worker.Heard()));
        Assert.Equal(2, scene.Supervisor.Fleet.Wanted);
    }

    [Fact]
    public void A_new_worker_that_crashes_while_it_starts_ends_the_reload_too()
    {
        using Scene scene = Serving(workers: 1);
        Ask(scene);
        scene.Processes.Latest.End(signal: Signals.SIGSEGV);
        scene.Turn();
        Assert.Contains("crashed with SIGSEGV", Assert.Single(_outcomes).Text, StringComparison.Ordinal);
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_start_that_hangs_gives_way_to_the_next_reload_and_to_nothing_else()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker[] old = scene.Alive;
        scene.NextSettings = scene.NextSettings with { Timeout = TimeSpan.Zero }; // nobody beats here
        Ask(scene);
        FakeWorker hung = scene.Processes.Latest;
        scene.Pass(29_000);
        Assert.DoesNotContain(scene.Lines, line => line.Contains("has been starting", StringComparison.Ordinal));
        Scene.Beat(hung);
        scene.Pass(31_000);
        scene.AssertLogged($"worker {hung.Pid} has been starting for 30 s");
        Assert.Equal([Signals.Stack], hung.Signals);
        Assert.Empty(_outcomes);
        Ask(scene);
        Assert.Equal(1, Assert.Single(_outcomes).Status);
        Assert.Contains(Signals.SIGKILL, hung.Signals);
        Assert.NotSame(hung, scene.Processes.Latest);
        Assert.All(old, worker => Assert.Contains(worker, scene.Alive));
        scene.AllReadyOnce();
        foreach (FakeWorker worker in old) worker.Say(ControlWords.Going("drain"));
        scene.AllReadyOnce();
        foreach (FakeWorker worker in old) worker.Say(ControlWords.Going("drain"));
        scene.Turn();
        Assert.True(_outcomes[^1].IsOk, _outcomes[^1].Text);
    }

    [Fact]
    public void A_reload_that_fails_half_way_keeps_what_serves_and_no_more_than_were_wanted()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker[] old = scene.Alive;
        scene.NextSettings = scene.NextSettings with { Workers = 4 };
        Ask(scene);
        scene.AllReadyOnce();
        scene.Processes.Latest.Say(ControlWords.Failed(3, "second"));
        scene.Turn();
        scene.ObeyOrders();
        scene.Pass(1000);
        Assert.Equal(3, Assert.Single(_outcomes).Status);
        Assert.Equal(2, scene.Supervisor.Fleet.ReadyCount);
        Assert.Equal(2, scene.Supervisor.Fleet.Wanted);
        Assert.Equal(old, scene.Alive.Intersect(old));
    }

    [Fact]
    public void Settings_that_are_refused_change_nothing()
    {
        using Scene scene = Serving(workers: 2);
        scene.RefuseReload = new SettingsRefusedException("--threads: 0 is too few", 2);
        Ask(scene);
        ReloadOutcome outcome = Assert.Single(_outcomes);
        Assert.Equal((2, "--threads: 0 is too few"), (outcome.Status, outcome.Text));
        Assert.Equal(2, scene.Processes.All.Count);
        scene.AssertLogged("reload failed; the old workers keep serving\n--threads: 0 is too few");

        scene.RefuseReload = null;
        Ask(scene);
        Assert.Equal(3, scene.Processes.All.Count);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(2, 4)]
    [InlineData(1, 1)]
    public void The_number_of_workers_follows_the_new_settings_and_never_falls_below_what_was(int before, int after)
    {
        using Scene scene = Serving(before);
        scene.NextSettings = scene.NextSettings with { Workers = after };
        Ask(scene);
        Assert.Equal(before, scene.Supervisor.Fleet.ReadyCount);
        for (int i = 0; i < 20 && _outcomes.Count == 0; i++)
        {
            scene.AllReadyOnce();
            Assert.True(scene.Supervisor.Fleet.ReadyCount >= Math.Min(before, after), "too few serve");
            scene.ObeyOrders();
        }
        Assert.True(Assert.Single(_outcomes).IsOk);
        Assert.Equal(after, scene.Supervisor.Fleet.ReadyCount);
        Assert.Equal(after, scene.Alive.Length);
        Assert.All(scene.Supervisor.Fleet.Workers, worker => Assert.Equal(1, worker.Generation));
    }

    [Fact]
    public void Requests_during_a_reload_become_one_more_which_begins_after_them()
    {
        using Scene scene = Serving(workers: 1);
        Ask(scene);
        List<ReloadOutcome> later = [];
        for (int i = 0; i < 3; i++) scene.Supervisor.Reloads.Ask(later.Add);
        scene.AllReadyOnce();
        scene.ObeyOrders();
        Assert.Single(_outcomes);
        Assert.Empty(later);
        scene.AllReadyOnce();
        scene.ObeyOrders();
        Assert.Equal(3, later.Count);
        scene.Pass(60_000);
        Assert.Equal(2, scene.Lines.Count(line => line == "reloading"));
        Assert.Equal(3, scene.Processes.All.Count);
    }

    [Fact]
    public void An_old_worker_that_crashes_during_a_reload_does_not_stop_it()
    {
        using Scene scene = Serving(workers: 2);
        FakeWorker[] old = scene.Alive;
        Ask(scene);
        old[1].End(signal: Signals.SIGKILL);
        scene.Turn();
        for (int i = 0; i < 10 && _outcomes.Count == 0; i++)
        {
            scene.AllReadyOnce();
            scene.ObeyOrders();
        }
        Assert.True(Assert.Single(_outcomes).IsOk);
        Assert.Equal(2, scene.Alive.Length);
    }

    [Fact]
    public void An_old_worker_that_does_not_leave_is_killed_and_the_reload_is_over()
    {
        using Scene scene = Serving(workers: 1);
        FakeWorker old = scene.Alive[0];
        Ask(scene);
        scene.AllReadyOnce();
        scene.Pass(32_000);
        Assert.True(old.IsAlive);
        Assert.Empty(_outcomes);
        scene.Pass(2000);
        Assert.False(old.IsAlive);
        scene.AssertLogged($"worker {old.Pid} has not left in time; killed");
        Assert.True(Assert.Single(_outcomes).IsOk);
    }

    [Fact]
    public void A_reload_repairs_a_server_whose_workers_all_fail_to_start()
    {
        using Scene scene = Serving(workers: 1);
        scene.Alive[0].End(status: 1);
        scene.Turn();
        for (int i = 0; i < 8; i++)
        {
            while (scene.Alive.Length == 0) scene.Pass(100);
            scene.Alive[0].End(status: 1);
            scene.Turn();
        }
        Assert.Empty(scene.Alive); // the pause is long by now
        Ask(scene);
        scene.AllReady();
        Assert.True(Assert.Single(_outcomes).IsOk);
    }

    [Fact]
    public void A_worker_that_boots_when_the_reload_begins_gives_way_to_the_new_code()
    {
        using Scene scene = Serving(workers: 2);
        scene.Alive[1].End(status: 1);
        scene.Turn();
        FakeWorker hanging = scene.Processes.Latest;
        Ask(scene);
        Assert.False(hanging.IsAlive);
        for (int i = 0; i < 10 && _outcomes.Count == 0; i++)
        {
            scene.AllReadyOnce();
            scene.ObeyOrders();
        }
        Assert.True(Assert.Single(_outcomes).IsOk);
        Assert.All(scene.Supervisor.Fleet.Workers, worker => Assert.Equal(1, worker.Generation));
    }

    private static Scene Serving(int workers)
    {
        Scene scene = new(workers);
        scene.AllReady();
        scene.Pass(2000);
        foreach (FakeWorker worker in scene.Alive) _ = worker.Heard();
        return scene;
    }

    private void Ask(Scene scene)
    {
        scene.Supervisor.Reloads.Ask(_outcomes.Add);
        scene.Turn();
    }
}
