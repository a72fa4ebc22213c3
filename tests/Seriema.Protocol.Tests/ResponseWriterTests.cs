using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>The framing rules of a response, RFC 9112 §6.3 and PEP 3333, as they go over the wire.</summary>
public sealed class ResponseWriterTests
{
    private const string Own = $"Date: {ResponseDriver.Date}\r\nServer: seriema\r\n";

    [Fact]
    public void A_known_length_gives_content_length_and_the_connection_goes_on()
    {
        ResponseDriver response = new ResponseDriver().Status(200).EndHead(5);
        Assert.Equal(WriteVerdict.Ok, response.Body("hello"));
        response.Finish();
        Assert.Equal($"HTTP/1.1 200 OK\r\n{Own}Content-Length: 5\r\n\r\nhello", response.Wire);
        Assert.True(response.Writer.KeepAlive);
        Assert.False(response.ShortBody);
        Assert.Equal((5L, 5L), (response.Writer.DeclaredLength, response.Writer.BodySent));
    }

    [Fact]
    public void An_unknown_length_gives_chunks_to_http11()
    {
        ResponseDriver response = new ResponseDriver().Status(200).EndHead();
        response.Body("hello");
        response.Body("");
        response.Body(new string('x', 300));
        response.Finish();
        Assert.Equal(
            $"HTTP/1.1 200 OK\r\n{Own}Transfer-Encoding: chunked\r\n\r\n"
                + $"5\r\nhello\r\n12c\r\n{new string('x', 300)}\r\n0\r\n\r\n",
            response.Wire);
        Assert.True(response.Writer.KeepAlive);
        Assert.True(response.Writer.IsChunked);
        Assert.Equal(-1, response.Writer.DeclaredLength);
        Assert.Equal(305, response.Writer.BodySent);
    }

    [Fact]
    public void An_unknown_length_ends_with_the_connection_for_http10()
    {
        ResponseDriver response = new ResponseDriver(minorVersion: 0).Status(200).EndHead();
        response.Body("hello");
        response.Finish();
        Assert.Equal($"HTTP/1.1 200 OK\r\n{Own}Connection: close\r\n\r\nhello", response.Wire);
        Assert.False(response.Writer.KeepAlive);
        Assert.False(response.Writer.IsChunked);
    }

    [Fact]
    public void Http10_is_told_when_the_connection_goes_on()
    {
        ResponseDriver response = new ResponseDriver(minorVersion: 0).Status(200).EndHead(0);
        Assert.EndsWith("Content-Length: 0\r\nConnection: keep-alive\r\n\r\n", response.Wire, StringComparison.Ordinal);
        Assert.True(response.Writer.KeepAlive);
    }

    [Fact]
    public void Http11_is_told_when_the_connection_ends()
    {
        ResponseDriver response = new ResponseDriver(keepAlive: false).Status(200).EndHead(0);
        Assert.EndsWith("Content-Length: 0\r\nConnection: close\r\n\r\n", response.Wire, StringComparison.Ordinal);
        Assert.False(response.Writer.KeepAlive);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("X-Y, Close")]
    public void The_applications_connection_close_closes_and_is_said_once(string value)
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        Assert.Equal(FieldVerdict.Dropped, response.Field("Connection", value));
        response.EndHead(0);
        Assert.EndsWith("\r\nConnection: close\r\n\r\n", response.Wire, StringComparison.Ordinal);
        Assert.Equal(2, response.Wire.Split("Connection").Length);
        Assert.False(response.Writer.KeepAlive);
    }

    [Fact]
    public void The_server_may_decide_to_close_until_the_head_ends()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        response.Writer.CloseAfter();
        Assert.Contains("Connection: close", response.EndHead(0).Wire, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connection", "keep-alive")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("Proxy-Connection", "close")]
    [InlineData("Proxy-Authenticate", "Basic")]
    [InlineData("Proxy-Authorization", "x")]
    [InlineData("TE", "trailers")]
    [InlineData("Trailer", "X-A")]
    [InlineData("Trailers", "X-A")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("UPGRADE", "h2c")]
    public void Hop_by_hop_fields_of_the_application_are_dropped(string name, string value)
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        Assert.Equal(FieldVerdict.Dropped, response.Field(name, value));
        Assert.Equal($"HTTP/1.1 200 OK\r\n{Own}Content-Length: 0\r\n\r\n", response.EndHead(0).Wire);
        Assert.True(response.Writer.KeepAlive);
    }

    [Fact]
    public void Fields_go_out_as_the_application_wrote_them_in_order()
    {
        ResponseDriver response = new ResponseDriver().Status(404);
        Assert.Equal(FieldVerdict.Written, response.Field("x-lower", "Jos\u00E9\t!"));
        Assert.Equal(FieldVerdict.Written, response.Field("Set-Cookie", "a=1"));
        Assert.Equal(FieldVerdict.Written, response.Field("Set-Cookie", "b=2"));
        Assert.Equal(FieldVerdict.Written, response.Field("X-Empty", ""));
        Assert.Equal(
            $"HTTP/1.1 404 Not Found\r\nx-lower: Jos\u00E9\t!\r\n"
                + $"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty: \r\n{Own}Content-Length: 0\r\n\r\n",
            response.EndHead(0).Wire);
    }

    [Fact]
    public void Date_and_server_of_the_application_are_kept()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        response.Field("date", "Mon, 07 Nov 1994 08:49:37 GMT");
        response.Field("Server", "mine");
        Assert.Equal(
            "HTTP/1.1 200 OK\r\ndate: Mon, 07 Nov 1994 08:49:37 GMT\r\nServer: mine\r\nContent-Length: 0\r\n\r\n",
            response.EndHead(0).Wire);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X Y")]
    [InlineData("X:")]
    [InlineData("X\r\nY")]
    [InlineData("X\0")]
    [InlineData("X\u00E9")]
    public void A_name_that_is_no_token_is_refused(string name)
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        string before = response.Wire;
        Assert.Equal(FieldVerdict.BadName, response.Field(name, "v"));
        Assert.Equal(before, response.Wire);
    }

    [Fact]
    public void A_value_with_any_control_character_but_tab_is_refused()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        string before = response.Wire;
        for (char c = '\0'; c < 0x80; c++)
        {
            if (!char.IsControl(c) || c == '\t') continue;
            Assert.True(FieldVerdict.BadValue == response.Field("X-A", $"a{c}b"), $"{(int)c:X2}");
            Assert.True(FieldVerdict.BadValue == response.Field("Connection", $"{c}"), $"{(int)c:X2}");
        }
        Assert.Equal(before, response.Wire);
    }

    [Theory]
    [InlineData(99, "OK")]
    [InlineData(1000, "OK")]
    [InlineData(-1, "OK")]
    [InlineData(200, "OK\r\nX: injected")]
    [InlineData(200, "OK\0")]
    public void A_bad_status_line_is_not_written(int status, string reason)
    {
        ResponseWriter writer = new();
        writer.Begin(1, false, true);
        byte[] dest = new byte[100];
        Assert.Equal(0, writer.WriteStatusLine(dest, status, Encoding.ASCII.GetBytes(reason)));
        Assert.All(dest, b => Assert.Equal(0, b));
    }

    [Fact]
    public void An_empty_reason_keeps_its_space_and_an_own_one_goes_out()
    {
        Assert.StartsWith("HTTP/1.1 299 \r\n", new ResponseDriver().Status(299).Wire, StringComparison.Ordinal);
        ResponseWriter writer = new();
        writer.Begin(1, false, true);
        byte[] dest = new byte[ResponseWriter.StatusLineOverhead + 10];
        int written = writer.WriteStatusLine(dest, 200, "Alles \u00FC\u00DF!"u8[..10]);
        Assert.Equal(ResponseWriter.StatusLineOverhead + 10, written);
    }

    [Fact]
    public void The_largest_end_of_a_head_fits()
    {
        ResponseDriver response = new ResponseDriver(minorVersion: 0).Status(200).EndHead(long.MaxValue);
        string expected = "Content-Length: 9223372036854775807\r\nConnection: keep-alive\r\n\r\n";
        Assert.EndsWith(expected, response.Wire, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_forgets_everything_that_was_said_before()
    {
        ResponseDriver response = new ResponseDriver().Status(204);
        response.Field("Content-Length", "7");
        response.Field("Connection", "close");
        response.Field("Date", "x");
        response.Field("Server", "x");
        response.Writer.Begin(1, false, true);
        string before = response.Wire;
        response.Status(200).EndHead(0);
        Assert.Equal($"HTTP/1.1 200 OK\r\n{Own}Content-Length: 0\r\n\r\n", response.Wire[before.Length..]);
    }

    [Fact]
    public void A_thousand_responses_allocate_nothing()
    {
        ResponseWriter writer = new();
        byte[] dest = new byte[256];
        byte[] date = Encoding.ASCII.GetBytes(ResponseDriver.Date);
        Write(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Write(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write(int count)
        {
            for (int i = 0; i < count; i++)
            {
                writer.Begin(1, false, true);
                writer.WriteStatusLine(dest, 200, "OK"u8);
                writer.WriteField(dest, "Content-Type"u8, "text/plain"u8, out _);
                writer.EndHead(dest, -1, date);
                writer.BeginBody(100, dest, out _, out _);
                writer.EndChunk(dest);
                writer.Finish(dest, out _);
            }
        }
    }
}
