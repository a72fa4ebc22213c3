namespace Seriema.Process.Tests;

/// <summary>Requests that never reach the application: one clear answer, then the connection closes.</summary>
public sealed class RejectionTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData(400, "missing-host", "GET / HTTP/1.1\r\n\r\n")]
    [InlineData(400, "repeated-host", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")]
    [InlineData(400, "content-length-with-transfer-encoding", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(400, "repeated-content-length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData(400, "bad-content-length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc")]
    [InlineData(400, "bad-chunk-size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(400, "bare-lf", "GET / HTTP/1.1\nHost: a\n\n")]
    [InlineData(400, "control-character", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n")]
    [InlineData(400, "obs-fold", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n")]
    [InlineData(400, "space-before-colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n")]
    [InlineData(417, "expectation-failed", "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n")]
    [InlineData(501, "transfer-coding-not-supported", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData(505, "version-not-supported", "GET / HTTP/2.0\r\nHost: a\r\n\r\n")]
    [InlineData(400, "not-http", "\u0016\u0003\u0001\u0002\u0000")]
    public void A_bad_request_gets_one_answer_and_a_reason_in_the_log(int status, string code, string bytes)
    {
        using WireClient client = _server.Connect();
        client.Send(bytes);
        WireResponse response = client.ReadResponse();
        Assert.Equal(status, response.Status);
        Assert.Equal("close", response.Field("Connection"));
        Assert.True(client.IsClosed(), "more than one answer");
        _server.WaitForLine($"rejected with {status} {code}");
    }

    [Theory]
    [InlineData(414, 9000, 1)]
    [InlineData(431, 1, 9000)]
    public void A_line_that_is_too_long_is_named(int status, int target, int field)
    {
        using WireClient client = _server.Connect();
        client.Send($"GET /{new string('a', target)} HTTP/1.1\r\nHost: a\r\nX: {new string('b', field)}\r\n\r\n");
        Assert.Equal(status, client.ReadResponse().Status);
    }

    [Fact]
    public void Too_many_fields_are_refused()
    {
        using WireClient client = _server.Connect();
        client.Send("GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 150)) + "\r\n");
        Assert.Equal(431, client.ReadResponse().Status);
    }

    [Fact]
    public void A_body_over_the_limit_is_refused_before_it_is_read()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--limit-request-body", "1000");
        using WireClient client = server.Connect();
        client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(413, client.ReadResponse().Status);
        using WireClient chunked = server.Connect();
        chunked.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + "200\r\n" + new string('x', 512) + "\r\n200\r\n");
        Assert.Equal(413, chunked.ReadResponse().Status);
    }

    [Fact]
    public void A_request_behind_a_bad_one_is_not_served()
    {
        using WireClient client = _server.Connect();
        client.Send("GET / HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(400, client.ReadResponse().Status);
        Assert.True(client.IsClosed(), "the second request was answered");
    }

    [Fact]
    public void Underscored_names_and_proxy_never_reach_the_application()
    {
        string environ = _server.Get("/environ", "X_Real_IP: evil", "X-Real-IP: good", "Proxy: http://evil/", "Content_Length: 7").Body;
        Assert.Contains("\"HTTP_X_REAL_IP\": \"good\"", environ, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP_PROXY", environ, StringComparison.Ordinal);
        Assert.DoesNotContain("CONTENT_LENGTH", environ, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy: x", "PROXY:x", "Proxy: y")]
    [InlineData("Proxy_: x", "_Proxy: x", "P_roxy: x")]
    [InlineData("X_Forwarded-For: 1.2.3.4", "X-Forwarded_For: 1.2.3.4", "X_FORWARDED_FOR: 1.2.3.4")]
    [InlineData("Content_Type: x", "Transfer_Encoding: chunked", "Content_Length: 5")]
    public void Names_that_would_become_another_name_are_dropped_alone(params string[] fields)
    {
        // With the names that they would become, and without.
        string alone = _server.Get("/environ", fields).Body;
        Assert.DoesNotContain("HTTP_PROXY", alone, StringComparison.Ordinal);
        Assert.DoesNotContain("FORWARDED", alone, StringComparison.Ordinal);
        Assert.DoesNotContain("CONTENT_", alone, StringComparison.Ordinal);
        Assert.DoesNotContain("TRANSFER", alone, StringComparison.Ordinal);
        string beside = _server.Get("/environ", [fields[0], "X-Kept: yes", fields[1], "Content-Type: text/kept", fields[2]]).Body;
        Assert.Contains("\"HTTP_X_KEPT\": \"yes\"", beside, StringComparison.Ordinal);
        Assert.Contains("\"CONTENT_TYPE\": \"text/kept\"", beside, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_trailers_nor_the_servers_own_environment_become_HTTP_PROXY()
    {
        Dictionary<string, string?> environment = new() { ["HTTP_PROXY"] = "http://outside/", ["HTTP_X_EVIL"] = "x" };
        using ServerProcess server = ServerProcess.StartWith(TestPython.Default, "conformance:application", [], environment);
        using WireClient client = server.Connect();
        client.Send("POST /environ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Proxy\r\n\r\n0\r\nProxy: http://evil/\r\nX-Evil: x\r\n\r\n");
        string environ = client.ReadResponse().Body;
        Assert.Contains("\"HTTP_HOST\": \"a\"", environ, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP_PROXY", environ, StringComparison.Ordinal);
        Assert.DoesNotContain("EVIL", environ, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_sends_cannot_write_a_line_of_the_log()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /\"\x1b[2K HTTP/1.1\r\n[2026-01-01 00:00:00 +0000] [1] [INFO] forged\n\xe9\x9b: x\r\n\r\n");
        Assert.Equal(400, client.ReadResponse().Status);
        _server.WaitForLine(@"rejected with 400 control-character from 127.0.0.1: ""GET /\""\x1b[2K HTTP""");
        using WireClient other = _server.Connect();
        other.Send("GET /x HTTP/1.1\r\nHost: a\r\nX: y\n[2026-01-01 00:00:00 +0000] [1] [INFO] forged\r\n\r\n");
        Assert.Equal(400, other.ReadResponse().Status);
        _server.WaitForLine(@"bare-lf from 127.0.0.1: ""X: y\n[2026-01"" in ""GET /x HTTP/1.1""");
        Assert.DoesNotContain("\n[2026-01-01", _server.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\x1b", _server.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_does_not_end_is_answered_with_408()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--head-timeout", "0.2");
        using WireClient client = server.Connect();
        client.Send("GET / HTTP/1.1\r\nHost:");
        Assert.Equal(408, client.ReadResponse().Status);
    }

    [Fact]
    public void An_idle_connection_is_closed_without_a_word()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--keep-alive", "0.2");
        using WireClient client = server.Connect();
        client.SendRequest("GET", "/hello", []);
        Assert.Equal(200, client.ReadResponse().Status);
        Assert.True(client.IsClosed());
    }
}
