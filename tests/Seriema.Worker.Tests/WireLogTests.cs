using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests;

/// <summary>What --wire shows, through the whole worker.</summary>
public sealed class WireLogTests
{
    [Fact]
    public void Heads_are_shown_as_curl_shows_them_and_bodies_are_not()
    {
        Assert.Equal(
            """
            * 192.0.2.7:54321
            > POST /p HTTP/1.1
            > Host: a
            > Content-Length: 6
            > 
            * 192.0.2.7:54321
            < HTTP/1.1 200 OK
            < Date: *
            < Server: seriema
            < Content-Length: 8
            < 

            """,
            Wire("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nsecret"));
    }

    [Fact]
    public void A_rejection_is_shown_too()
    {
        Assert.StartsWith("* 192.0.2.7:54321\n< HTTP/1.1 400 Bad Request\n", Wire("GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_could_steer_a_terminal_are_escaped()
    {
        Assert.Contains("> X: \\x9b31m\\\\\n", Wire("GET / HTTP/1.1\r\nHost: a\r\nX: \u009b31m\\\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_interim_100_is_shown_before_the_final_status()
    {
        using StringWriter writer = new() { NewLine = "\n" };
        using LoopDriver driver = new(LoopDriver.Options(threads: 4, wire: writer));
        driver.Sockets.OnWaitReadable = () => 0; // the client never sends its body
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
        driver.LeadUntil(() => peer.Sent.Contains("200 OK", StringComparison.Ordinal), "the answer");
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Contains("< HTTP/1.1 100 Continue\n< \n", writer.ToString(), StringComparison.Ordinal);
    }

    private static string Wire(string request)
    {
        using StringWriter writer = new() { NewLine = "\n" };
        using LoopDriver driver = new(LoopDriver.Options(wire: writer));
        driver.Exchange(driver.Connect(), request);
        return string.Join('\n', writer.ToString().Split('\n').Select(line => line.StartsWith("< Date: ", StringComparison.Ordinal) ? "< Date: *" : line));
    }
}
