using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>The first workers, and what happens when they do not come up.</summary>
public sealed class StartTests
{
    [Fact]
    public void All_workers_are_started_at_once_each_with_its_own_slot_and_only_its_own_descriptors()
    {
        using Scene scene = new(workers: 3);
        scene.Turn();
        Assert.Equal(["0", "1", "2"], scene.Alive.Select(worker => worker.Argv[2]));
        Assert.All(scene.Alive, worker => Assert.Equal(["seriema: worker", "--slot"], worker.Argv.Take(2)));
        Assert.All(scene.Alive, worker => Assert.Equal(2, worker.Inherited.Count)); // control and scoreboard; no listeners here
        Assert.Equal(3, scene.Alive.Select(worker => worker.Inherited[0]).Distinct().Count());
        Assert.Single(scene.Alive.Select(worker => worker.Inherited[1]).Distinct());
    }

    [Fact]
    public void What_the_settings_hand_down_every_worker_gets()
    {
        using Scene scene = new(workers: 2, settings => settings with { Inherited = [77, 78] });
        scene.Turn();
        Assert.All(scene.Alive, worker => Assert.Equal([77, 78], worker.Inherited.Skip(2)));
    }

    [Fact]
    public void Serving_is_told_once_when_the_last_worker_is_ready()
    {
        using Scene scene = new(workers: 2);
        scene.Turn();
        scene.Alive[1].Say(ControlWords.Ready("3.12.1"));
        scene.Turn();
        Assert.Empty(scene.Served);
        scene.Alive[0].Say(ControlWords.Ready("3.12.1"));
        scene.Turn();
        scene.Pass(5000);
        Assert.Equal(["3.12.1 2"], scene.Served);
        Assert.True(scene.Supervisor.IsServing);
    }

    [Fact]
    public void Serving_is_told_when_one_is_ready_and_another_could_not_start()
    {
        using Scene scene = new(workers: 2);
        scene.Turn();
        scene.Alive[0].Say(ControlWords.Ready("3.11.2"));
        scene.Turn();
        scene.Alive[1].Say(ControlWords.Failed(3, "no memory\n"));
        scene.Turn();
        Assert.Single(scene.Served);
        Assert.False(scene.Supervisor.Stopping.IsStopping);
        scene.AssertLogged("no memory");
        Assert.Equal("", scene.Error.ToString());
    }

    [Fact]
    public void A_first_worker_that_says_why_it_cannot_start_ends_everything_with_its_status_and_text()
    {
        using Scene scene = new(workers: 2);
        scene.Turn();
        FakeWorker[] both = scene.Alive;
        both[0].Say(ControlWords.Failed(4, "Traceback ...\nseriema: no application"));
        scene.Turn();
        scene.Turn();
        Assert.Equal("Traceback ...\nseriema: no application\n", scene.Error.ToString());
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal(4, scene.Supervisor.Stopping.ExitStatus);
        Assert.Empty(scene.Alive);
        Assert.Equal(2, scene.Processes.All.Count);
    }

    [Fact]
    public void A_failure_is_told_even_when_a_killed_worker_does_not_go()
    {
        using Scene scene = new(workers: 2);
        scene.Turn();
        scene.Alive[1].CanBeKilled = false;
        scene.Alive[0].Say(ControlWords.Failed(3, "x"));
        scene.Turn();
        scene.Turn();
        Assert.False(scene.Supervisor.Stopping.IsDone(scene.Now));
        scene.Pass(1000);
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
    }

    [Fact]
    public void A_worker_that_dies_at_its_first_start_is_tried_five_times_with_growing_pauses_and_then_the_server_ends()
    {
        using Scene scene = new(workers: 1);
        List<long> starts = [];
        for (int tries = 1; tries <= 5; tries++)
        {
            while (scene.Alive.Length == 0) scene.Pass(10);
            starts.Add(scene.Now);
            scene.Alive[0].End(signal: Signals.SIGSEGV);
            scene.Turn();
        }
        scene.Pass(60_000);
        Assert.Equal(5, scene.Processes.All.Count);
        Assert.Equal([100, 200, 400, 800], starts.Zip(starts.Skip(1), (first, second) => (second - first) / 100 * 100));
        Assert.Equal(3, scene.Supervisor.Stopping.ExitStatus);
        Assert.True(scene.Supervisor.Stopping.IsDone(scene.Now));
        Assert.Equal("seriema: the application's workers die while they start: crashed with SIGSEGV\n", scene.Error.ToString());
    }

    [Fact]
    public void Workers_that_die_together_have_as_many_tries_as_one()
    {
        using Scene scene = new(workers: 4);
        for (int round = 1; round <= 5; round++)
        {
            while (scene.Alive.Length < 4)
            {
                Assert.False(scene.Supervisor.Stopping.IsStopping, $"given up in round {round}");
                scene.Pass(10);
            }
            foreach (FakeWorker worker in scene.Alive) worker.End(status: 7);
            scene.Turn();
        }
        Assert.Equal(3, scene.Supervisor.Stopping.ExitStatus);
        Assert.Contains("exited with status 7", scene.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Once_a_worker_has_served_a_failing_start_is_tried_for_ever_with_pauses_up_to_half_a_minute()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        scene.Pass(2000);
        scene.Alive[0].End(status: 1);
        scene.Turn();
        List<long> starts = [];
        for (int tries = 1; tries <= 10; tries++)
        {
            while (scene.Alive.Length == 0) scene.Pass(100);
            starts.Add(scene.Now);
            scene.Alive[0].Say(ControlWords.Failed(3, "ImportError\n"));
            scene.Turn();
            scene.Alive[0].End(status: 3);
            scene.Turn();
        }
        Assert.Equal([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000], starts.Zip(starts.Skip(1), (first, second) => second - first));
        Assert.False(scene.Supervisor.Stopping.IsStopping);
        scene.AssertLogged("ImportError");

        while (scene.Alive.Length == 0) scene.Pass(100);
        scene.AllReady();
        scene.Pass(2000);
        scene.Alive[0].End(status: 1);
        scene.Turn();
        scene.Alive[0].End(status: 1);
        scene.Turn();
        Assert.Empty(scene.Alive);
        scene.Pass(500);
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void A_start_that_the_kernel_refuses_is_tried_again()
    {
        using Scene scene = new(workers: 1);
        scene.AllReady();
        scene.Pass(2000);
        scene.Processes.Refusal = new LinuxException("posix_spawn", 11);
        scene.Alive[0].End(signal: Signals.SIGKILL);
        scene.Pass(400);
        scene.AssertLogged("posix_spawn");
        Assert.Empty(scene.Alive);
        scene.Processes.Refusal = null;
        scene.Pass(500);
        Assert.Single(scene.Alive);
    }

    [Fact]
    public void The_last_words_of_a_worker_count_although_it_has_ended_by_then()
    {
        using Scene scene = new(workers: 1);
        scene.Turn();
        scene.Alive[0].Say(ControlWords.Failed(2, "seriema: wrong"));
        scene.Alive[0].End(status: 2);
        scene.Supervisor.Turn(scene.Now, 100); // the end is seen before the event of the message
        Assert.Equal("seriema: wrong\n", scene.Error.ToString());
        Assert.Equal(2, scene.Supervisor.Stopping.ExitStatus);
    }
}
