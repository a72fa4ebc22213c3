using System.Net;
using System.Net.Sockets;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What a stop does to connections in each state.</summary>
public sealed class StoppingTests
{
    [Fact]
    public void Idle_connections_close_at_once_and_the_loop_ends()
    {
        using LoopDriver driver = new();
        Peer fresh = driver.Connect();
        Peer kept = driver.Connect();
        driver.Exchange(kept, LoopDriver.Get);
        Stop(driver);
        Assert.Equal((1, 1), (fresh.Closes, kept.Closes));
        Assert.Equal(["/"], LoopDriver.Bodies(kept));
    }

    [Fact]
    public void A_request_that_no_event_has_told_of_is_answered()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Says(LoopDriver.Get);
        Stop(driver);
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_client_that_the_kernel_has_accepted_is_answered()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Sockets.Arrive().Says(LoopDriver.Get);
        Stop(driver);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void Listeners_are_closed_before_the_last_request_ends()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
        int port = ((IPEndPoint)driver.Worker.Listeners[0].EndPoint).Port;
        driver.Worker.Stop();
        driver.Turn();
        Assert.False(driver.Worker.LoopEnded.IsCompleted);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => client.Connect("127.0.0.1", port));

        driver.Exchange(peer, "bc");
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Equal(["/abc"], LoopDriver.Bodies(peer));
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void A_head_that_has_begun_has_a_second_to_end()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET / HT");
        driver.Worker.Stop();
        driver.Turn();
        driver.LeadUntil(() => driver.ConnectionOf(peer).Deadline < ServerClock.Now + 10_000, "the shorter deadline");
        driver.Exchange(peer, "TP/1.1\r\nHost: a\r\n\r\n");
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_response_that_drains_is_sent_to_its_end()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN);
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get);
        driver.Worker.Stop();
        driver.Turn();
        Assert.Equal(0, peer.Closes);
        driver.Writable(peer);
        Assert.Equal(["/"], LoopDriver.Bodies(peer));
        Assert.Equal(1, driver.Calls);
    }

    [Fact]
    public void A_forced_stop_cuts_everything_at_once()
    {
        using LoopDriver driver = new();
        Peer idle = driver.Connect();
        Peer head = driver.Connect();
        driver.Exchange(head, "GET / HT");
        Peer draining = driver.Connect().Takes(5, -Errno.EAGAIN);
        driver.Exchange(draining, LoopDriver.Get);
        Peer lingering = driver.Connect();
        driver.Exchange(lingering, "nonsense\r\n\r\n");
        driver.Worker.ForceStop();
        driver.Turn();
        driver.Turn();
        Assert.True(driver.Worker.LoopEnded.IsCompletedSuccessfully);
        Assert.True(driver.Worker.Forced.IsCompletedSuccessfully);
        Assert.All([idle, head, draining, lingering], peer => Assert.Equal(1, peer.Closes));
    }

    [Fact]
    public void A_stop_with_accepts_paused_ends_too()
    {
        using LoopDriver driver = new();
        driver.Sockets.ArriveBadly(Errno.EMFILE);
        driver.Accept();
        Stop(driver);
        Assert.False(driver.IsListening);
    }

    private static void Stop(LoopDriver driver)
    {
        driver.Worker.Stop();
        driver.LeadUntil(() => driver.Worker.LoopEnded.IsCompleted, "the loop's end");
    }
}
