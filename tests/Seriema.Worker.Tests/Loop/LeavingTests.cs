using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>How a worker leaves a port that others serve on.</summary>
public sealed class LeavingTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void Listeners_leave_epoll_before_what_waits_is_accepted(bool drains)
    {
        // The other way round a client could come in between, wake this worker alone, and be reset by the close.
        using LoopDriver driver = new(listeners: 2);
        Peer[] peers = [driver.Sockets.Arrive().Says(LoopDriver.Get), driver.Sockets.Arrive().Says(LoopDriver.Get)];
        bool wasListening = false;
        driver.Sockets.OnAccept = () => wasListening |= driver.Worker.Listeners.Any(listener => driver.Epoll.Masks.ContainsKey(listener.Fd));
        if (drains) driver.Worker.Drain();
        else driver.Worker.Stop();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.False(wasListening);
        Assert.All(peers, peer => Assert.Equal(["/"], LoopDriver.Bodies(peer)));
    }

    [Fact]
    public void What_the_kernel_has_accepted_is_taken_within_a_bound()
    {
        using LoopDriver driver = new(new WsgiServerOptions { Application = "none", Backlog = 100, Threads = 1, LoggerFactory = new LogRecorder() });
        driver.Sockets.OnAccept = () => driver.Sockets.Arrive(); // one more for each that is taken
        driver.Worker.Drain();
        driver.Turn();
        Assert.InRange(driver.Worker.Connections.Count, 100, 200);
        Assert.False(driver.IsListening);
    }

    [Fact]
    public void A_drain_answers_the_request_that_was_on_its_way_and_then_closes()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        driver.Worker.Drain();
        driver.Turn();
        Assert.Equal(0, peer.Closes);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(["/", "/"], LoopDriver.Bodies(peer));
        Assert.EndsWith("\r\nConnection: close\r\n\r\n/", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_drain_closes_idle_connections_a_moment_later_and_then_says_that_it_has_left()
    {
        using LoopDriver driver = new();
        Peer idle = driver.Connect();
        driver.Exchange(idle, LoopDriver.Get);
        Peer body = driver.Connect();
        driver.Exchange(body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
        int left = 0;
        int closesThen = 0;
        driver.Worker.Left = () => (left, closesThen) = (left + 1, idle.Closes);
        driver.Worker.Drain();
        driver.Turn();
        Assert.Equal((0, 0), (left, idle.Closes));
        driver.LeadUntil(() => left > 0, "the leaving");
        Assert.Equal((1, 1, 0), (left, closesThen, body.Closes));
        driver.Exchange(body, "bc");
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Equal((1, 1), (left, body.Closes));
        Assert.Equal(["/abc"], LoopDriver.Bodies(body));
    }

    [Fact]
    public void A_drain_waits_longer_for_the_first_request_of_a_connection()
    {
        using LoopDriver driver = new();
        Peer asked = driver.Connect();
        driver.Exchange(asked, LoopDriver.Get);
        Peer fresh = driver.Connect();
        Peer silent = driver.Connect();
        driver.Worker.Drain();
        driver.Turn();
        driver.LeadUntil(() => asked.Closes == 1, "the close of the idle one");
        Assert.Equal((0, 0), (fresh.Closes, silent.Closes));
        driver.Exchange(fresh, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(fresh));
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end"); // nor does it wait for ever
        Assert.Equal((1, 1), (fresh.Closes, silent.Closes));
    }

    [Fact]
    public void A_stop_after_a_drain_waits_no_longer()
    {
        using LoopDriver driver = new();
        Peer idle = driver.Connect();
        driver.Worker.Drain();
        long grace = driver.Worker.IdleEnd;
        Assert.True(grace > ServerClock.Now - 10_000, "a drain waits");
        driver.Turn();
        driver.Worker.Drain();
        Assert.Equal(grace, driver.Worker.IdleEnd); // told again, it waits no longer
        driver.Worker.Stop();
        Assert.Equal(0, driver.Worker.IdleEnd);
        driver.LeadUntil(() => idle.Closes == 1, "the close");
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
    }

    [Fact]
    public void A_drain_keeps_its_patience_when_the_stop_that_it_is_part_of_begins()
    {
        using LoopDriver driver = new();
        Peer idle = driver.Connect();
        driver.Worker.Drain();
        long grace = driver.Worker.IdleEnd;
        driver.Worker.EnsureStopping();
        Assert.Equal(grace, driver.Worker.IdleEnd);
        driver.Turn();
        Assert.Equal(0, idle.Closes);

        using LoopDriver other = new();
        other.Worker.EnsureStopping();
        Assert.Equal((true, 0), (other.Worker.IsStopping, other.Worker.IdleEnd));
    }

    [Fact]
    public void Every_answer_given_while_draining_closes()
    {
        using LoopDriver driver = new();
        Peer rejected = driver.Connect();
        Peer head = driver.Connect();
        driver.Exchange(head, "GET / HT");
        Peer old = driver.Connect();
        driver.Worker.Drain();
        driver.Turn();
        driver.Exchange(rejected, "nonsense\r\n\r\n");
        driver.Exchange(head, "TP/1.1\r\nHost: a\r\n\r\n");
        driver.Exchange(old, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Assert.All([rejected, head, old], peer => Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_descriptor_the_loop_waits_instead_of_spinning()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)));
        int listener = driver.Worker.Listeners[0].Fd;
        Func<int, int> idle = driver.Epoll.OnIdle!;
        int shortest = int.MaxValue;
        driver.Epoll.OnIdle = timeout =>
        {
            if (driver.Sockets.Accepts == 5) return idle(timeout);
            // As the kernel does: the client is still there, so the listener is ready whenever it is in epoll.
            driver.Sockets.ArriveBadly(Errno.EMFILE);
            if (driver.IsListening) driver.Epoll.Report((driver.Epoll.Keys[listener], Libc.EPOLLIN));
            else shortest = Math.Min(shortest, timeout);
            return driver.IsListening ? driver.Epoll.Wait(timeout) : driver.Epoll.WaitForReal(timeout);
        };
        driver.Lead();
        Assert.Equal(5, driver.Sockets.Accepts);
        // For each try: the wait that tells of the client, those for the pause of 100 ms, which ends every 20 ms to look at
        // deadlines, and one that a timer may end early.
        Assert.InRange(driver.Epoll.Waits, 5, 5 * 8);
        Assert.InRange(shortest, 0, 20);
        Assert.False(driver.Worker.LoopEnded.IsCompleted);
    }
}
