using System.Globalization;
using Microsoft.Extensions.Logging;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Who gives way when there are as many connections as may be, and who does not.</summary>
public sealed class CrowdTests
{
    private const string Close = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    [Fact]
    public void Who_has_been_idle_for_longest_gives_way()
    {
        using LoopDriver driver = Crowded(3);
        Peer[] peers = [Connect(driver), Connect(driver), Connect(driver)];
        driver.Exchange(peers[0], LoopDriver.Get);
        Tick();
        Peer newcomer = driver.Connect();
        Assert.Equal([0, 1, 0], peers.Select(peer => peer.Closes));
        Assert.Equal(3, driver.Worker.Connections.Count);
        driver.Exchange(newcomer, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(newcomer));
    }

    [Fact]
    public void Who_has_been_sending_a_head_for_longest_gives_way_when_nobody_is_idle()
    {
        using LoopDriver driver = Crowded(2);
        Peer first = Connect(driver), second = Connect(driver);
        driver.Exchange(second, "GET");
        Tick();
        driver.Exchange(first, "GE");
        driver.Exchange(second, " / ");
        Peer newcomer = driver.Connect();
        Assert.Equal((0, 1, ""), (first.Closes, second.Closes, second.Sent));
        driver.Exchange(first, LoopDriver.Get[2..]);
        driver.Exchange(newcomer, LoopDriver.Get);
        Assert.Equal(["/", "/"], [.. LoopDriver.Bodies(first), .. LoopDriver.Bodies(newcomer)]);
    }

    [Fact]
    public void Who_is_idle_goes_before_who_sends_a_head_however_long_it_takes()
    {
        using LoopDriver driver = Crowded(2);
        Peer slow = Connect(driver), idle = Connect(driver);
        driver.Exchange(slow, "GET");
        Tick();
        driver.Exchange(idle, LoopDriver.Get);
        driver.Connect();
        Assert.Equal((0, 1), (slow.Closes, idle.Closes));
    }

    [Fact]
    public void A_header_of_a_proxy_that_does_not_end_holds_no_place()
    {
        using LoopDriver driver = new(LoopDriver.Options(connections: 1, proxyAllow: "*"));
        driver.Worker.Acceptor.Room.Grace = 0;
        Peer slow = Connect(driver);
        driver.Exchange(slow, "PROXY TCP4");
        Tick();
        driver.Connect();
        Assert.Equal(1, slow.Closes);
    }

    [Fact]
    public void Who_has_its_answer_and_does_not_leave_gives_way()
    {
        using LoopDriver driver = Crowded(1);
        Peer rejected = Connect(driver);
        driver.Exchange(rejected, "nonsense\r\n\r\n");
        Assert.Equal(ConnectionState.Lingering, driver.StateOf(rejected));
        Tick();
        driver.Connect();
        Assert.Equal([400], Responses.Statuses(rejected.Sent));
        Assert.Equal(1, rejected.Closes);
    }

    [Fact]
    public void A_request_that_is_being_answered_does_not_give_way()
    {
        using LoopDriver driver = Crowded(2);
        Peer answered = Connect(driver).Takes(-Errno.EAGAIN), body = Connect(driver);
        driver.Exchange(answered, Close);
        driver.Exchange(body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1");
        Assert.Equal((ConnectionState.Draining, ConnectionState.Body), (driver.StateOf(answered), driver.StateOf(body)));
        Tick();
        Peer newcomer = driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal((2, false), (driver.Worker.Connections.Count, driver.IsListening));
        Assert.Equal(
            (LogLevel.Error, "there are as many connections as may be (2), all in use or new; further ones wait until some are closed"),
            Assert.Single(driver.Log.Lines));

        driver.Writable(answered);
        driver.Exchange(answered, "");
        Assert.Equal((1, true), (answered.Closes, driver.IsListening));
        driver.Accept();
        driver.Exchange(newcomer, LoopDriver.Get);
        driver.Exchange(body, "2");
        Assert.Equal(["/", "/12"], [.. LoopDriver.Bodies(newcomer), .. LoopDriver.Bodies(body)]);
    }

    [Fact]
    public void Who_has_just_come_is_left_alone_for_a_moment_and_no_longer()
    {
        using LoopDriver driver = new(LoopDriver.Options(connections: 1, progress: TimeSpan.FromMilliseconds(80)));
        driver.Worker.Acceptor.Room.Grace = 60_000;
        Peer first = driver.Connect();
        driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal((0, false), (first.Closes, driver.IsListening));
        driver.Worker.Acceptor.Room.Grace = 1;
        driver.LeadUntil(() => driver.IsListening, "room");
        driver.Accept();
        Assert.Equal((1, 1), (first.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void While_nobody_waits_nobody_gives_way()
    {
        using LoopDriver driver = Crowded(1);
        Peer only = Connect(driver);
        driver.Accept(); // the client that woke this worker is another's by now
        Assert.Equal((0, true), (only.Closes, driver.IsListening));
    }

    [Fact]
    public void A_request_that_nobody_has_read_yet_is_not_thrown_away()
    {
        using LoopDriver driver = Crowded(1);
        Peer only = Connect(driver).Says(LoopDriver.Get);
        driver.Sockets.Arrive();
        driver.Accept();
        Assert.Equal(0, only.Closes);
        driver.Readable(only);
        Assert.Equal(["/"], LoopDriver.Bodies(only));
    }

    [Fact]
    public void With_many_connections_several_give_way_at_once()
    {
        using LoopDriver driver = Crowded(192);
        Peer[] peers = [.. Enumerable.Range(0, 192).Select(_ => driver.Sockets.Arrive())];
        while (driver.Worker.Connections.Count < peers.Length) driver.Accept();
        Tick();
        driver.Connect();
        Assert.Equal((3, 190), (peers.Sum(peer => peer.Closes), driver.Worker.Connections.Count));
        driver.Connect();
        driver.Connect();
        Assert.Equal(3, peers.Sum(peer => peer.Closes));
    }

    [Fact]
    public void When_descriptors_are_short_the_idle_give_way_too()
    {
        using LoopDriver driver = Crowded(0);
        driver.Sockets.Limit = ScriptedSockets.FirstFd + 64 + 1;
        Peer first = Connect(driver), second = Connect(driver);
        Assert.Equal((1, 0, true), (first.Closes, second.Closes, driver.IsListening));
        Tick();
        driver.Sockets.ArriveBadly(Errno.EMFILE);
        driver.Sockets.Arrive(first.Fd);
        driver.Accept();
        Assert.Equal((1, 1, true), (second.Closes, driver.Worker.Connections.Count, driver.IsListening));
    }

    [Fact]
    public void The_log_tells_how_many_gave_way_now_and_then()
    {
        using LoopDriver driver = Crowded(1);
        for (int i = 0; i < 3; i++) Connect(driver);
        ConnectionRoom room = driver.Worker.Acceptor.Room;
        long now = ServerClock.Now;
        room.OnSweep(now);
        int told = driver.Log.Lines.Length;
        Connect(driver);
        room.OnSweep(now + 5000);
        Assert.Equal(told, driver.Log.Lines.Length);
        room.OnSweep(now + 20_000);
        // On a machine that stands still for a second the loop has told of the first one by itself.
        Assert.All(driver.Log.Lines, line => Assert.Equal(LogLevel.Warning, line.Level));
        Assert.All(driver.Log.Lines, line => Assert.EndsWith("connections that asked for nothing were closed to make room for new ones; 1 are open", line.Text, StringComparison.Ordinal));
        Assert.Equal(3, driver.Log.Lines.Sum(line => int.Parse(line.Text.Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    private static LoopDriver Crowded(int connections)
    {
        LoopDriver driver = new(LoopDriver.Options(connections: connections));
        driver.Worker.Acceptor.Room.Grace = 0;
        return driver;
    }

    private static Peer Connect(LoopDriver driver)
    {
        Peer peer = driver.Connect();
        Tick();
        return peer;
    }

    /// <summary>What happens after this happens later, as the server's clock shows it.</summary>
    private static void Tick()
    {
        long now = ServerClock.Now;
        LoopDriver.Await(() => ServerClock.Now > now, "the next millisecond");
    }
}
