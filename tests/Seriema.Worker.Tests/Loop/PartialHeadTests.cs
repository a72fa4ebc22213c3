using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Heads that come in pieces: what is kept of them between the pieces, and that nothing is lost.</summary>
public sealed class PartialHeadTests
{
    [Fact]
    public void A_connection_whose_head_has_only_begun_holds_no_exchange()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a HTTP/1.1\r\nHo");
        Assert.Equal((ConnectionState.Head, null), (driver.StateOf(peer), driver.ConnectionOf(peer).Exchange));
        driver.Exchange(peer, "st: a\r\n");
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, "\r\n");
        Assert.Equal(["/a"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_head_that_comes_byte_by_byte_between_those_of_another_client_is_whole_in_the_end()
    {
        using LoopDriver driver = new();
        Peer[] peers = [driver.Connect(), driver.Connect()];
        string[] heads = ["GET /one HTTP/1.1\r\nHost: a\r\n\r\n", "GET /two HTTP/1.1\r\nHost: b\r\n\r\n"];
        for (int i = 0; i < heads[0].Length; i++)
        {
            for (int j = 0; j < 2; j++) driver.Exchange(peers[j], heads[j][i].ToString());
        }
        Assert.Equal(["/one"], LoopDriver.Bodies(peers[0]));
        Assert.Equal(["/two"], LoopDriver.Bodies(peers[1]));
    }

    [Fact]
    public void A_long_head_keeps_its_exchange_so_that_it_is_parsed_once()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a HTTP/1.1\r\nHost: a\r\nX: " + new string('x', PartialHead.MaxLength));
        Assert.NotNull(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, "\r\n\r\n");
        Assert.Equal(["/a"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void The_beginning_of_a_pipelined_head_is_kept_and_goes_on()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, LoopDriver.Get + "GET /next HT");
        Assert.Equal((ConnectionState.Head, null), (driver.StateOf(peer), driver.ConnectionOf(peer).Exchange));
        driver.Exchange(peer, "TP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(["/", "/next"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void An_event_without_bytes_loses_nothing()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a HTTP/1.1\r\n");
        driver.Readable(peer); // EAGAIN
        Assert.Null(driver.ConnectionOf(peer).Exchange);
        driver.Exchange(peer, "Host: a\r\n\r\n");
        Assert.Equal(["/a"], LoopDriver.Bodies(peer));
    }

    [Fact]
    public void A_client_that_leaves_within_its_head_is_forgotten()
    {
        using LoopDriver driver = new();
        Peer peer = driver.Connect();
        driver.Exchange(peer, "GET /a HT");
        peer.Answers(0);
        driver.Readable(peer);
        Assert.Equal((1, 0), (peer.Closes, driver.Worker.Connections.Count));
    }

    [Fact]
    public void A_late_head_is_logged_with_what_there_is_of_it()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: TimeSpan.FromMilliseconds(1)));
        Peer peer = driver.ConnectAndSay("HEAD /slow HT");
        driver.LeadUntil(() => peer.Sent.Length > 0, "the answer");
        Assert.Equal([408], Responses.Statuses(peer.Sent));
        Assert.Contains(driver.Log.Lines, line => line.Text.Contains("head-timeout", StringComparison.Ordinal)
            && line.Text.Contains("HEAD /slow HT", StringComparison.Ordinal));
    }
}
