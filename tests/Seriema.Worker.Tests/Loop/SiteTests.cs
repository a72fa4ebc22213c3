using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Files answered on the loop, on the same connections as the application's responses.</summary>
public sealed class SiteTests : IDisposable
{
    private const string GetFile = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";

    private readonly SiteFolder _folder = new();

    public SiteTests() => _folder.Write("a.txt", "file");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_answered_without_the_application_and_the_connection_lives_on()
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile);
        driver.Exchange(peer, GetFile);
        Assert.Equal(["file", "file"], LoopDriver.Bodies(peer));
        Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((0, ConnectionState.Idle, 2), (driver.Calls, driver.StateOf(peer), peer.Sends));
        Assert.Null(driver.ConnectionOf(peer).Exchange);
    }

    [Fact]
    public void Files_and_the_application_answer_in_the_order_of_the_requests()
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile + LoopDriver.Get + GetFile + GetFile + LoopDriver.Get);
        Assert.Equal(["file", "/", "file", "file", "/"], LoopDriver.Bodies(peer));
        Assert.Equal((2, ConnectionState.Idle), (driver.Calls, driver.StateOf(peer)));
    }

    [Fact]
    public void HEAD_has_the_length_and_no_body()
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Contains("Content-Length: 4\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Fact]
    public void Who_has_the_file_gets_304()
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile);
        string tag = peer.Sent.Split("ETag: ")[1].Split("\r\n")[0];
        int before = peer.Sent.Length;
        driver.Exchange(peer, $"GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 304 ", peer.Sent[before..], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public void A_body_that_no_file_takes_is_read_and_the_next_request_answered(string rest)
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST /a.txt HTTP/1.1\r\nHost: a\r\n" + rest + GetFile);
        Assert.StartsWith("HTTP/1.1 405 ", peer.Sent, StringComparison.Ordinal);
        Assert.Contains("Allow: GET, HEAD\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nfile", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((0, ConnectionState.Idle), (driver.Calls, driver.StateOf(peer)));
    }

    [Theory]
    [InlineData(65_536, false)]
    [InlineData(65_537, true)]
    public void An_answer_says_that_the_connection_ends_when_the_body_is_too_long_to_be_dropped(int rest, bool closes)
    {
        using LoopDriver driver = new(LoopDriver.Options(bodyBuffer: 4), site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, $"POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: {4 + rest}\r\n\r\nbody");
        Assert.StartsWith("HTTP/1.1 405 ", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(closes, peer.Sent.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal));
        Assert.Equal(closes ? ConnectionState.Lingering : ConnectionState.Discarding, driver.StateOf(peer));
    }

    [Fact]
    public void A_body_longer_than_what_is_held_is_dropped_as_it_comes()
    {
        using LoopDriver driver = new(LoopDriver.Options(bodyBuffer: 4), site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        Assert.Equal(ConnectionState.Discarding, driver.StateOf(peer));
        driver.Exchange(peer, "world" + GetFile);
        Assert.EndsWith("\r\n\r\nfile", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    [Theory]
    [InlineData(5, -Errno.EAGAIN)]
    [InlineData(-Errno.EAGAIN, 40, -Errno.EAGAIN)]
    public void What_the_socket_does_not_take_at_once_is_sent_later(params int[] answers)
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect().Takes(answers);
        driver.Exchange(peer, GetFile + LoopDriver.Get);
        Assert.Equal((ConnectionState.Draining, Libc.EPOLLOUT), (driver.StateOf(peer), driver.MaskOf(peer)));
        while (driver.StateOf(peer) == ConnectionState.Draining) driver.Writable(peer);
        Assert.Equal(["file", "/"], LoopDriver.Bodies(peer));
        Assert.Equal((ConnectionState.Idle, Libc.EPOLLIN), (driver.StateOf(peer), driver.MaskOf(peer)));
    }

    [Fact]
    public void A_large_file_goes_out_as_fast_as_its_client_takes_it()
    {
        const int length = 100_000;
        _folder.Write("large.txt", new string('x', length));
        using LoopDriver driver = new(site: _folder.Serve());
        Peer slow = driver.Connect().TakesFile(1000, -Errno.EAGAIN, 20_000, -Errno.EAGAIN), other = driver.Connect();
        driver.Exchange(slow, GetFile.Replace("/a", "/large", StringComparison.Ordinal) + GetFile);
        Assert.Equal(ConnectionState.Draining, driver.StateOf(slow));
        driver.Exchange(other, GetFile); // nobody waits for the slow one
        Assert.Equal(["file"], LoopDriver.Bodies(other));
        while (driver.StateOf(slow) == ConnectionState.Draining) driver.Writable(slow);
        Assert.Equal([new string('#', length), "file"], LoopDriver.Bodies(slow));
        Assert.Equal((0, ConnectionState.Idle), (driver.Calls, driver.StateOf(slow)));
        Assert.Empty(driver.Sockets.ClosedFiles); // the cache keeps it open
    }

    [Fact]
    public void A_response_that_its_client_never_takes_ends_with_the_connection()
    {
        using LoopDriver driver = new(LoopDriver.Options(progress: TimeSpan.FromMilliseconds(40)), site: _folder.Serve());
        Peer peer = driver.Connect().Takes(5, -Errno.EAGAIN);
        driver.Exchange(peer, GetFile);
        driver.LeadUntil(() => peer.Closes > 0, "the close");
        Assert.Equal(0, driver.Worker.Connections.Count);
    }

    [Fact]
    public void A_file_that_has_changed_is_sent_as_it_is_now()
    {
        SiteFront site = _folder.Serve();
        using LoopDriver driver = new(site: site);
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile);
        _folder.Write("a.txt", "other");
        driver.Turn((site.ChangesDescriptor, Libc.EPOLLIN));
        driver.Exchange(peer, GetFile);
        Assert.Equal(["file", "other"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_change_counts_for_a_request_of_the_same_batch_whatever_their_order()
    {
        SiteFront site = _folder.Serve();
        using LoopDriver driver = new(site: site);
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile);
        _folder.Write("a.txt", "other");
        peer.Says(GetFile);
        driver.Turn((peer.Fd, Libc.EPOLLIN), (site.ChangesDescriptor, Libc.EPOLLIN));
        Assert.Equal(["file", "other"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void What_nobody_takes_is_not_found_with_the_page_for_that()
    {
        _folder.Write("404.txt", "none");
        using LoopDriver driver = new(site: _folder.Serve(isTaken: _ => false));
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get + GetFile);
        Assert.StartsWith("HTTP/1.1 404 ", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(["none", "file"], LoopDriver.Bodies(peer));
        Assert.Equal(0, driver.Calls);
    }

    [Fact]
    public void Files_that_come_last_still_come_before_the_application()
    {
        _folder.Write("b.txt", "other");
        using LoopDriver driver = new(site: _folder.Serve(goesFirst: exchange => Reply.Path(exchange) == "/a.txt"));
        Peer peer = driver.Connect();
        driver.Exchange(peer, GetFile + GetFile.Replace("/a", "/b", StringComparison.Ordinal));
        Assert.Equal(["/a.txt", "other"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_file_s_response_of_a_worker_that_stops_closes_the_connection()
    {
        using LoopDriver driver = new(site: _folder.Serve());
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a.txt HTTP/1.1\r\n");
        driver.Worker.Stop();
        driver.Lead();
        driver.Exchange(peer, "Host: a\r\n\r\n");
        Assert.Contains("Connection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(["file"], LoopDriver.Bodies(peer));
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void The_wire_log_shows_both_heads()
    {
        StringWriter wire = new();
        using LoopDriver driver = new(LoopDriver.Options(wire: wire), site: _folder.Serve());
        driver.Exchange(driver.Connect(), GetFile);
        Assert.Contains("GET /a.txt HTTP/1.1", wire.ToString(), StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", wire.ToString(), StringComparison.Ordinal);
    }
}
