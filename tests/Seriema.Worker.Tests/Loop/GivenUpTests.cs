namespace Seriema.Worker.Tests.Loop;

/// <summary>Threads that do not come back from the application when the grace after the deadline is over.</summary>
public sealed class GivenUpTests : SlowCallTest
{
    [Fact]
    public void A_thread_that_does_not_come_back_is_given_up_and_a_draining_worker_does_not_wait_for_it()
    {
        AppThread? caller = null;
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), begin: (thread, _) => caller = thread);
        Peer peer = Enter(driver, SlowRequest);
        LookAfter(driver, Timeout);
        LookAfter(driver, Timeout + (Grace / 2));
        Assert.Empty(Replacements);
        GiveUp(driver);
        GiveUp(driver);
        Assert.Equal(["the thread of GET /slow?a=1 has not come back for 70 s"], Replacements);
        Assert.Contains(
            (Microsoft.Extensions.Logging.LogLevel.Error,
                "the thread of GET /slow?a=1 has not come back for 70 s; the worker asks to be replaced"), driver.Log.Lines);
        Assert.Equal((0, 0, true), (driver.Worker.Connections.Count, peer.Closes, DeadlineWatch.IsStuck(caller!)));
        Assert.False(driver.Epoll.Masks.ContainsKey(peer.Fd));

        driver.Worker.Stop();
        driver.Turn();
        driver.Turn();
        Assert.True(driver.Worker.LoopEnded.IsCompletedSuccessfully);

        Go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
        LoopDriver.Await(() => !DeadlineWatch.IsStuck(caller!), "the thread's return");
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
        Assert.Equal([504], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public void A_thread_that_comes_back_late_serves_again()
    {
        List<int> threads = [];
        using LoopDriver driver = Slow((thread, exchange) =>
        {
            lock (threads) threads.Add(thread.Number);
            Reply.With(exchange, "done");
        });
        Peer peer = Enter(driver, SlowRequest);
        GiveUp(driver);
        Go.Set();
        LoopDriver.Await(() => peer.Closes > 0, "the close");
        Peer next = driver.Connect();
        driver.Exchange(next, SlowRequest);
        driver.LeadUntil(() => driver.StateOf(next) == ConnectionState.Idle, "the answer");
        Assert.Equal(["done"], LoopDriver.Bodies(next));
        Assert.Equal(2, threads.Count);
        LookAfter(driver, TimeSpan.Zero);
        Assert.False(driver.Worker.IsStopping);
    }

    [Theory]
    [InlineData("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", 1, 0)]
    [InlineData("GET /slow HTTP/1.0\r\n\r\n", 0, 1)]
    public void A_response_that_had_begun_shows_its_break_when_the_thread_is_given_up(string request, int shutdowns, int resets)
    {
        using LoopDriver driver = Slow((_, exchange) => exchange.Abort(), begin: (_, exchange) => Begin(exchange, "begun"));
        Peer peer = Enter(driver, request);
        GiveUp(driver);
        Assert.Equal((shutdowns, resets, 0), (peer.WriteShutdowns, peer.Resets, peer.Closes));
        Assert.Equal([200], Responses.Statuses(peer.Sent));
    }

    [Fact]
    public async Task When_every_thread_is_stuck_the_worker_stops()
    {
        using LoopDriver driver = Slow((_, exchange) => Reply.With(exchange, "late"), threads: 1, isSlow: false);
        // With one thread it is the reserve's loop; here the test leads, and the call has a thread of its own.
        Peer peer = driver.Connect();
        Task call = Task.Run(() => driver.Exchange(peer, SlowRequest));
        Entered.Wait();
        GiveUp(driver);
        Assert.True(driver.Worker.IsStopping);
        Assert.Single(Replacements);
        Go.Set();
        await call.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
