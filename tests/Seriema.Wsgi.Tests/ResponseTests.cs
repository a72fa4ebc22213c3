namespace Seriema.Wsgi.Tests;

public sealed class ResponseTests(PythonFixture python) : GatewayTest(python, "conformance")
{
    [Theory]
    [InlineData("/hello", "Hello, World!", "13")]
    [InlineData("/many", "one two three", "13")]
    [InlineData("/tuple", "from a tuple", "12")]
    [InlineData("/empty_list", "", "0")]
    [InlineData("/empty_gen", "", "0")]
    [InlineData("/lazy_gen", "lazy generator", null)]
    [InlineData("/late_start", "late", null)]
    [InlineData("/write", "written first, then iterated", null)]
    [InlineData("/stream", "0\n1\n2\n3\n4\n", null)]
    [InlineData("/closing", "ab", null)]
    [InlineData("/file_like", "from memory", null)]
    [InlineData("/gzip_file", "unpacked by iteration", null)]
    public void Body_and_length_are_what_the_application_gave(string path, string body, string? length)
    {
        FakeExchange exchange = Get(path);
        Assert.Equal(body, BodyOf(exchange));
        Assert.Equal(length, exchange.Response()["Content-Length"]);
        Assert.Empty(Log.Lines);
    }

    [Theory]
    [InlineData("/boom?\u009b31m\u00e9\"'", @"GET /boom?\x9b31m\xe9""': the application failed")]
    [InlineData("/boom?\u0085[2026]", @"GET /boom?\x85[2026]: the application failed")]
    [InlineData("/boom?a=1&access_token=hush&b=2", "GET /boom?a=1&access_token=[4 bytes hidden]&b=2: the application failed")]
    public void The_log_names_a_request_in_printable_ASCII_and_without_its_secrets(string target, string named)
    {
        Assert.Equal(500, Get(target).Response().Status);
        Assert.Contains(named, Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_names_no_more_of_a_request_than_it_takes_to_know_it()
    {
        Assert.Equal(500, Get("/boom?" + new string('q', 5000)).Response().Status);
        Assert.Contains("GET /boom?" + new string('q', 194) + "...: the application", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_block_of_a_generator_is_sent_before_the_next_is_asked_for()
    {
        FakeExchange exchange = Get("/lazy_gen");
        Assert.Equal(2, exchange.Sent.Count);
        Assert.EndsWith("5\r\nlazy \r\n", exchange.Sent[0], StringComparison.Ordinal);
        Assert.Equal("9\r\ngenerator\r\n", exchange.Sent[1]);
    }

    [Fact]
    public void Each_write_is_sent_before_it_returns()
    {
        Assert.Equal(["8\r\nwritten \r\n", "7\r\nfirst, \r\n"], Get("/write").Sent.Select(sent => sent[(sent.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 1)..].TrimStart()));
    }

    [Fact]
    public void A_list_is_sent_in_one_go()
    {
        Assert.Equal(0, Get("/many").Flushes);
    }

    [Fact]
    public void A_large_body_waits_whenever_the_buffer_is_full()
    {
        var exchange = new FakeExchange("GET /big?size=200000 HTTP/1.1\r\nHost: a\r\n\r\n") { Bound = 4096 };
        Assert.Equal(200000, BodyOf(Call(exchange)).Length);
        Assert.True(exchange.Flushes > 40, $"{exchange.Flushes} flushes");
    }

    [Fact]
    public void Exc_info_before_the_head_is_sent_replaces_status_and_headers()
    {
        FakeResponse response = Get("/exc_info_before").Response();
        Assert.Equal((503, "Replaced", "replaced"), (response.Status, response.Reason, response.Body));
        Assert.Null(response["X-Old"]);
        Assert.Equal("new", response["X-New"]);
    }

    [Fact]
    public void Exc_info_after_the_head_is_sent_raises_the_applications_own_error()
    {
        FakeExchange exchange = Get("/exc_info_after");
        Assert.True(exchange.IsAborted);
        Assert.False(exchange.Response().IsEnded);
        Assert.Equal("sent", exchange.Response().Body);
        Assert.Contains("ValueError: after the head was sent", Log.Text, StringComparison.Ordinal);
        Assert.Contains("in exc_info_after", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/boom", "RuntimeError: boom")]
    [InlineData("/boom_after_start", "RuntimeError: boom after start_response")]
    [InlineData("/start_twice", "AssertionError: start_response was called a second time without exc_info")]
    [InlineData("/exit", "SystemExit: 7")]
    [InlineData("/keyboard_interrupt", "KeyboardInterrupt")]
    [InlineData("/generator_exit", "GeneratorExit")]
    [InlineData("/no_start_resp", "it did not call start_response before the body")]
    [InlineData("/none", "it returned None, not an iterable of bytes")]
    [InlineData("/not_iterable", "it returned int, which is not an iterable of bytes")]
    [InlineData("/str_chunk", "it returned str, not bytes, in its body")]
    [InlineData("/str_body", "it returned str, not an iterable of bytes")]
    [InlineData("/bytes_body", "it returned bytes, not an iterable of bytes")]
    [InlineData("/hdr_injection", "ValueError: response header 'X-Name' has control characters in its value 'a\\x0d\\x0aSet-Cookie")]
    [InlineData("/bad_status?status=OK", "ValueError: the status 'OK' is not three digits, a space and a reason")]
    [InlineData("/bad_status?status=200OK", "is not three digits")]
    [InlineData("/bad_status?status=100+Continue", "ValueError: the status '100 Continue' is not from 200 to 599")]
    [InlineData("/bad_status?status=999+x", "is not from 200 to 599")]
    [InlineData("/bad_status?status=200+a%0Ab", "ValueError: the status '200 a\\x0ab' has control characters")]
    [InlineData("/bad_status?status=200+%C4%80", "ValueError: the status 200 \u0100 has characters outside Latin-1")]
    public void A_mistake_before_the_head_is_sent_is_a_500_and_the_log_names_it(string path, string mistake)
    {
        FakeExchange exchange = Get(path);
        FakeResponse response = exchange.Response();
        Assert.True(exchange.IsCompleted);
        Assert.Equal((500, "Internal Server Error", "Internal Server Error"), (response.Status, response.Reason, response.Body));
        Assert.Null(response["X-Old"]);
        Assert.Null(response["Set-Cookie"]);
        Assert.Contains(mistake, Log.Text, StringComparison.Ordinal);
        Assert.StartsWith($"seriema.error Error: GET {path}: ", Log.Lines[0], StringComparison.Ordinal);
        Assert.Single(Log.Lines);
    }

    [Theory]
    [InlineData("/bad_status?status=200")]
    [InlineData("/bad_status?status=200+")]
    [InlineData("/bad_status?status=599+Fine")]
    [InlineData("/bad_status?status=200+%C3%A9t%C3%A9")]
    public void A_usable_status_passes(string path)
    {
        Assert.Equal("never", Get(path).Response().Body);
    }

    [Theory]
    [InlineData("/boom_midstream", "partial", "RuntimeError: boom in mid-stream")]
    [InlineData("/str_chunk_late", "bytes", "it returned str, not bytes, in its body")]
    [InlineData("/closing_boom", "a", "RuntimeError: boom in iteration")]
    public void A_mistake_in_mid_stream_breaks_the_response_off(string path, string body, string mistake)
    {
        FakeExchange exchange = Get(path);
        Assert.True(exchange.IsAborted);
        Assert.False(exchange.Response().IsEnded);
        Assert.Equal(body, exchange.Response().Body);
        Assert.Contains(mistake, Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_shorter_than_its_length_is_logged_and_ends_short()
    {
        FakeExchange exchange = Get("/short_CL");
        Assert.True(exchange.IsCompleted && exchange.IsShort);
        Assert.Contains("has 5 bytes of the 10", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_longer_than_its_length_is_cut_and_logged_once()
    {
        FakeExchange exchange = Get("/long_CL");
        Assert.Equal("long", BodyOf(exchange));
        Assert.Equal("4", exchange.Response()["Content-Length"]);
        Assert.Contains("longer than its Content-Length of 4", Assert.Single(Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", "/HEAD_body", 200, "31")]
    [InlineData("HEAD", "/lazy_gen", 200, null)]
    [InlineData("HEAD", "/write", 200, null)]
    [InlineData("HEAD", "/endless", 200, null)]
    [InlineData("HEAD", "/file?length=-1", 200, "100000")]
    [InlineData("GET", "/204_body", 204, null)]
    [InlineData("GET", "/304_body", 304, null)]
    public void A_response_that_may_not_have_a_body_has_none(string method, string path, int status, string? length)
    {
        FakeExchange exchange = Call(new FakeExchange($"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        FakeResponse response = exchange.Response();
        Assert.True(exchange.IsCompleted, Log.Text);
        Assert.Equal((status, "", length), (response.Status, response.Body, response["Content-Length"]));
        Assert.Empty(Log.Lines);
    }

    [Theory]
    [InlineData("/closing")]
    [InlineData("/closing_boom")]
    [InlineData("/boom_in_close")]
    public void Close_is_called_exactly_once(string path)
    {
        int before = int.Parse(BodyOf(Get("/close_count")), System.Globalization.CultureInfo.InvariantCulture);
        Get(path);
        Assert.Equal($"{before + 1}", BodyOf(Get("/close_count")));
    }

    [Fact]
    public void An_error_in_close_is_logged_and_the_response_stands()
    {
        Assert.Equal("a", BodyOf(Get("/boom_in_close")));
        Assert.Contains("RuntimeError: boom in close", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_leaves_ends_the_iteration_and_close_is_called()
    {
        string before = BodyOf(Get("/close_count"));
        var exchange = new FakeExchange("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n") { FlushesUntilGone = 3 };
        Assert.True(Call(exchange).IsAborted);
        Assert.NotEqual(before, BodyOf(Get("/close_count")));
        Assert.Equal("seriema.error Debug: GET /endless: the client left before the response was complete", Assert.Single(Log.Lines));
    }

    [Fact]
    public void What_the_application_keeps_is_cut_off_when_its_request_ends()
    {
        Assert.Equal("kept", BodyOf(Get("/keep")));
        Assert.Equal(string.Join('\n', Enumerable.Repeat("seriema: the request is over", 3)), BodyOf(Get("/use_kept")));
        Assert.Equal("Hello, World!", BodyOf(Get("/hello")));
    }

    [Fact]
    public void A_generator_for_an_http_1_0_client_is_not_chunked()
    {
        FakeExchange exchange = Call(new FakeExchange("GET /lazy_gen HTTP/1.0\r\n\r\n"));
        Assert.Equal("lazy generator", BodyOf(exchange));
        Assert.Null(exchange.Response()["Transfer-Encoding"]);
    }

    [Theory]
    [InlineData("/threads", "[0, 1, 2, 3]")]
    [InlineData("/asyncio_run", "awaited")]
    [InlineData("/sqlite", "42")]
    public void Python_works_as_usual_inside_a_request(string path, string body)
    {
        Assert.Equal(body, BodyOf(Get(path)));
        Assert.Equal(body, BodyOf(Get(path)));
    }
}
