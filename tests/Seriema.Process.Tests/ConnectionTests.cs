using System.Globalization;
using System.Text;

namespace Seriema.Process.Tests;

/// <summary>HTTP/1.1 connections over real sockets: what bytes in a buffer cannot show.</summary>
public sealed class ConnectionTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public void A_connection_carries_request_after_request()
    {
        using WireClient client = _server.Connect();
        for (int i = 0; i < 5; i++)
        {
            client.SendRequest("GET", "/hello", []);
            WireResponse response = client.ReadResponse();
            Assert.Equal("Hello, World!", response.Body);
            Assert.Null(response.Field("Connection"));
        }
    }

    [Fact]
    public void Pipelined_requests_are_answered_in_order()
    {
        using WireClient client = _server.Connect();
        StringBuilder requests = new();
        for (int i = 0; i < 50; i++)
        {
            requests.Append(CultureInfo.InvariantCulture, $"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {i.ToString(CultureInfo.InvariantCulture).Length}\r\n\r\n{i}");
        }
        client.Send(requests.ToString());
        for (int i = 0; i < 50; i++) Assert.Equal(i.ToString(CultureInfo.InvariantCulture), client.ReadResponse().Body);
    }

    [Fact]
    public void A_slow_request_does_not_let_a_pipelined_fast_one_overtake_it()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /sleep?ms=100 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("slept", client.ReadResponse().Body);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Fact]
    public void A_request_may_come_byte_by_byte()
    {
        using WireClient client = _server.Connect();
        foreach (char c in "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") client.Send(c.ToString());
        Assert.Equal("abc", client.ReadResponse().Body);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Connection: close", true)]
    [InlineData("HTTP/1.1", "Connection: Keep-Alive, CLOSE", true)]
    [InlineData("HTTP/1.0", "X: y", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive", false)]
    public void The_client_decides_whether_the_connection_goes_on(string version, string field, bool closes)
    {
        using WireClient client = _server.Connect();
        client.Send($"GET /hello {version}\r\nHost: a\r\n{field}\r\n\r\n");
        WireResponse response = client.ReadResponse();
        Assert.Equal("Hello, World!", response.Body);
        if (closes)
        {
            Assert.Equal("close", response.Field("Connection"));
            Assert.Equal("", client.ReadToEnd());
        }
        else
        {
            Assert.Equal("keep-alive", response.Field("Connection"));
            client.Send("GET /hello HTTP/1.0\r\nHost: a\r\n\r\n");
            Assert.Equal("Hello, World!", client.ReadResponse().Body);
        }
    }

    [Fact]
    public void A_stream_to_http_1_0_ends_with_the_connection()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        WireResponse response = client.ReadResponse();
        Assert.Null(response.Field("Transfer-Encoding"));
        Assert.Equal("close", response.Field("Connection"));
        Assert.Equal("0\n1\n2\n3\n4\n", response.Body);
    }

    [Fact]
    public void Continue_is_sent_when_the_application_reads()
    {
        using WireClient client = _server.Connect();
        client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, client.ReadResponse().Status);
        client.Send("body");
        Assert.Equal("body", client.ReadResponse().Body);
        client.SendRequest("GET", "/hello", []);
        Assert.Equal(200, client.ReadResponse().Status);
    }

    [Fact]
    public void The_final_status_replaces_continue_when_the_application_does_not_read()
    {
        using WireClient client = _server.Connect();
        client.Send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        WireResponse response = client.ReadResponse();
        Assert.Equal(200, response.Status);
        Assert.Equal("did not read", response.Body);
        Assert.Equal("close", response.Field("Connection"));
        Assert.Equal("", client.ReadToEnd());
    }

    [Fact]
    public void No_continue_is_sent_for_a_body_that_came_by_itself()
    {
        using WireClient client = _server.Connect();
        client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
        WireResponse response = client.ReadResponse();
        // RFC 9110 §10.1.1: it may be left out once part of the body is here, and a client must cope with both.
        if (response.Status == 100) response = client.ReadResponse();
        Assert.Equal("body", response.Body);
    }

    [Fact]
    public void A_small_unread_body_is_dropped_and_the_connection_goes_on()
    {
        using WireClient client = _server.Connect();
        client.SendRequest("POST", "/unread", [], new string('x', 5000));
        Assert.Equal("did not read", client.ReadResponse().Body);
        client.SendRequest("GET", "/hello", []);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Fact]
    public void A_large_unread_body_gets_the_whole_response_before_the_connection_closes()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--limit-temp-files", "0");
        using WireClient client = server.Connect();
        client.Send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 500000000\r\n\r\n");
        client.Send(new byte[2_000_000]); // beyond what is held before the application is called
        Assert.Equal("did not read", client.ReadResponse().Body);
    }

    [Fact]
    public void A_half_closed_client_gets_its_answers()
    {
        using WireClient client = _server.Connect();
        client.Send("GET /sleep?ms=30 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        client.FinishSending();
        Assert.Equal("slept", client.ReadResponse().Body);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
        Assert.Equal("", client.ReadToEnd());
    }

    [Fact]
    public void A_client_that_aborts_in_the_middle_harms_nobody()
    {
        for (int i = 0; i < 20; i++)
        {
            using (WireClient client = _server.Connect())
            {
                client.Send(i % 2 == 0 ? "GET /sleep?ms=20 HTTP/1.1\r\nHost: a\r\n\r\n" : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
                client.Reset();
            }
            Assert.Equal("Hello, World!", _server.Get("/hello").Body);
        }
    }

    [Fact]
    public void A_client_that_stops_reading_an_endless_response_ends_it()
    {
        int before = int.Parse(_server.Get("/close_count").Body, CultureInfo.InvariantCulture);
        using (WireClient client = _server.Connect())
        {
            client.SendRequest("GET", "/endless", []);
            client.ReadExactly(10000);
            client.Reset();
        }
        // close() is called once the server has learned of it; each question is a request of its own, not a pause.
        DateTime end = DateTime.UtcNow + ServerProcess.Patience;
        while (int.Parse(_server.Get("/close_count").Body, CultureInfo.InvariantCulture) == before)
        {
            Assert.True(DateTime.UtcNow < end, "close() was never called");
        }
    }

    [Fact]
    public void Bytes_behind_the_last_request_do_not_destroy_its_response()
    {
        for (int i = 0; i < 50; i++)
        {
            using WireClient client = _server.Connect();
            client.Send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            client.Send(new string('x', 20_000));
            Assert.Equal("Hello, World!", client.ReadResponse().Body);
        }
    }

    [Fact]
    public void A_large_upload_is_streamed_to_the_application()
    {
        byte[] body = new byte[5_000_000];
        new Random(17).NextBytes(body);
        using WireClient client = _server.Connect();
        client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
        client.Send(body);
        string echoed = client.ReadResponse().Body;
        Assert.True(Encoding.Latin1.GetString(body) == echoed, "the echo differs");
    }

    [Fact]
    public void A_large_chunked_upload_is_streamed_to_the_application()
    {
        StringBuilder request = new("POST /read_all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 300; i++) request.Append("2710\r\n").Append('x', 10000).Append("\r\n");
        request.Append("0\r\nX-Trailer: dropped\r\n\r\n");
        using WireClient client = _server.Connect();
        client.Send(request.ToString());
        Assert.Equal("3000000 b''", client.ReadResponse().Body);
        client.SendRequest("GET", "/hello", []);
        Assert.Equal("Hello, World!", client.ReadResponse().Body);
    }

    [Fact]
    public void A_chunked_body_that_is_held_has_its_length_in_the_environ()
    {
        using WireClient client = _server.Connect();
        client.Send("POST /environ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
        Assert.Contains("\"CONTENT_LENGTH\": \"7\"", client.ReadResponse().Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_response_reaches_a_slow_reader_whole()
    {
        using WireClient client = new(new(System.Net.IPAddress.Loopback, _server.Port), receiveBuffer: 4096);
        client.SendRequest("GET", "/big?size=5000000", []);
        WireResponse response = client.ReadResponse();
        Assert.Equal(5_000_000, response.Body.Length);
        Assert.Equal("5000000", response.Field("Content-Length"));
    }

    [Fact]
    public void Options_asterisk_and_absolute_form_reach_the_application()
    {
        using WireClient client = _server.Connect();
        client.Send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(404, client.ReadResponse().Status);
        client.Send("GET http://other.example/environ?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
        string environ = client.ReadResponse().Body;
        Assert.Contains("\"PATH_INFO\": \"/environ\"", environ, StringComparison.Ordinal);
        Assert.Contains("\"HTTP_HOST\": \"other.example\"", environ, StringComparison.Ordinal);
        Assert.Contains("\"QUERY_STRING\": \"x=1\"", environ, StringComparison.Ordinal);
    }

    [Fact]
    public void Date_and_server_are_sent_once()
    {
        WireResponse response = _server.Get("/hello");
        Assert.Single(response.Fields("Date"));
        Assert.Equal("seriema", Assert.Single(response.Fields("Server")));
        Assert.True(
            DateTime.UtcNow - DateTime.ParseExact(response.Field("Date")!, "r", CultureInfo.InvariantCulture) < TimeSpan.FromMinutes(2),
            response.Field("Date"));
    }
}
