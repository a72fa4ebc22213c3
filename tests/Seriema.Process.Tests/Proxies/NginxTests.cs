namespace Seriema.Process.Tests.Proxies;

/// <summary>A real nginx in front, as its manual has it configured, over TCP and over a unix socket.</summary>
public sealed class NginxTests
{
    private const string Usual = """
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https; # as it would say behind TLS
        """;

    // What a client would like to be believed.
    private static readonly string[] s_forged =
    [
        "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: gopher", "X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: //evil.example",
        "Forwarded: for=6.6.6.6;host=evil.example", "X_Forwarded_For: 6.6.6.6",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_any_option_the_client_is_known_and_not_what_it_says(bool overUnix)
    {
        using FrontedServer server = new();
        using ProxyProcess nginx = ProxyProcess.Nginx(Site(server.ForNginx(overUnix), Usual));
        using WireClient client = nginx.Connect();
        for (int i = 0; i < 3; i++) // the connections to the server are kept, and shared with those of others
        {
            Dictionary<string, string> environ = FrontedServer.Environ(client, "/environ", s_forged);
            FrontedServer.AssertHas(
                environ, "REMOTE_ADDR=127.0.0.9", "REMOTE_PORT=", "wsgi.url_scheme=https", "HTTP_HOST=localhost", "SERVER_PORT=443", "SCRIPT_NAME=",
                "HTTP_X_FORWARDED_FOR=127.0.0.9", "HTTP_X_FORWARDED_PROTO=https");
            Assert.DoesNotContain("HTTP_FORWARDED", environ.Keys);
            Assert.DoesNotContain("HTTP_X_FORWARDED_HOST", environ.Keys);
            Assert.DoesNotContain("HTTP_X_FORWARDED_PREFIX", environ.Keys);
            using WireClient other = new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, nginx.Port));
            // 127.0.0.1 is a proxy by default, but behind another proxy's address it is the client that stands there.
            FrontedServer.AssertHas(FrontedServer.Environ(other, "/environ"), "REMOTE_ADDR=127.0.0.1");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void From_a_proxy_that_is_not_trusted_nothing_is_believed(bool overUnix)
    {
        using FrontedServer server = new("--forwarded-allow-ips", "192.0.2.1");
        using ProxyProcess nginx = ProxyProcess.Nginx(Site(server.ForNginx(overUnix), Usual));
        using WireClient client = nginx.Connect();
        Dictionary<string, string> environ = FrontedServer.Environ(client, "/environ", s_forged);
        FrontedServer.AssertHas(environ, "REMOTE_ADDR=" + (overUnix ? "" : "127.0.0.1"), "wsgi.url_scheme=http");
        Assert.DoesNotContain(environ.Keys, key => key.Contains("FORWARDED", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prefix_host_and_port_come_from_the_proxy_that_sets_them()
    {
        using FrontedServer server = new(
            "--forwarded-headers", "x-forwarded-for,x-forwarded-proto,x-forwarded-host,x-forwarded-port,x-forwarded-prefix", "--forwarded-allow-ips", "unix");
        using ProxyProcess nginx = ProxyProcess.Nginx($$"""
            upstream app { server {{server.ForNginx(overUnix: true)}}; keepalive 4; }
            server {
                listen 127.0.0.1:@PORT@;
                location /app/ {
                    proxy_pass http://app/;
                    {{Usual.Replace("$host", "inside", StringComparison.Ordinal)}}
                    proxy_set_header Connection "";
                    proxy_set_header X-Forwarded-Host www.example;
                    proxy_set_header X-Forwarded-Port 8443;
                    proxy_set_header X-Forwarded-Prefix /app;
                }
            }
            """);
        using WireClient client = nginx.Connect();
        FrontedServer.AssertHas(
            FrontedServer.Environ(client, "/app/environ", s_forged),
            "SCRIPT_NAME=/app", "PATH_INFO=/environ", "HTTP_HOST=www.example:8443", "SERVER_NAME=www.example", "SERVER_PORT=8443",
            "wsgi.url_scheme=https", "REMOTE_ADDR=127.0.0.9");
    }

    [Fact]
    public void What_a_client_makes_of_the_chain_is_refused_when_it_cannot_be_read()
    {
        using FrontedServer server = new("--forwarded-headers", "forwarded");
        // The usual way to append; it takes what the client sent as it is.
        using ProxyProcess nginx = ProxyProcess.Nginx(Site(
            server.ForNginx(overUnix: false), "proxy_set_header Forwarded \"$http_forwarded, for=$remote_addr;proto=https\";"));
        using WireClient client = nginx.Connect();
        FrontedServer.AssertHas(
            FrontedServer.Environ(client, "/environ", "Forwarded: for=6.6.6.6;host=evil"),
            "REMOTE_ADDR=127.0.0.9", "wsgi.url_scheme=https", "HTTP_FORWARDED=for=127.0.0.9;proto=https");
        client.SendRequest("GET", "/environ", ["Forwarded: for=\""]);
        Assert.Equal(400, client.ReadResponse().Status);
        server.Server.WaitForLine("rejected with 400 bad-forwarding from 127.0.0.1");
    }

    private static string Site(string server, string fields) => $$"""
        upstream app { server {{server}}; keepalive 4; }
        server {
            listen 127.0.0.1:@PORT@;
            location / {
                proxy_pass http://app;
                proxy_set_header Connection "";
                {{fields}}
            }
        }
        """;
}
