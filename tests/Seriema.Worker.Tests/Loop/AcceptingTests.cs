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
        Assert.Contains(driver.Log.Lines, line => line.Level == LogLevel.Error && line.Text.StartsWith("accept: ", StringComparison.Ordinal));
        driver.Exchange(before, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(before));

        driver.LeadUntil(() => driver.IsListening, "accepting again");
        Peer after = driver.Connect();
        driver.Exchange(after, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(after));
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
}
