using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Which responses have a body, and how long it may be: RFC 9110 §6.4.1 and §8.6, PEP 3333.</summary>
public sealed class ResponseBodyTests
{
    [Theory]
    [InlineData(204)]
    [InlineData(100)]
    [InlineData(101)]
    public void No_content_and_interim_responses_have_neither_body_nor_length(int status)
    {
        ResponseDriver response = new ResponseDriver().Status(status);
        Assert.Equal(FieldVerdict.Dropped, response.Field("Content-Length", "5"));
        response.EndHead(5);
        Assert.False(response.Writer.BodyAllowed);
        Assert.Equal(WriteVerdict.NoBody, response.Body("hello"));
        response.Finish();
        Assert.DoesNotContain("Content-Length", response.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", response.Wire, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", response.Wire, StringComparison.Ordinal);
        Assert.False(response.ShortBody);
        Assert.Equal(status == 204, response.Writer.KeepAlive); // behind 1xx a client waits for more
    }

    [Fact]
    public void Not_modified_keeps_the_length_of_the_application_and_gets_none_of_its_own()
    {
        ResponseDriver response = new ResponseDriver().Status(304);
        Assert.Equal(FieldVerdict.Written, response.Field("Content-Length", "5"));
        response.EndHead(0);
        Assert.Equal(WriteVerdict.NoBody, response.Body("hello"));
        response.Finish();
        Assert.Single(response.Wire.Split("\r\n"), line => line == "Content-Length: 5");
        Assert.False(response.ShortBody);
        Assert.True(response.Writer.KeepAlive);

        response = new ResponseDriver().Status(304).EndHead(0);
        Assert.DoesNotContain("Content-Length", response.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", response.Wire, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "Content-Length: 5\r\n")]
    [InlineData(0, "")]
    [InlineData(-1, "")]
    public void Head_has_no_body_and_only_a_length_worth_telling(long knownLength, string expected)
    {
        foreach (int version in (int[])[0, 1])
        {
            ResponseDriver response = new ResponseDriver(version, isHead: true).Status(200).EndHead(knownLength);
            Assert.Equal(WriteVerdict.NoBody, response.Body("hello"));
            response.Finish();
            string last = version == 0 ? "Connection: keep-alive\r\n" : "";
            Assert.EndsWith($"Server: seriema\r\n{expected}{last}\r\n", response.Wire, StringComparison.Ordinal);
            Assert.True(response.Writer.KeepAlive);
            Assert.False(response.ShortBody);
        }
    }

    [Fact]
    public void Head_keeps_the_length_of_the_application()
    {
        ResponseDriver response = new ResponseDriver(isHead: true).Status(200);
        response.Field("Content-Length", "1000");
        response.EndHead(0).Finish();
        Assert.Contains("Content-Length: 1000\r\n", response.Wire, StringComparison.Ordinal);
        Assert.False(response.ShortBody);
    }

    [Fact]
    public void The_length_of_the_application_wins_over_the_known_one()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        response.Field("content-length", "3");
        response.EndHead(5);
        Assert.Equal(3, response.Writer.DeclaredLength);
        Assert.Single(
            response.Wire.Split("\r\n"),
            line => line.StartsWith("content-length", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Bytes_beyond_the_declared_length_are_cut()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        response.Field("Content-Length", "7");
        response.EndHead();
        Assert.Equal(WriteVerdict.Ok, response.Body("hello"));
        Assert.Equal(WriteVerdict.TooLong, response.Body(", world"));
        Assert.Equal(WriteVerdict.TooLong, response.Body("!"));
        Assert.Equal(WriteVerdict.Ok, response.Body(""));
        response.Finish();
        Assert.EndsWith("\r\n\r\nhello, ", response.Wire, StringComparison.Ordinal);
        Assert.Equal(7, response.Writer.BodySent);
        Assert.False(response.ShortBody);
        Assert.True(response.Writer.KeepAlive);
    }

    [Fact]
    public void Fewer_bytes_than_declared_end_the_connection()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        response.Field("Content-Length", "7");
        response.EndHead();
        response.Body("hello");
        response.Finish();
        Assert.True(response.ShortBody);
        Assert.False(response.Writer.KeepAlive);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+5")]
    [InlineData("-1")]
    [InlineData("5, 5")]
    [InlineData("0x5")]
    [InlineData("5.0")]
    [InlineData("five")]
    [InlineData("1000000000000000000")]
    public void A_length_that_is_no_number_is_refused(string value)
    {
        foreach (int status in (int[])[200, 204, 304])
        {
            ResponseDriver response = new ResponseDriver().Status(status);
            Assert.Equal(FieldVerdict.BadContentLength, response.Field("Content-Length", value));
            Assert.Equal(-1, response.Writer.DeclaredLength);
        }
    }

    [Fact]
    public void A_repeated_length_is_sent_once_and_a_differing_one_refused()
    {
        ResponseDriver response = new ResponseDriver().Status(200);
        Assert.Equal(FieldVerdict.Written, response.Field("Content-Length", " 5 "));
        Assert.Equal(FieldVerdict.Dropped, response.Field("Content-Length", "5"));
        Assert.Equal(FieldVerdict.BadContentLength, response.Field("Content-Length", "6"));
        Assert.Equal(5, response.Writer.DeclaredLength);
    }

    [Fact]
    public void A_length_from_the_application_lets_http10_go_on()
    {
        ResponseDriver response = new ResponseDriver(minorVersion: 0).Status(200);
        response.Field("Content-Length", "5");
        response.EndHead();
        Assert.True(response.Writer.KeepAlive);
        Assert.Contains("Connection: keep-alive\r\n", response.Wire, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(15, "f")]
    [InlineData(16, "10")]
    [InlineData(255, "ff")]
    [InlineData(256, "100")]
    [InlineData(65536, "10000")]
    [InlineData(0x0ABCDEF1, "abcdef1")]
    [InlineData(int.MaxValue, "7fffffff")]
    public void A_chunk_head_is_the_length_in_hexadecimal(int length, string expected)
    {
        ResponseDriver response = new ResponseDriver().Status(200).EndHead();
        byte[] dest = new byte[ResponseWriter.MaxChunkHead];
        Assert.Equal(WriteVerdict.Ok, response.Writer.BeginBody(length, dest, out int headBytes, out int accepted));
        Assert.Equal(length, accepted);
        Assert.Equal(expected + "\r\n", Encoding.ASCII.GetString(dest, 0, headBytes));
    }

    [Fact]
    public void A_file_counts_as_body_and_is_refused_where_its_length_would_lie()
    {
        ResponseDriver response = new ResponseDriver().Status(200).EndHead(7);
        response.Body("ab");
        Assert.False(response.Writer.BeginFile(6));
        Assert.False(response.Writer.BeginFile(0));
        Assert.True(response.Writer.BeginFile(5));
        Assert.Equal(7, response.Writer.BodySent);
        Assert.False(response.Finish().ShortBody);

        Assert.False(new ResponseDriver().Status(200).EndHead().Writer.BeginFile(5)); // chunked
        Assert.False(new ResponseDriver(isHead: true).Status(200).EndHead(5).Writer.BeginFile(5));
        Assert.False(new ResponseDriver().Status(304).EndHead(5).Writer.BeginFile(5));
        Assert.True(new ResponseDriver(minorVersion: 0).Status(200).EndHead().Writer.BeginFile(5)); // until it closes
    }

    [Fact]
    public void A_simple_response_is_whole()
    {
        Assert.Equal(
            $"HTTP/1.1 400 Bad Request\r\nDate: {ResponseDriver.Date}\r\nServer: seriema\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n"
                + "Connection: close\r\n\r\ncaf\u00C3\u00A9\n",
            Simple(400, "caf\u00E9\n", keepAlive: false, isHead: false));
        string head = Simple(503, "later\n", keepAlive: true, isHead: true);
        Assert.EndsWith("Content-Length: 6\r\n\r\n", head, StringComparison.Ordinal);
        string noContent = Simple(204, "ignored", keepAlive: true, isHead: false);
        Assert.EndsWith("Server: seriema\r\n\r\n", noContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(int.MaxValue)]
    public void A_response_of_the_servers_own_can_say_when_to_come_back(int seconds)
    {
        Assert.Equal(
            $"HTTP/1.1 503 Service Unavailable\r\nDate: {ResponseDriver.Date}\r\nServer: seriema\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n"
                + $"Retry-After: {seconds}\r\nConnection: close\r\n\r\nlater\n",
            Simple(503, "later\n", keepAlive: false, isHead: false, seconds));
        Assert.DoesNotContain("Retry-After", Simple(503, "later\n", keepAlive: false, isHead: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Continue_is_an_interim_response() =>
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(ResponseWriter.Continue));

    private static string Simple(int status, string text, bool keepAlive, bool isHead, int retryAfter = 0)
    {
        byte[] dest = new byte[ResponseWriter.SimpleOverhead + text.Length * 3];
        byte[] date = Encoding.ASCII.GetBytes(ResponseDriver.Date);
        int written = ResponseWriter.WriteSimple(dest, status, text, keepAlive, isHead, date, retryAfter);
        return Encoding.Latin1.GetString(dest, 0, written);
    }
}
