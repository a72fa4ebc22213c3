using Microsoft.Extensions.Logging;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the loop makes of each answer that <c>accept</c> can give.</summary>
public sealed class AcceptingTests
{
    [Fact]
    public void Clients_are_accepted_until_there_are_no_more()
    {
        using LoopDriver driver = new();
        Peer[] peers = [driver.Sockets.Arrive(), driver.Sockets.Arrive(), driver.Sockets.Arrive()];
        driver.Accept();
        Assert.Equal((3, 4), (driver.Worker.Connections.Count, driver.Sockets.Accepts));
        Assert.All(peers, peer => Assert.Equal(Libc.EPOLLIN, driver.MaskOf(peer)));
        Connection connection = driver.ConnectionOf(peers[0]);
        Assert.Equal("192.0.2.7"u8, connection.Remote.Address);
        Assert.Equal("54321"u8, connection.Remote.Port);
    }

    [Fact]
    public void A_flood_of_clients_gives_those_that_are_here_their_turn()
    {
        using LoopDriver driver = new();
        for (int i = 0; i < 150; i++) driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal(64, driver.Worker.Connections.Count);
        driver.Accept();
        driver.Accept();
        Assert.Equal(150, driver.Worker.Connections.Count);
    }

    [Theory]
    [InlineData(Errno.EINTR)]
    [InlineData(Errno.ECONNABORTED)]
    [InlineData(Errno.EPROTO)]
    [InlineData(Errno.EPERM)]
    public void A_client_that_could_not_be_accepted_does_not_keep_the_next_ones_away(int errno)
    {
        using LoopDriver driver = new();
        driver.Sockets.ArriveBadly(errno);
        driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal(1, driver.Worker.Connections.Count);
        Assert.True(driver.IsListening);
    }

    [Theory]
    [InlineData(Errno.EMFILE)]
    [InlineData(Errno.ENFILE)]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ENOMEM)]
    public void Without_descriptors_or_memory_accepting_pauses_and_goes_on(int errno)
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)), listeners: 2);
        Peer before = driver.Connect();
        driver.Sockets.ArriveBadly(errno);
        driver.Accept();
        Assert.Equal(driver.Worker.Listeners.Select(listener => listener.Fd), driver.Epoll.Removed);
        Assert.Contains(driver.Log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("new connections", StringComparison.Ordinal));
        driver.Exchange(before, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(before));

        driver.LeadUntil(() => driver.IsListening, "accepting again");
        Peer after = driver.Connect();
        driver.Exchange(after, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(after));
    }

    [Fact]
    public void The_last_descriptors_are_not_for_clients()
    {
        using LoopDriver driver = Limited(ScriptedSockets.FirstFd + 64 + 2);
        Peer first = driver.Connect();
        Assert.True(driver.IsListening);
        for (int i = 0; i < 3; i++) driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal(3, driver.Worker.Connections.Count); // the one that was the first of the reserve is served too
        Assert.False(driver.IsListening);
        int reads = driver.Sockets.LimitReads;
        driver.LeadUntil(() => driver.Sockets.LimitReads > reads, "another look");
        Assert.False(driver.IsListening);

        // What a client gives back another gets, at once.
        driver.Sockets.Next = first.Fd;
        driver.Exchange(first, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        driver.Exchange(first, ""); // its end of file
        driver.Turn();
        Assert.Equal(2, driver.Worker.Connections.Count);
        Assert.True(driver.IsListening);
        Assert.Single(driver.Log.Lines, line => line.Text.StartsWith("file descriptors are short", StringComparison.Ordinal));
    }

    [Fact]
    public void A_descriptor_that_the_application_gives_back_is_found_too()
    {
        using LoopDriver driver = Limited(ScriptedSockets.FirstFd + 64);
        _ = driver.Connect();
        Assert.False(driver.IsListening);
        driver.Sockets.Next = 100;
        driver.LeadUntil(() => driver.IsListening, "accepting again");
    }

    [Fact]
    public void With_a_limit_below_the_reserve_one_client_is_served_after_the_other()
    {
        using LoopDriver driver = Limited(ScriptedSockets.FirstFd + 1);
        Peer only = driver.Connect();
        Assert.False(driver.IsListening);
        driver.Exchange(only, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal(["/"], LoopDriver.Bodies(only));
        driver.Exchange(only, "");
        driver.Turn();
        Assert.True(driver.IsListening);
    }

    [Fact]
    public void A_limit_that_was_raised_counts_at_once()
    {
        using LoopDriver driver = Limited(ScriptedSockets.FirstFd + 64);
        driver.Sockets.Limit = int.MaxValue;
        _ = driver.Connect();
        Assert.True(driver.IsListening);
    }

    [Fact]
    public void Accepting_goes_on_later_when_epoll_has_no_memory_either()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)), listeners: 2);
        driver.Sockets.ArriveBadly(Errno.ENOMEM);
        driver.Epoll.AddAnswers.Enqueue(0);
        driver.Epoll.AddAnswers.Enqueue(-Errno.ENOMEM); // the second listener, when the first is in again
        driver.Accept();
        driver.LeadUntil(() => driver.IsListening, "accepting again");
    }

    [Fact]
    public void A_client_that_epoll_has_no_room_for_is_closed()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Sockets.Arrive();
        driver.Epoll.AddAnswers.Enqueue(-Errno.ENOMEM);
        driver.Accept();
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_high_descriptor_is_as_good_as_any()
    {
        using LoopDriver driver = new();
        Peer high = driver.Connect(3_000_000);
        Peer low = driver.Connect(1_500_000);
        driver.Exchange(high, LoopDriver.Get);
        driver.Exchange(low, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(high));
        Assert.Equal(["/"], LoopDriver.Bodies(low));
    }

    [Fact]
    public void A_stop_still_answers_every_client_that_the_kernel_has_accepted()
    {
        using LoopDriver driver = new();
        Peer[] peers = [.. Enumerable.Range(0, 150).Select(_ => driver.Sockets.Arrive().Says(LoopDriver.Get))];
        driver.Worker.Stop();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.All(peers, peer => Assert.Equal(["/"], LoopDriver.Bodies(peer)));
    }

    /// <summary>A loop with this limit of descriptors, in which all below it are in use.</summary>
    private static LoopDriver Limited(int limit)
    {
        LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(80)));
        (driver.Sockets.Limit, driver.Sockets.Next) = (limit, limit - 1);
        return driver;
    }
}
