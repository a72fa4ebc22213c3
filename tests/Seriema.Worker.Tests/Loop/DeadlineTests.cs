using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the loop does to clients that take too long. The waiting is real, but as short as it can be.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void A_head_that_does_not_end_is_answered_with_408()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: s_short));
        Peer peer = driver.ConnectAndSay("GET / HT");
        driver.LeadUntil(() => peer.Sent.Length > 0, "the answer");
        Assert.Equal([408], Responses.Statuses(peer.Sent));
        Assert.Equal((ConnectionState.Lingering, 0), (driver.StateOf(peer), driver.Calls));
    }

    [Fact]
    public void A_client_that_never_says_anything_is_closed_without_an_answer()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: s_short));
        Peer peer = driver.Sockets.Arrive();
        driver.Accept(); // on a busy machine this turn closes it already
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal("", peer.Sent);
    }

    [Fact]
    public void A_head_that_drips_in_gets_no_more_time()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET / HT");
        long deadline = driver.ConnectionOf(peer).Deadline;
        AwaitTick();
        driver.Exchange(peer, "TP/1.1\r\n");
        Assert.Equal(deadline, driver.ConnectionOf(peer).Deadline);
    }

    [Fact]
    public void A_body_that_stops_coming_is_answered_with_408()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: s_short));
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
        driver.LeadUntil(() => peer.Sent.Length > 0, "the answer");
        Assert.Equal([408], Responses.Statuses(peer.Sent));
        Assert.Equal((ConnectionState.Lingering, 0), (driver.StateOf(peer), driver.Calls));
    }

    [Fact]
    public void Every_piece_of_a_body_gives_it_more_time()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
        long deadline = driver.ConnectionOf(peer).Deadline;
        AwaitTick();
        driver.Exchange(peer, "c");
        Assert.True(driver.ConnectionOf(peer).Deadline > deadline);
    }

    [Fact]
    public void A_body_that_drips_in_below_the_least_rate_is_answered_with_408()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(50), bodyRate: 1 << 20));
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
        long deadline = driver.ConnectionOf(peer).Deadline;
        while (peer.Sent.Length == 0)
        {
            // Each piece comes in time and would put the deadline off, were it only for progress.
            if (ServerClock.Now < deadline) driver.Exchange(peer, "x");
            else driver.LeadUntil(() => peer.Sent.Length > 0, "the answer");
        }
        Assert.Equal([408], Responses.Statuses(peer.Sent));
        Assert.Equal(0, driver.Calls);
    }

    [Fact]
    public void A_response_that_is_taken_below_the_least_rate_ends_the_connection()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: s_short, responseRate: 1 << 20));
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN);
        peer.Unsent.Clear();
        for (int left = 1000; left > 0; left -= 1) peer.Unsent.Enqueue(left); // progress at every look
        driver.Exchange(peer, LoopDriver.Get);
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Contains(driver.Log.Lines, line => line.Text.Contains("closed with response-timeout: 192.0.2.7", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kept_alive_connection_that_stays_idle_is_closed()
    {
        using LoopDriver driver = new(LoopDriver.Options(keepAlive: s_short));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void The_first_byte_of_a_next_request_starts_the_head_s_time()
    {
        using LoopDriver driver = new(LoopDriver.Options(keepAlive: TimeSpan.FromMinutes(1)));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        long idle = driver.ConnectionOf(peer).Deadline;
        driver.Exchange(peer, "G");
        Assert.True(driver.ConnectionOf(peer).Deadline >= idle + (4 * 60_000));
    }

    [Fact]
    public void A_response_that_the_client_does_not_take_ends_the_connection()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: s_short));
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN);
        driver.Exchange(peer, LoopDriver.Get);
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal((5, 0), (peer.Sent.Length, driver.Worker.Connections.Count));
    }

    [Fact]
    public void Every_piece_that_the_client_takes_gives_the_response_more_time()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN, 1, -Errno.EAGAIN);
        driver.Exchange(peer, LoopDriver.Get);
        long deadline = driver.ConnectionOf(peer).Deadline;
        AwaitTick();
        driver.Writable(peer);
        Assert.True(driver.ConnectionOf(peer).Deadline > deadline);
    }

    [Fact]
    public void A_client_that_reads_too_slowly_for_the_kernel_to_ask_for_more_is_not_cut()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: s_short));
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN);
        peer.Unsent.Clear();
        for (int left = 1000; left > 0; left -= 100) peer.Unsent.Enqueue(left); // taken by and by, and never writable
        driver.Exchange(peer, LoopDriver.Get);
        driver.LeadUntil(() => peer.Closes > 0 || peer.Unsent.Count == 1, "the last of what the kernel held");
        Assert.Equal((0, ConnectionState.Draining), (peer.Closes, driver.StateOf(peer)));
        driver.LeadUntil(() => peer.Closes > 0, "the close, as nothing moves any more");
    }

    [Fact]
    public void A_client_that_does_not_send_the_rest_of_an_unwanted_body_is_not_waited_for()
    {
        using LoopDriver driver = new(LoopDriver.Options(threads: 4, bodyBuffer: 16), (_, exchange) => Reply.With(exchange, "ok"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + new string('x', 100));
        driver.LeadUntil(() => driver.StateOf(peer) == ConnectionState.Discarding, "the response");
        Assert.InRange(driver.ConnectionOf(peer).Deadline - ServerClock.Now, 0, 10_000);
    }

    [Fact]
    public void A_closing_connection_is_not_cut_while_the_client_takes_the_response()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromSeconds(60)));
        Peer peer = driver.Connect();
        peer.Unsent.Clear();
        foreach (int left in (int[])[5000, 3000, 0]) peer.Unsent.Enqueue(left); // as it closes, at the first look, at the second
        driver.Exchange(peer, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /more");
        Assert.Equal(ConnectionState.Lingering, driver.StateOf(peer));
        long first = driver.ConnectionOf(peer).Deadline;
        driver.LeadUntil(() => driver.ConnectionOf(peer).Deadline > first, "the first look");
        Assert.Equal((0, ConnectionState.Lingering), (peer.Closes, driver.StateOf(peer)));
        driver.LeadUntil(() => peer.Closes > 0, "the second look");
    }

    [Fact]
    public void Many_deadlines_that_pass_at_once_do_not_keep_the_network_waiting()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: TimeSpan.FromMilliseconds(500), keepAlive: TimeSpan.FromMinutes(5)));
        Peer honest = driver.Connect();
        driver.Exchange(honest, LoopDriver.Get);
        Peer[] slow = [.. Enumerable.Range(0, 300).Select(_ => driver.Connect())];
        foreach (Peer peer in slow) driver.Exchange(peer, "G");
        long over = ServerClock.Now + 600; // that of the last one, too
        LoopDriver.Await(() => ServerClock.Now > over, "the end of their time");
        int answered = slow.Count(peer => peer.Sent.Length > 0); // a slow machine may have answered some on the way
        int waits = driver.Epoll.Waits;
        driver.LeadUntil(() => slow.All(peer => peer.Sent.Length > 0), "all answers");
        Assert.True(driver.Epoll.Waits - waits >= (300 - answered) / 32, "the loop has looked for events in between");
    }

    [Fact]
    public void The_application_may_take_as_long_as_it_likes()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: s_short, keepAlive: s_short, progress: s_short), (_, exchange) =>
        {
            AwaitTick();
            Reply.With(exchange, "late");
        });
        Peer peer = driver.ConnectAndSay(LoopDriver.Get);
        Assert.Equal(["late"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void The_loop_wakes_for_a_deadline_soon_after_it_and_not_without_end_before()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: TimeSpan.FromMilliseconds(80)));
        Peer peer = driver.Sockets.Arrive();
        int waits = driver.Epoll.Waits;
        driver.Accept();
        driver.LeadUntil(() => peer.Closes > 0, "the close", longestWait: int.MaxValue);
        Assert.InRange(driver.Epoll.Waits - waits, 1, 20);
    }

    /// <summary>Until the clock of the deadlines has moved on.</summary>
    private static void AwaitTick()
    {
        long now = ServerClock.Now;
        LoopDriver.Await(() => ServerClock.Now > now, "a tick");
    }
}
