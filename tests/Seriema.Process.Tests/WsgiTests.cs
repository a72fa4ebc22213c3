namespace Seriema.Process.Tests;

/// <summary>PEP 3333 over the wire, each point one that some server gets wrong.</summary>
public sealed class WsgiTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData("/lazy_gen", "lazy generator")]
    [InlineData("/late_start", "late")]
    [InlineData("/write", "written first, then iterated")]
    [InlineData("/many", "one two three")]
    [InlineData("/tuple", "from a tuple")]
    [InlineData("/empty_list", "")]
    [InlineData("/empty_gen", "")]
    [InlineData("/exc_info_before", "replaced")]
    [InlineData("/file_like", "from memory")]
    [InlineData("/gzip_file", "unpacked by iteration")]
    [InlineData("/closing", "ab")]
    public void A_body_arrives_as_the_application_made_it(string path, string body)
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", path, []);
        Assert.Equal(body, client.ReadResponse().Body);
        client.SendRequest("GET", "/hello", []);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Fact]
    public void Exc_info_replaces_the_whole_head()
    {
        WireResponse response = _server.Get("/exc_info_before");
        Assert.Equal(503, response.Status);
        Assert.Equal("Replaced", response.Reason);
        Assert.Null(response.Field("X-Old"));
        Assert.Equal("new", response.Field("X-New"));
    }

    [Theory]
    [InlineData("/boom_midstream", "partial")]
    [InlineData("/exc_info_after", "sent")]
    [InlineData("/str_chunk_late", "bytes")]
    [InlineData("/closing_boom", "a")]
    public void An_error_in_mid_stream_is_visible_to_the_client(string path, string first)
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", path, []);
        string all = client.ReadToEnd();
        Assert.Contains(first, all, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n0\r\n", all, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_in_mid_stream_resets_a_body_that_ends_with_the_connection()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /boom_midstream HTTP/1.0\r\n\r\n");
        Assert.EndsWith("<reset>", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_is_too_short_closes_the_connection()
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", "/short_CL", []);
        string all = client.ReadToEnd();
        Assert.Contains("Content-Length: 10\r\n", all, StringComparison.Ordinal);
        Assert.EndsWith("short", all, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_is_too_long_is_cut_and_the_connection_goes_on()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /long_CL HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("long", client.ReadResponse().Body);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Theory]
    [InlineData("HEAD", "/HEAD_body", 200)]
    [InlineData("GET", "/204_body", 204)]
    [InlineData("GET", "/304_body", 304)]
    public void No_body_goes_out_where_none_may(string method, string path, int status)
    {
        using WireClient client = _server.Connect();
        client.Send($"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        WireResponse response = client.ReadResponse(isHead: true);
        Assert.Equal(status, response.Status);
        Assert.Null(response.Field("Transfer-Encoding"));
        if (status == 204) Assert.Null(response.Field("Content-Length"));
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Theory]
    [InlineData("/boom", "RuntimeError: boom")]
    [InlineData("/boom_after_start", "boom after start_response")]
    [InlineData("/hdr_injection", "X-Name")]
    [InlineData("/no_start_resp", "start_response")]
    [InlineData("/str_chunk", "str")]
    [InlineData("/str_body", "str")]
    [InlineData("/none", "None")]
    [InlineData("/not_iterable", "int")]
    [InlineData("/bad_status?status=OK", "status")]
    [InlineData("/start_twice", "start_response")]
    [InlineData("/exit", "SystemExit")]
    [InlineData("/keyboard_interrupt", "KeyboardInterrupt")]
    public void A_mistake_of_the_application_is_500_and_named_in_the_log(string path, string named)
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", path, []);
        WireResponse response = client.ReadResponse();
        Assert.Equal(500, response.Status);
        Assert.DoesNotContain("Traceback", response.Body, StringComparison.Ordinal);
        _server.WaitForLine(named);
        client.SendRequest("GET", "/hello", []);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Theory]
    [InlineData("/read_all", "ab\ncd", "5 b''")]
    [InlineData("/lines", "ab\ncd", @"[b'ab\n', b'cd']")]
    [InlineData("/readline?size=2", "abc\nd", @"[b'ab', b'c\n', b'd']")]
    [InlineData("/readlines?hint=1", "ab\ncd\n", @"[[b'ab\n'], b'cd\n']")]
    [InlineData("/read_sizes?size=2", "abcde", "[b'ab', b'cd', b'e']")]
    public void Input_ends_where_the_body_ends(string path, string body, string expected)
    {
        using WireClient client = _server.Connect();
        client.SendRequest("POST", path, [], body);
        Assert.Equal(expected, client.ReadResponse().Body);
        string chunks = string.Concat(body.Select(c => $"1\r\n{c}\r\n"));
        client.Send($"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
        Assert.Equal(expected, client.ReadResponse().Body);
    }

    [Fact]
    public void A_file_is_sent_from_its_position()
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", "/file?offset=99990", []);
        WireResponse whole = client.ReadResponse();
        Assert.Equal("10", whole.Field("Content-Length"));
        Assert.Equal(10, whole.Body.Length);
        client.SendRequest("GET", "/file?offset=256&length=300", []);
        WireResponse part = client.ReadResponse();
        Assert.Equal(300, part.Body.Length);
        Assert.Equal('\0', part.Body[0]);
        client.SendRequest("HEAD", "/file", []);
        Assert.Equal("100000", client.ReadResponse(isHead: true).Field("Content-Length"));
        client.SendRequest("GET", "/hello", []);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Fact]
    public void Errors_go_to_the_log_line_by_line()
    {
        Assert.Equal(200, _server.Get("/errors").Status);
        foreach (string line in new[] { "one line", "half a line", "and more", "the end without a newline" }) _server.WaitForLine(line);
    }

    [Fact]
    public void Objects_that_outlive_their_request_are_dead()
    {
        using WireClient client = _server.Connect();
        client.SendRequest("GET", "/keep", []);
        Assert.Equal("kept", client.ReadResponse().Body);
        client.SendRequest("GET", "/use_kept", []);
        Assert.DoesNotContain("no error", client.ReadResponse().Body, StringComparison.Ordinal);
    }

    [Fact]
    public void The_validator_finds_nothing()
    {
        using ServerProcess server = ServerProcess.Start("validated:application");
        using WireClient client = server.Connect();
        client.SendRequest("GET", "/hello?x=%20", []);
        Assert.Equal(200, client.ReadResponse().Status);
        client.SendRequest("POST", "/echo", ["Content-Type: text/plain"], "abc\ndef");
        Assert.Equal(200, client.ReadResponse().Status);
        client.SendRequest("HEAD", "/hello", []);
        Assert.Equal(200, client.ReadResponse(isHead: true).Status);
        Assert.DoesNotContain("AssertionError", server.Error, StringComparison.Ordinal);
    }
}
