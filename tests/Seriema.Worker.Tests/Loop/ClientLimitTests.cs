using Microsoft.Extensions.Logging;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>How many connections one client may have: who is one client, who is turned away, and who is not counted.</summary>
public sealed class ClientLimitTests
{
    private const string Line = "PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n";

    [Fact]
    public void One_connection_too_many_is_answered_and_closed()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 2));
        Peer first = driver.Connect();
        driver.Connect();
        Peer third = Arrive(driver);
        Assert.Equal([503], Responses.Statuses(third.Sent));
        Assert.Contains("\r\nRetry-After: 1\r\nConnection: close\r\n\r\nThere are too many connections", third.Sent, StringComparison.Ordinal);
        Assert.Equal(1, third.Closes);
        Assert.Equal((2, 1), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients));

        Peer other = driver.Connect(address: "192.0.2.8");
        driver.Exchange(other, LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(other));
        driver.Exchange(first, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal(1, first.Closes);
        driver.Exchange(driver.Connect(), LoopDriver.Get);
        Assert.Equal(2, driver.Worker.Connections.Clients);
    }

    [Fact]
    public void What_the_client_has_said_already_does_not_destroy_its_answer()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1));
        driver.Connect();
        Peer second = driver.Sockets.Arrive().Says(LoopDriver.Get);
        driver.Accept();
        Assert.Equal((1, 0, false), (second.Closes, driver.Calls, second.HasIncoming));
    }

    [Fact]
    public void Clients_that_are_gone_leave_nothing_behind()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 3));
        for (int i = 0; i < 20; i++)
        {
            Peer[] peers = [.. Enumerable.Range(0, 3).Select(_ => driver.Connect(address: $"2001:db8:0:{i}::1"))];
            Assert.Equal([503], Responses.Statuses(Arrive(driver, $"2001:db8:0:{i}::2").Sent)); // another host of that network
            driver.Exchange(peers[0], "GET / HTTP/1.0\r\n\r\n");
            peers[1].Answers(0);
            driver.Readable(peers[1]);
            driver.Exchange(peers[2], "nonsense\r\n\r\n");
            peers[2].Answers(-Errno.ECONNRESET);
            driver.Readable(peers[2]);
            Assert.Equal((0, 0), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients));
        }
    }

    [Fact]
    public void A_connection_that_epoll_has_no_room_for_is_not_counted_any_more()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1));
        driver.Epoll.AddAnswers.Enqueue(-Errno.ENOMEM);
        Assert.Equal(1, Arrive(driver).Closes);
        Assert.Equal(0, driver.Worker.Connections.Clients);
        driver.Connect();
    }

    [Fact]
    public void Proxies_may_have_any_number()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1, forwardedAllow: "192.0.2.0/24"));
        for (int i = 0; i < 5; i++) driver.Connect();
        Assert.Equal((5, 0), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients));
    }

    [Fact]
    public void Behind_the_PROXY_protocol_the_client_that_is_named_counts()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1, proxyAllow: "192.0.2.7"));
        Peer first = driver.Connect(), second = driver.Connect();
        driver.Exchange(first, Line + LoopDriver.Get);
        driver.Exchange(second, Line + LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(first));
        Assert.Equal([503], Responses.Statuses(second.Sent));
        Assert.Equal(1, second.Closes);
        Assert.Equal((1, 1, 1), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients, driver.Calls));

        foreach (string header in (string[])["PROXY UNKNOWN\r\n", "\r\n\r\n\0\r\nQUIT\n \0\0\0", Line.Replace("9 ", "8 ", StringComparison.Ordinal)])
        {
            Peer other = driver.Connect();
            driver.Exchange(other, header + LoopDriver.Get);
            Assert.Equal(["/"], LoopDriver.Bodies(other));
        }
        Assert.Equal(2, driver.Worker.Connections.Clients);
        driver.Exchange(first, "GET / HTTP/1.0\r\n\r\n");
        Peer third = driver.Connect();
        driver.Exchange(third, Line + LoopDriver.Get);
        Assert.Equal(["/"], LoopDriver.Bodies(third));
    }

    [Fact]
    public void The_servers_own_connection_is_nobodys()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1));
        byte[] address = [2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.NotNull(driver.Worker.Connections.Open(driver.Sockets.Arrive().Fd, driver.Worker.Listeners[0], address, isOwn: true));
        Assert.Equal((1, 0), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients));
    }

    [Fact]
    public void Without_a_limit_nobody_is_counted()
    {
        using LoopDriver driver = new();
        for (int i = 0; i < 3; i++) driver.Connect();
        Assert.Equal((3, 0), (driver.Worker.Connections.Count, driver.Worker.Connections.Clients));
    }

    [Fact]
    public void The_log_has_one_line_for_many()
    {
        using LoopDriver driver = new(LoopDriver.Options(clientConnections: 1, progress: TimeSpan.FromMilliseconds(80)));
        driver.Connect();
        driver.Connect(address: "192.0.2.8");
        for (int i = 0; i < 10; i++) driver.Sockets.Arrive(address: $"192.0.2.{7 + (i % 2)}");
        driver.Accept();
        driver.LeadUntil(() => driver.Log.Lines.Length > 0, "the line");
        Assert.Equal(
            (LogLevel.Warning, "10 connections refused: too many of one client; 192.0.2.8 was the last"), Assert.Single(driver.Log.Lines));
    }

    [Fact]
    public void The_count_is_right_whichever_threads_count()
    {
        ClientCounts counts = new(8);
        Protocol.IpAddress client = Protocol.IpAddress.OfIpv4([192, 0, 2, 7]);
        int most = 0, open = 0, refused = 0;
        Parallel.For(0, 16, _ =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                if (!counts.TryAdd(client))
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }
                int now = Interlocked.Increment(ref open);
                for (int seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, now, seen);
                Interlocked.Decrement(ref open);
                counts.Remove(client);
            }
        });
        Assert.InRange(most, 1, 8);
        Assert.Equal(0, counts.Clients);
    }

    private static Peer Arrive(LoopDriver driver, string address = "192.0.2.7")
    {
        Peer peer = driver.Sockets.Arrive(address: address);
        driver.Accept();
        return peer;
    }
}
