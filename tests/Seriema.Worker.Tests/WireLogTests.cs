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

    [Theory]
    [InlineData(4)] // the application asks for the body
    [InlineData(1)] // the server does, and leaves it to the application when it cannot
    public void The_interim_100_waits_for_a_kernel_that_is_full_of_an_earlier_response(int threads)
    {
        using LoopDriver driver = new(LoopDriver.Options(threads));
        driver.Sockets.OnWaitReadable = () => 0; // the client never sends its body
        Peer peer = driver.Connect().Takes(-Seriema.Transport.Interop.Errno.EAGAIN);
        driver.Exchange(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
        driver.LeadUntil(() => peer.Sent.Contains("200 OK", StringComparison.Ordinal), "the answer");
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", peer.Sent, StringComparison.Ordinal);
    }

    private const string Secret =
        "GET /?token=secret&a=b HTTP/1.1\r\nHost: a\r\nAuthorization: Basic secretsecret\r\nCOOKIE: a=secret\r\nCookie: b=secret; c=secret\r\n"
        + "proxy-authorization: secret secret\r\nX-Api-Key:secret\r\nReferer: https://me:secret@b/?code=secret\r\nX: y\r\n\r\n";

    [Fact]
    public void Of_secrets_only_the_name_the_scheme_and_the_length_are_shown()
    {
        string shown = Wire(Secret, AnswerWithSecrets);
        Assert.StartsWith(
            """
            * 192.0.2.7:54321
            > GET /?token=[6 bytes hidden]&a=b HTTP/1.1
            > Host: a
            > Authorization: Basic [12 bytes hidden]
            > COOKIE: [8 bytes hidden]
            > Cookie: [18 bytes hidden]
            > proxy-authorization: [13 bytes hidden]
            > X-Api-Key:[6 bytes hidden]
            > Referer: https://[9 bytes hidden]@b/?code=[6 bytes hidden]
            > X: y
            > 
            * 192.0.2.7:54321
            < HTTP/1.1 200 OK
            < Set-Cookie: [25 bytes hidden]
            < set-cookie: [8 bytes hidden]
            < Location: /?session=[6 bytes hidden]

            """,
            shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_shown_to_who_asks_for_them()
    {
        string shown = Wire(Secret, AnswerWithSecrets, secrets: true);
        foreach (string line in Secret.Split("\r\n")[..^2]) Assert.Contains($"> {line}\n", shown, StringComparison.Ordinal);
        Assert.Contains("< Set-Cookie: id=secret; Secure; Path=/\n", shown, StringComparison.Ordinal);
    }

    private static void AnswerWithSecrets(AppThread thread, HttpExchange exchange)
    {
        Reply.Head(exchange, 0, ("Set-Cookie", "id=secret; Secure; Path=/"), ("set-cookie", "b=secret"), ("Location", "/?session=secret"));
        exchange.Complete();
    }

    private static string Wire(string request, Action<AppThread, HttpExchange>? application = null, bool secrets = false)
    {
        using StringWriter writer = new() { NewLine = "\n" };
        using LoopDriver driver = new(LoopDriver.Options(wire: writer, wireSecrets: secrets), application);
        driver.Exchange(driver.Connect(), request);
        return string.Join('\n', writer.ToString().Split('\n').Select(line => line.StartsWith("< Date: ", StringComparison.Ordinal) ? "< Date: *" : line));
    }
}
