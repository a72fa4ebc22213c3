namespace Seriema.Worker.Tests.Loop;

/// <summary>How many requests one connection may carry.</summary>
public sealed class KeepAliveRequestsTests
{
    [Fact]
    public void The_last_response_says_that_it_is_and_the_connection_ends()
    {
        using LoopDriver driver = new(LoopDriver.Options(keepAliveRequests: 3));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.DoesNotContain("Connection: close", peer.Sent, StringComparison.Ordinal);
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(["/", "/", "/"], LoopDriver.Bodies(peer));
        Assert.Single(peer.Sent.Split("Connection: close")[1..]);
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void What_is_pipelined_behind_the_last_one_is_not_answered()
    {
        using LoopDriver driver = new(LoopDriver.Options(keepAliveRequests: 2));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get + LoopDriver.Get + LoopDriver.Get);
        Assert.Equal([200, 200], Responses.Statuses(peer.Sent));
        Assert.Equal((2, ConnectionState.Lingering), (driver.Calls, driver.StateOf(peer)));
    }

    [Fact]
    public void Files_and_refusals_count_as_well()
    {
        using SiteFolder folder = new();
        folder.Write("a.txt", "file");
        using LoopDriver driver = new(LoopDriver.Options(keepAliveRequests: 3, rate: 0.001, burst: 2), site: folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n" + LoopDriver.Get + LoopDriver.Get);
        Assert.Equal([200, 200, 429], Responses.Statuses(peer.Sent));
        Assert.EndsWith("Connection: close", peer.Sent.Split("\r\n\r\n")[^2], StringComparison.Ordinal);
        Assert.Equal(1, peer.Closes);
    }

    [Fact]
    public void Another_connection_begins_anew()
    {
        using LoopDriver driver = new(LoopDriver.Options(keepAliveRequests: 2));
        driver.Exchange(driver.Connect(), LoopDriver.Get + LoopDriver.Get);
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }
}
