using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>Workers that end without being asked.</summary>
public sealed class CrashTests
{
    [Fact]
    public void A_crashed_worker_is_replaced_at_once_and_its_cause_logged()
    {
        using Scene scene = new(workers: 2);
        scene.AllReady();
        scene.Pass(5000);
        FakeWorker crashed = scene.Alive[0];
        _ = scene.Alive[1].Heard();
        crashed.End(signal: Signals.SIGSEGV);
        scene.Turn();
        scene.AssertLogged($"worker {crashed.Pid} crashed with SIGSEGV; starting another");
        Assert.Equal(2, scene.Alive.Length);
        Assert.Equal(crashed.Argv[2], scene.Processes.Latest.Argv[2]); // the slot is used again
        Assert.Equal([ControlWords.Look], scene.Alive[0].Heard());
    }

    [Fact]
    public void A_kill_that_was_not_ours_gets_a_hint()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        int pid = scene.Alive[0].Pid;
        scene.Alive[0].End(signal: Signals.SIGKILL);
        scene.Turn();
        scene.AssertLogged($"worker {pid} was killed by SIGKILL; starting another (perhaps out of memory)");
    }

    [Fact]
    public void Workers_that_crash_as_soon_as_they_serve_are_held_back_from_the_fourth_on()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        for (int crash = 1; crash <= 3; crash++)
        {
            scene.Alive[0].End(status: 1);
            scene.Turn();
            Assert.Single(scene.Alive);
            scene.AllReady();
        }
        foreach (int pause in new[] { 500, 1000, 2000 })
        {
            scene.Alive[0].End(status: 1);
            scene.Turn();
            scene.Pass(pause - 100);
            Assert.Empty(scene.Alive);
            scene.Pass(100);
            Assert.Single(scene.Alive);
            scene.AllReady();
        }
        scene.Pass(2000); // one that lives ends the row
        scene.Alive[0].End(status: 1);
        scene.Turn();
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_worker_that_has_served_for_long_does_not_end_the_row_of_another_ones_crashes()
    {
        using Scene scene = new(workers: 2);
        scene.AllReady();
        for (int crash = 1; crash <= 3; crash++)
        {
            scene.Alive[1].End(status: 1);
            scene.AllReady();
        }
        scene.Alive[1].End(status: 1);
        scene.Pass(400);
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_worker_that_leaves_by_itself_is_replaced_before_it_is_gone()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        scene.Pass(3000);
        FakeWorker leaver = scene.Alive[0];
        leaver.Say(ControlWords.Going("SIGTERM"));
        scene.Turn();
        Assert.Equal(2, scene.Alive.Length);
        leaver.End();
        scene.AllReady();
        scene.AssertLogged($"worker {leaver.Pid} left");
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_worker_that_talks_nonsense_is_killed_and_replaced()
    {
        foreach (string nonsense in new[] { "hello", "beat 1 2", "failed x\ny", "failed 0\ny", "beat -1 0 0 0 0 0" })
        {
            using Scene scene = new(workers: 1);
            scene.AllReady();
            FakeWorker odd = scene.Alive[0];
            odd.Say(nonsense);
            scene.Turn();
            Assert.False(odd.IsAlive, nonsense);
            scene.AssertLogged("sent what no worker sends");
            Assert.Single(scene.Alive);
        }
    }

    [Fact]
    public void A_worker_that_closes_its_control_socket_and_lives_on_is_killed_after_a_while()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        FakeWorker deaf = scene.Alive[0];
        deaf.Deafen();
        scene.Pass(4000);
        Assert.True(deaf.IsAlive);
        scene.Pass(2000);
        Assert.False(deaf.IsAlive);
        scene.AssertLogged($"worker {deaf.Pid} was killed by SIGKILL; starting another");
        Assert.Single(scene.Alive);
    }
}
