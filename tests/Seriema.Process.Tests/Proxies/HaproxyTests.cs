namespace Seriema.Process.Tests.Proxies;

/// <summary>A real HAProxy in front: with fields, and with both versions of the PROXY protocol.</summary>
public sealed class HaproxyTests
{
    private static readonly string[] s_forged = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "Forwarded: for=6.6.6.6;proto=https"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Its_fields_say_who_the_client_is(bool overUnix)
    {
        using FrontedServer server = new();
        using ProxyProcess haproxy = ProxyProcess.Haproxy(
            "http", "option forwardfor\n    http-request set-header X-Forwarded-Proto https", server.ForHaproxy(overUnix));
        using WireClient client = haproxy.Connect();
        for (int i = 0; i < 3; i++)
        {
            Dictionary<string, string> environ = FrontedServer.Environ(client, "/environ", s_forged);
            FrontedServer.AssertHas(
                environ, "REMOTE_ADDR=127.0.0.9", "wsgi.url_scheme=https", "HTTP_X_FORWARDED_FOR=127.0.0.9", "SERVER_PORT=443");
            Assert.DoesNotContain("HTTP_FORWARDED", environ.Keys);
        }
    }

    [Theory]
    [InlineData("send-proxy", false)]
    [InlineData("send-proxy", true)]
    [InlineData("send-proxy-v2", false)]
    [InlineData("send-proxy-v2", true)]
    [InlineData("send-proxy-v2-ssl", false)]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id", true)]
    public void Its_header_says_who_the_client_is_and_the_clients_fields_say_nothing(string how, bool overUnix)
    {
        using FrontedServer server = new("--proxy-protocol");
        using ProxyProcess haproxy = ProxyProcess.Haproxy("tcp", "unique-id-format %ci", $"{server.ForHaproxy(overUnix)} {how}");
        string port = "";
        using WireClient client = haproxy.Connect();
        for (int i = 0; i < 3; i++)
        {
            Dictionary<string, string> environ = FrontedServer.Environ(client, "/environ", s_forged);
            FrontedServer.AssertHas(environ, "REMOTE_ADDR=127.0.0.9", "wsgi.url_scheme=http");
            Assert.DoesNotContain(environ.Keys, key => key.Contains("FORWARDED", StringComparison.Ordinal));
            if (i > 0) Assert.Equal(port, environ["REMOTE_PORT"]);
            port = environ["REMOTE_PORT"];
        }
        using WireClient bad = haproxy.Connect();
        bad.Send("GET / HTTP/1.1\r\n\r\n");
        Assert.Equal(400, bad.ReadResponse().Status);
        server.Server.WaitForLine("rejected with 400 missing-host from 127.0.0.9: ");
    }

    [Fact]
    public void In_http_mode_connections_are_kept_for_the_client_that_the_header_names()
    {
        using FrontedServer server = new("--proxy-protocol");
        using ProxyProcess haproxy = ProxyProcess.Haproxy("http", "", server.ForHaproxy(overUnix: false) + " send-proxy-v2");
        using WireClient nine = haproxy.Connect();
        using WireClient one = new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, haproxy.Port));
        for (int i = 0; i < 5; i++)
        {
            FrontedServer.AssertHas(FrontedServer.Environ(nine, "/environ"), "REMOTE_ADDR=127.0.0.9");
            FrontedServer.AssertHas(FrontedServer.Environ(one, "/environ"), "REMOTE_ADDR=127.0.0.1");
        }
    }

    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    public void Its_health_checks_are_answered_as_its_own(string how)
    {
        using FrontedServer server = new("--proxy-protocol", "--wire");
        using ProxyProcess haproxy = ProxyProcess.Haproxy(
            "tcp", "", $"{server.ForHaproxy(overUnix: false)} check inter 500ms fall 1000 check-send-proxy {how}",
            "timeout check 30s\n    option httpchk\n    http-check send meth GET uri /hello ver HTTP/1.1 hdr Host checked");
        server.Server.WaitForLine("> host: checked");
        server.Server.WaitForLine("< HTTP/1.1 200 OK");
        using WireClient client = haproxy.Connect();
        FrontedServer.AssertHas(FrontedServer.Environ(client, "/environ"), "REMOTE_ADDR=127.0.0.9");
        Assert.Empty(server.Server.Log.All("closed with"));
    }

    [Fact]
    public void Who_comes_past_it_is_not_served()
    {
        using FrontedServer server = new("--proxy-protocol");
        using (WireClient client = server.Server.Connect())
        {
            client.SendRequest("GET", "/hello", []);
            Assert.True(client.IsClosed());
        }
        server.Server.WaitForLine("closed with no-proxy-header from 127.0.0.1: GET /hello HTTP/1.1\\r\\n");
        using FrontedServer closed = new("--proxy-protocol", "--proxy-allow-ips", "192.0.2.1");
        using ProxyProcess haproxy = ProxyProcess.Haproxy("tcp", "", closed.ForHaproxy(overUnix: false) + " send-proxy");
        using WireClient refused = haproxy.Connect();
        refused.SendRequest("GET", "/hello", []);
        Assert.True(refused.IsClosed());
        closed.Server.WaitForLine("closed with proxy-not-allowed from 127.0.0.1: ");
    }

    [Fact]
    public void The_health_path_of_a_new_worker_needs_no_header()
    {
        using FrontedServer server = new("--proxy-protocol", "--health-path", "/hello");
        using ProxyProcess haproxy = ProxyProcess.Haproxy("tcp", "", server.ForHaproxy(overUnix: true) + " send-proxy-v2");
        using WireClient client = haproxy.Connect();
        FrontedServer.AssertHas(FrontedServer.Environ(client, "/environ"), "REMOTE_ADDR=127.0.0.9");
    }
}
