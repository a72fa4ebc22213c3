using System.Text.Json;

namespace Seriema.Wsgi.Tests;

public sealed class EnvironTests(PythonFixture python) : GatewayTest(python, "conformance:show_environ")
{
    [Fact]
    public void A_plain_request_has_exactly_these_keys()
    {
        Dictionary<string, string> environ = Environ("GET /a/b?x=1&y=%20 HTTP/1.1\r\nHost: example.org:8000\r\nAccept: */*\r\n\r\n");
        Assert.StartsWith("<seriema.ErrorStream object", environ["wsgi.errors"], StringComparison.Ordinal);
        Assert.StartsWith("<seriema.InputStream object", environ["wsgi.input"], StringComparison.Ordinal);
        Assert.Equal("<class 'seriema.FileWrapper'>", environ["wsgi.file_wrapper"]);
        environ.Remove("wsgi.errors");
        environ.Remove("wsgi.input");
        environ.Remove("wsgi.file_wrapper");
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["HTTP_ACCEPT"] = "*/*",
                ["HTTP_HOST"] = "example.org:8000",
                ["PATH_INFO"] = "/a/b",
                ["QUERY_STRING"] = "x=1&y=%20",
                ["RAW_URI"] = "/a/b?x=1&y=%20",
                ["REMOTE_ADDR"] = "127.0.0.1",
                ["REMOTE_PORT"] = "54321",
                ["REQUEST_METHOD"] = "GET",
                ["REQUEST_URI"] = "/a/b?x=1&y=%20",
                ["SCRIPT_NAME"] = "",
                ["SERVER_NAME"] = "127.0.0.1",
                ["SERVER_PORT"] = "8000",
                ["SERVER_PROTOCOL"] = "HTTP/1.1",
                ["SERVER_SOFTWARE"] = "seriema/0.1.0",
                ["wsgi.input_terminated"] = "True",
                ["wsgi.multiprocess"] = "False",
                ["wsgi.multithread"] = "True",
                ["wsgi.run_once"] = "False",
                ["wsgi.url_scheme"] = "http",
                ["wsgi.version"] = "(1, 0)",
            },
            new SortedDictionary<string, string>(environ, StringComparer.Ordinal));
    }

    [Theory]
    // path and query
    [InlineData("GET / HTTP/1.1\nHost: a", "PATH_INFO=/", "QUERY_STRING=", "REQUEST_URI=/")]
    [InlineData("GET /? HTTP/1.1\nHost: a", "PATH_INFO=/", "QUERY_STRING=", "REQUEST_URI=/?")]
    [InlineData("GET /a%20b%2Fc?q=%2F HTTP/1.1\nHost: a", "PATH_INFO=/a b/c", "QUERY_STRING=q=%2F", "RAW_URI=/a%20b%2Fc?q=%2F")]
    [InlineData("GET /%C3%A9 HTTP/1.1\nHost: a", "PATH_INFO=/\u00c3\u00a9")]
    [InlineData("GET /%zz%4 HTTP/1.1\nHost: a", "PATH_INFO=/%zz%4")]
    [InlineData("GET /%25%32%35 HTTP/1.1\nHost: a", "PATH_INFO=/%25")]
    [InlineData("GET //double HTTP/1.1\nHost: a", "PATH_INFO=//double")]
    [InlineData("OPTIONS * HTTP/1.1\nHost: a", "PATH_INFO=*", "REQUEST_URI=*", "REQUEST_METHOD=OPTIONS")]
    [InlineData("GET http://b:81/p?q HTTP/1.1\nHost: b:81", "PATH_INFO=/p", "QUERY_STRING=q", "HTTP_HOST=b:81", "REQUEST_URI=http://b:81/p?q")]
    [InlineData("GET http://b HTTP/1.1\nHost: b", "PATH_INFO=/", "HTTP_HOST=b")]
    [InlineData("GET https://b/ HTTP/1.1\nHost: b", "wsgi.url_scheme=http")]
    // method and version
    [InlineData("POST / HTTP/1.1\nHost: a\nContent-Length: 0", "REQUEST_METHOD=POST", "CONTENT_LENGTH=0")]
    [InlineData("PROPFIND / HTTP/1.1\nHost: a", "REQUEST_METHOD=PROPFIND")]
    [InlineData("GET / HTTP/1.0", "SERVER_PROTOCOL=HTTP/1.0", "HTTP_HOST!")]
    // fields
    [InlineData("POST / HTTP/1.1\nHost: a\nContent-Type: text/x\ncontent-length: 3", "CONTENT_TYPE=text/x", "CONTENT_LENGTH=3", "HTTP_CONTENT_TYPE!", "HTTP_CONTENT_LENGTH!")]
    [InlineData("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked", "CONTENT_LENGTH=0", "HTTP_TRANSFER_ENCODING=chunked", "wsgi.input_terminated=True")]
    [InlineData("GET / HTTP/1.1\nHost: a\nX-A: 1\nx-a: 2\nX-a:3", "HTTP_X_A=1,2,3")]
    [InlineData("GET / HTTP/1.1\nHost: a\nAccept: x\nAccept: y", "HTTP_ACCEPT=x,y")]
    [InlineData("GET / HTTP/1.1\nHost: a\nCookie: a=1\nCookie: b=2", "HTTP_COOKIE=a=1; b=2")]
    [InlineData("GET / HTTP/1.1\nHost: a\nX-Empty:", "HTTP_X_EMPTY=")]
    [InlineData("GET / HTTP/1.1\nHost: a\nX-Latin: \u00e9\u00ff", "HTTP_X_LATIN=\u00e9\u00ff")]
    [InlineData("GET / HTTP/1.1\nHost: a\nX!#$: v", "HTTP_X!#$=v")]
    [InlineData("GET / HTTP/1.1\nHost: a\nProxy: evil", "HTTP_PROXY!")]
    [InlineData("GET / HTTP/1.1\nHost: a\nX_Real_IP: evil\nX-Real-IP: good", "HTTP_X_REAL_IP=good")]
    [InlineData("GET / HTTP/1.1\nHost: a\nAuthorization: Basic eDp5", "HTTP_AUTHORIZATION=Basic eDp5")]
    public void A_request_becomes_this(string request, params string[] expected)
    {
        Dictionary<string, string> environ = Environ(request.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n");
        foreach (string item in expected)
        {
            if (item.EndsWith('!'))
            {
                Assert.False(environ.ContainsKey(item[..^1]), item);
                continue;
            }
            string name = item[..item.IndexOf('=', StringComparison.Ordinal)];
            Assert.Equal(item, $"{name}={environ.GetValueOrDefault(name)}");
        }
    }

    [Fact]
    public void A_long_field_name_and_more_names_than_the_cache_holds_are_right_too()
    {
        string name = new('x', 500);
        for (int round = 0; round < 12; round++)
        {
            string fields = string.Concat(Enumerable.Range(0, 40).Select(i => $"X-{round}-{i}: {i}\r\n"));
            Dictionary<string, string> environ = Environ(
                $"GET / HTTP/1.1\r\nHost: a\r\n{fields}{name}: 1\r\n{name}: 2\r\nX-{round}-39: again\r\n\r\n");
            for (int i = 0; i < 39; i++) Assert.Equal($"{i}", environ[$"HTTP_X_{round}_{i}"]);
            Assert.Equal("39,again", environ[$"HTTP_X_{round}_39"]);
            Assert.Equal("1,2", environ["HTTP_" + name.ToUpperInvariant()]);
        }
    }

    [Fact]
    public void What_changes_between_requests_is_up_to_date()
    {
        var exchange = new FakeExchange { Https = true };
        exchange.RemoteIs("2001:db8::1");
        Dictionary<string, string> first = Environ(exchange);
        exchange = new FakeExchange("GET / HTTP/1.1\r\nHost: other\r\n\r\n");
        Dictionary<string, string> second = Environ(exchange);
        Assert.Equal(("https", "2001:db8::1", "example.org"), (first["wsgi.url_scheme"], first["REMOTE_ADDR"], first["HTTP_HOST"]));
        Assert.Equal(("http", "127.0.0.1", "other"), (second["wsgi.url_scheme"], second["REMOTE_ADDR"], second["HTTP_HOST"]));
    }

    private Dictionary<string, string> Environ(string request) => Environ(new FakeExchange(request));

    private Dictionary<string, string> Environ(FakeExchange exchange) =>
        JsonDocument.Parse(BodyOf(Call(exchange))).RootElement.EnumerateObject().ToDictionary(
            item => item.Name,
            item => item.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? item.Value.GetBoolean().ToString()
                : item.Value.ToString());
}
