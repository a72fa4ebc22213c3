namespace Seriema.Process.Tests;

/// <summary>What a client is told when something goes wrong: the status, a line of text, and nothing of the inside.</summary>
public sealed class ErrorPageTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData("/boom")]
    [InlineData("/boom_after_start")]
    [InlineData("/no_start_resp")]
    [InlineData("/none")]
    [InlineData("/not_iterable")]
    [InlineData("/str_body")]
    [InlineData("/bad_status?status=OK")]
    [InlineData("/hdr_injection")]
    [InlineData("/start_twice")]
    [InlineData("/exit")]
    [InlineData("/generator_exit")]
    public void A_500_is_its_phrase_and_no_more(string path)
    {
        WireResponse response = _server.Get(path);
        Assert.Equal((500, "Internal Server Error", "Internal Server Error"), (response.Status, response.Reason, response.Body));
        AssertNothingInside(response);
    }

    [Theory]
    [InlineData(400, "GET / HTTP/1.1\r\n\r\n")]
    [InlineData(400, "GET /<script>alert(1)</script> HTTP/1.1\r\nX A: <b>\r\n\r\n")]
    [InlineData(413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n\r\n")]
    [InlineData(417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n")]
    [InlineData(501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n")]
    public void A_rejection_is_a_line_of_text_that_repeats_nothing(int status, string bytes)
    {
        using WireClient client = _server.Connect();
        client.Send(bytes);
        WireResponse response = client.ReadResponse();
        Assert.Equal(status, response.Status);
        Assert.Matches("^[A-Z][A-Za-z0-9 ,;:/.*?'-]{10,100}$", response.Body);
        Assert.DoesNotContain("script", response.Body, StringComparison.Ordinal);
        AssertNothingInside(response);
    }

    [Fact]
    public void A_body_that_breaks_under_the_application_is_its_phrase_too()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--body-buffer", "4096", "--limit-temp-files", "0");
        using WireClient client = server.Connect();
        client.Send("POST /read_all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n" + new string('x', 8192) + "\r\nnonsense\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        WireResponse response = client.ReadResponse();
        Assert.Equal((400, "Bad Request"), (response.Status, response.Body));
        AssertNothingInside(response);
        Assert.True(client.IsClosed(), "what stands behind a broken body was answered");
        server.WaitForLine("rejected with 400 bad-chunk-size from 127.0.0.1: \"nonsense");
    }

    private static void AssertNothingInside(WireResponse response)
    {
        string[] names = [.. response.Head.TrimEnd().Split("\r\n").Skip(1).Select(line => line.Split(':')[0])];
        Assert.Subset(new HashSet<string>(["Date", "Server", "Content-Type", "Content-Length", "Connection"]), new HashSet<string>(names));
        Assert.Equal("seriema", response.Field("Server")); // without a version
        Assert.Equal("text/plain; charset=utf-8", response.Field("Content-Type"));
        foreach (string inside in (string[])["Traceback", "File ", ".py", ".cs", "Exception", "   at ", "line "])
        {
            Assert.DoesNotContain(inside, response.Body.Replace("request line ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }
}
