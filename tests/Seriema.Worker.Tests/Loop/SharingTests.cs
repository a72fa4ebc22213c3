using Seriema.Transport;
using Seriema.Transport.Interop;
using Seriema.Worker.Tests.Link;

namespace Seriema.Worker.Tests.Loop;

/// <summary>How a worker accepts when siblings accept from the same listeners.</summary>
public sealed class SharingTests : IDisposable
{
    private readonly Scoreboard _board = Scoreboard.Create(4);

    public SharingTests() => _board.Set(1, WorkerLoad.Busy);

    [Fact]
    public void Each_event_takes_one_client_and_leaves_the_rest_to_whoever_comes_first()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(threads: 2));
        for (int i = 0; i < 3; i++) driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal((1, 1), (driver.Worker.Connections.Count, driver.Sockets.Accepts));
        driver.Accept();
        Assert.Equal(2, driver.Worker.Connections.Count);
    }

    [Fact]
    public void A_worker_that_is_full_leaves_clients_to_its_siblings_until_it_is_not()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(threads: 2, connections: 1));
        Peer only = driver.Connect();
        driver.Exchange(only, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n1");
        driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal((1, false), (driver.Worker.Connections.Count, driver.IsListening));
        driver.Exchange(only, "2");
        driver.Turn();
        Assert.Equal((1, true), (only.Closes, driver.IsListening));
        driver.Accept();
        Assert.Equal(1, driver.Worker.Connections.Count);
    }

    [Fact]
    public void A_worker_whose_siblings_have_left_takes_all_that_wait()
    {
        using LoopDriver driver = Driver();
        _board.Set(1, WorkerLoad.Gone);
        driver.LeadUntil(() => !driver.Worker.Board.HasSiblings, "the look around");
        for (int i = 0; i < 3; i++) driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal(3, driver.Worker.Connections.Count);

        _board.Set(2, WorkerLoad.Free);
        driver.LeadUntil(() => driver.Worker.Board.HasSiblings, "the look around");
    }

    [Fact]
    public void The_board_tells_what_the_worker_can_take_until_it_leaves()
    {
        using LoopDriver driver = Driver();
        Assert.Equal(WorkerLoad.Free, _board.Get(0));
        driver.Worker.Board.SetSaturated(true);
        Assert.Equal(WorkerLoad.Busy, _board.Get(0));
        driver.Worker.Stop();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Equal(WorkerLoad.Gone, _board.Get(0));
        driver.Worker.Board.SetSaturated(false);
        Assert.Equal(WorkerLoad.Gone, _board.Get(0));
    }

    [Fact]
    public void Without_a_free_thread_the_clients_are_left_to_a_sibling_that_has_one()
    {
        using LoopDriver driver = Driver();
        _board.Set(1, WorkerLoad.Free);
        driver.Worker.Board.SetSaturated(true);
        driver.Turn();
        Assert.False(driver.IsListening);
        driver.Sockets.Arrive();
        int looks = 0;
        driver.LeadUntil(() => ++looks > 20, "twenty turns", longestWait: 20);
        Assert.Equal(0, driver.Sockets.Accepts);

        driver.Worker.Board.SetSaturated(false);
        driver.Turn();
        Assert.True(driver.IsListening);
        driver.Accept();
        Assert.Equal(1, driver.Worker.Connections.Count);
    }

    [Fact]
    public void With_one_free_thread_the_next_client_is_left_to_a_sibling_until_this_one_has_said_what_it_wants()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(threads: 1));
        _board.Set(1, WorkerLoad.Free);
        Peer first = driver.Sockets.Arrive();
        driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal((1, false), (driver.Worker.Connections.Count, driver.IsListening));

        first.Says(LoopDriver.Get);
        driver.Readable(first);
        Assert.Equal((1, true), (driver.Calls, driver.IsListening)); // it was answered, and the thread is free again
        driver.Accept();
        Assert.Equal(2, driver.Worker.Connections.Count);
    }

    [Fact]
    public void A_client_that_says_nothing_does_not_keep_others_out_for_long()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(threads: 1));
        _board.Set(1, WorkerLoad.Free);
        driver.Sockets.Arrive();
        driver.Accept();
        driver.LeadUntil(() => driver.IsListening, "the listeners in epoll again");
    }

    [Fact]
    public void With_threads_to_spare_the_worker_only_stands_behind_its_siblings()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(threads: 2));
        driver.Sockets.Arrive();
        int added = driver.Epoll.Adds;
        driver.Accept();
        Assert.True(driver.IsListening);
        Assert.Equal(added + 2, driver.Epoll.Adds); // the client, and the listener again
    }

    [Fact]
    public void When_no_worker_has_a_free_thread_clients_are_taken_all_the_same()
    {
        using LoopDriver driver = Driver();
        driver.Worker.Board.SetSaturated(true);
        driver.Turn();
        Assert.False(driver.IsListening); // a wake-up goes to those who can use it
        driver.Sockets.Arrive();
        driver.Sockets.Arrive();
        driver.LeadUntil(() => driver.Worker.Connections.Count == 2, "the clients");
        Assert.False(driver.IsListening);
    }

    [Fact]
    public void An_event_is_answered_also_by_a_worker_that_became_busy_since()
    {
        // The kernel woke this worker alone for it: nobody else would come.
        using LoopDriver driver = Driver();
        _board.Set(1, WorkerLoad.Free);
        driver.Sockets.Arrive();
        driver.Epoll.Report(() =>
        {
            driver.Worker.Board.SetSaturated(true);
            return [(driver.Epoll.Keys[driver.Worker.Listeners[0].Fd], Libc.EPOLLIN)];
        });
        driver.Lead();
        Assert.Equal(1, driver.Worker.Connections.Count);
        Assert.False(driver.IsListening);
    }

    [Fact]
    public void A_worker_without_siblings_listens_while_all_its_threads_are_busy()
    {
        using LoopDriver driver = new();
        driver.Worker.Board.SetSaturated(true);
        driver.Turn();
        Assert.True(driver.IsListening);
    }

    [Fact]
    public void A_look_finds_clients_that_no_event_tells_of()
    {
        using LoopDriver driver = Driver(listeners: 2);
        driver.Sockets.Arrive();
        driver.Sockets.Arrive();
        driver.Turn();
        Assert.Equal(0, driver.Sockets.Accepts);
        driver.Worker.Acceptor.Look();
        driver.Turn();
        Assert.Equal(2, driver.Worker.Connections.Count);
        Assert.True(driver.Sockets.Accepts > 2); // the second listener was looked at too
    }

    [Fact]
    public void A_client_whose_wake_up_was_lost_is_found_within_the_next_sweep()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)));
        driver.Sockets.Arrive();
        driver.LeadUntil(() => driver.Worker.Connections.Count == 1, "the client");
    }

    [Fact]
    public void A_stop_while_the_listeners_are_left_to_others_takes_what_waits()
    {
        using LoopDriver driver = Driver();
        _board.Set(1, WorkerLoad.Free);
        driver.Worker.Board.SetSaturated(true);
        driver.Turn();
        Peer peer = driver.Sockets.Arrive().Says(LoopDriver.Get);
        driver.Worker.Stop();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void Without_descriptors_a_busy_worker_neither_spins_nor_stays_away()
    {
        using LoopDriver driver = Driver(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)));
        driver.Worker.Board.SetSaturated(true);
        driver.Turn();
        driver.Sockets.ArriveBadly(Errno.EMFILE);
        driver.LeadUntil(() => driver.Sockets.Accepts == 1, "the look");
        driver.Sockets.Arrive();
        driver.LeadUntil(() => driver.Worker.Connections.Count == 1, "the client");
        driver.Worker.Board.SetSaturated(false);
        driver.LeadUntil(() => driver.IsListening, "accepting again");
    }

    public void Dispose() => _board.Dispose();

    private LoopDriver Driver(WsgiServerOptions? options = null, int listeners = 1) =>
        new(options, listeners: listeners, role: sockets => Roles.Of(sockets, board: _board));
}
