using System.Text.Json;
using Seriema.Protocol;

namespace Seriema.Wsgi.Tests;

/// <summary>What an application sees of the fields by which proxies tell of a client, from proxies and from others.</summary>
public sealed class ForwardedTests(PythonFixture python) : GatewayTest(python, "conformance:show_environ")
{
    private const string All = "X-Forwarded-For: 1.1.1.1, 192.0.2.1\nX-Forwarded-Proto: https\nX-Forwarded-Host: example.org\n"
        + "X-Forwarded-Port: 8443\nX-Forwarded-Prefix: /app\nForwarded: for=9.9.9.9\nX-Forwarded-User: admin\nX-Forwarded-Ssl: on\n"
        + "X-Forwardedness: x\nX-Forwarded: y\nX-Real-IP: 1.1.1.1";

    internal static ForwardedPolicy Policy(string proxies, string fields = "x-forwarded-for,x-forwarded-proto,x-forwarded-host,x-forwarded-port,x-forwarded-prefix")
    {
        Assert.Null(AddressList.Parse(proxies.Split(','), out AddressList list));
        Assert.Null(ForwardedPolicy.ParseFields(fields.Split(','), out ForwardedFields honoured));
        return new ForwardedPolicy(list, honoured);
    }

    [Fact]
    public void From_anyone_but_a_proxy_nothing_of_it_arrives()
    {
        Dictionary<string, string> environ = Environ("/a", All, policy: null);
        Assert.Equal(
            ["HTTP_HOST", "HTTP_X_FORWARDED", "HTTP_X_FORWARDEDNESS", "HTTP_X_REAL_IP"],
            environ.Keys.Where(key => key.StartsWith("HTTP_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        AssertHas(environ, "HTTP_HOST=h:8", "REMOTE_ADDR=127.0.0.1", "wsgi.url_scheme=http", "SCRIPT_NAME=", "PATH_INFO=/a");
    }

    [Fact]
    public void From_a_proxy_it_becomes_what_it_means()
    {
        Dictionary<string, string> environ = Environ("/a?q", All, Policy("10.0.0.0/8"));
        AssertHas(
            environ, "REMOTE_ADDR=192.0.2.1", "wsgi.url_scheme=https", "HTTP_HOST=example.org:8443", "SCRIPT_NAME=/app", "PATH_INFO=/a",
            "REQUEST_URI=/a?q", "HTTP_X_FORWARDED_FOR=192.0.2.1", "HTTP_X_FORWARDED_PROTO=https", "HTTP_X_FORWARDED_PORT=8443",
            "HTTP_X_FORWARDED_USER=admin", "HTTP_X_FORWARDED_SSL=on");
        Assert.DoesNotContain("HTTP_FORWARDED", environ.Keys); // the proxy passed it on, and does not set it
    }

    [Fact]
    public void From_a_proxy_that_sets_Forwarded_the_other_family_does_not_arrive()
    {
        Dictionary<string, string> environ = Environ(
            "/a", "Forwarded: for=1.1.1.1;host=evil, for=\"[2001:DB8::1]\";proto=https\nX-Forwarded-Host: evil\nX-Forwarded-For: 9.9.9.9",
            Policy("10.0.0.0/8", "forwarded"));
        AssertHas(environ, "REMOTE_ADDR=2001:db8::1", "wsgi.url_scheme=https", "HTTP_HOST=h:8", "HTTP_FORWARDED=for=\"[2001:DB8::1]\";proto=https");
        Assert.DoesNotContain(environ.Keys, key => key.StartsWith("HTTP_X_", StringComparison.Ordinal));
    }

    [Fact]
    public void Repeated_fields_are_joined_from_the_client_on()
    {
        Dictionary<string, string> environ = Environ(
            "/a", "X-Forwarded-For: 6.6.6.6\nX-Forwarded-For: evil, 192.0.2.1\nX-Forwarded-For: 10.0.0.1\nX-Forwarded-Proto: http\nX-Forwarded-Proto: http",
            Policy("10.0.0.0/8"));
        AssertHas(environ, "HTTP_X_FORWARDED_FOR=192.0.2.1,10.0.0.1", "REMOTE_ADDR=192.0.2.1", "HTTP_X_FORWARDED_PROTO=http,http");
    }

    [Theory]
    [InlineData("/a%20b", "/app/", "SCRIPT_NAME=/app", "PATH_INFO=/a b")]
    [InlineData("/", "/caf%C3%A9", "SCRIPT_NAME=/caf\u00c3\u00a9", "PATH_INFO=/")]
    [InlineData("/x", "/", "SCRIPT_NAME=", "PATH_INFO=/x")]
    [InlineData("http://other/x", "/app", "SCRIPT_NAME=/app", "PATH_INFO=/x", "HTTP_HOST=other")]
    public void A_prefix_is_put_in_front_of_the_path(string target, string prefix, params string[] expected) =>
        AssertHas(Environ(target, "X-Forwarded-Prefix: " + prefix, Policy("10.0.0.0/8")), expected);

    [Fact]
    public void A_prefix_stands_in_front_of_a_mount_too()
    {
        using var site = new SiteGateway(Python, new GatewayOptions { Mounts = [new Mount("/shop", "conformance:show_environ")] });
        var exchange = new FakeExchange("GET /shop/x HTTP/1.1\r\nHost: h\r\nX-Forwarded-Prefix: /app\r\n\r\n") { Policy = Policy("10.0.0.0/8") };
        exchange.Again();
        site.Thread.Call(exchange);
        AssertHas(Parse(BodyOf(exchange)), "SCRIPT_NAME=/app/shop", "PATH_INFO=/x");
    }

    [Fact]
    public void One_request_leaves_nothing_to_the_next_of_the_same_thread()
    {
        AssertHas(Environ("/a", All, Policy("10.0.0.0/8")), "wsgi.url_scheme=https", "REMOTE_ADDR=192.0.2.1");
        AssertHas(Environ("/a", "Accept: */*", policy: null), "wsgi.url_scheme=http", "REMOTE_ADDR=127.0.0.1", "SCRIPT_NAME=", "HTTP_HOST=h:8");
        AssertHas(Environ("/a", All, policy: null), "wsgi.url_scheme=http", "REMOTE_ADDR=127.0.0.1", "SCRIPT_NAME=", "HTTP_HOST=h:8");
    }

    private Dictionary<string, string> Environ(string target, string fields, ForwardedPolicy? policy)
    {
        FakeExchange exchange = new($"GET {target} HTTP/1.1\r\nHost: h:8\r\n{fields.Replace("\n", "\r\n", StringComparison.Ordinal)}\r\n\r\n") { Policy = policy };
        exchange.Again();
        return Parse(BodyOf(Call(exchange)));
    }

    private static Dictionary<string, string> Parse(string json) =>
        JsonDocument.Parse(json).RootElement.EnumerateObject().ToDictionary(item => item.Name, item => item.Value.ToString());

    private static void AssertHas(Dictionary<string, string> environ, params string[] expected)
    {
        foreach (string item in expected)
        {
            string name = item[..item.IndexOf('=', StringComparison.Ordinal)];
            Assert.Equal(item, $"{name}={environ.GetValueOrDefault(name)}");
        }
    }
}
