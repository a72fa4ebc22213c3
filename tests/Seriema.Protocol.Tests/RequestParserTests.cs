using System.Diagnostics;
using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>
/// What the corpus cannot say: allocation, effort, limits other than the defaults, what a slice points at.
/// </summary>
public sealed class RequestParserTests
{
    private static readonly byte[] s_browser = RequestCase.Load("get-browser.http").Bytes;

    [Fact]
    public void Ten_thousand_requests_allocate_nothing()
    {
        RequestParser parser = new(new HttpLimits());
        BodyReader body = new(new HttpLimits());
        RequestHead head = new();
        byte[] chunked = RequestCase.Load("chunked-several.http").Bytes;
        byte[] output = new byte[64];
        for (int i = 0; i < 100; i++) ParseBoth();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) ParseBoth();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);

        void ParseBoth()
        {
            parser.Read(s_browser, head, out int consumed);
            if (consumed != s_browser.Length) throw new InvalidOperationException("A GET did not parse.");
            parser.Read(chunked, head, out consumed);
            body.Start(head);
            if (body.Read(chunked.AsSpan(consumed), output, out _, out _) != ParseStatus.Done)
            {
                throw new InvalidOperationException("The chunked request did not parse.");
            }
        }
    }

    [Fact]
    public void A_byte_by_byte_drip_of_a_huge_line_takes_linear_effort()
    {
        const int Size = 1 << 20; // searched anew for each byte, this takes minutes
        HttpLimits limits = new() { FieldSize = Size, Head = 2 * Size, TrailerSize = 2 * Size };
        byte[] bytes = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('b', Size - 3)}\r\n\r\n");
        RequestParser parser = new(limits);
        RequestHead head = new();
        Stopwatch clock = Stopwatch.StartNew();
        for (int end = 1; end < bytes.Length; end++)
        {
            Assert.Equal(ParseStatus.NeedMore, parser.Read(bytes.AsSpan(0, end), head, out _));
        }
        Assert.Equal(ParseStatus.Done, parser.Read(bytes, head, out int consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Slices_count_from_the_first_byte_given_even_behind_empty_lines()
    {
        byte[] bytes =
            "\r\n\r\nPOST /a?b HTTP/1.1\r\nHost:  example.com \r\nContent-Type: text/plain\r\n\r\n"u8.ToArray();
        RequestHead head = Parse(bytes);
        Assert.Equal("POST", Text(bytes, head.Method));
        Assert.Equal("/a?b", Text(bytes, head.Target));
        Assert.Equal("/a", Text(bytes, head.Path));
        Assert.Equal("b", Text(bytes, head.Query));
        Assert.Equal("example.com", Text(bytes, head.Host));
        Assert.Equal("Content-Type", Text(bytes, head.GetField(1).Name));
        Assert.Equal("text/plain", Text(bytes, head.GetField(1).Value));
        Assert.Equal(KnownField.ContentType, head.GetField(1).Known);
    }

    [Fact]
    public void Nothing_is_consumed_until_the_head_is_complete()
    {
        RequestParser parser = new(new HttpLimits());
        RequestHead head = new();
        Assert.Equal(ParseStatus.NeedMore, parser.Read(default, head, out int consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(ParseStatus.NeedMore, parser.Read(s_browser.AsSpan(0, s_browser.Length - 1), head, out consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(ParseStatus.Done, parser.Read([.. s_browser, .. "behind"u8], head, out consumed));
        Assert.Equal(s_browser.Length, consumed);
    }

    [Fact]
    public void A_rejected_request_stays_rejected_until_reset()
    {
        RequestParser parser = new(new HttpLimits());
        RequestHead head = new();
        Assert.Equal(ParseStatus.Rejected, parser.Read("\0"u8, head, out _));
        Assert.Equal(ParseStatus.Rejected, parser.Read(s_browser, head, out int consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(RejectReason.NotHttp, parser.Reason);

        parser.Reset();
        Assert.Equal(RejectReason.None, parser.Reason);
        Assert.Equal(ParseStatus.Done, parser.Read(s_browser, head, out _));
    }

    [Theory]
    [InlineData(13, 1000, "request-line-too-long")]
    [InlineData(14, 1000, "accepted")]
    [InlineData(14, 25, "head-too-long")]
    [InlineData(14, 27, "accepted")]
    [InlineData(14, 15, "head-too-long")]
    [InlineData(14, 0, "head-too-long")]
    public void Small_limits_hold_to_the_byte(int requestLine, int headSize, string verdict)
    {
        byte[] bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();
        foreach (int[] cuts in Splits.Of(bytes))
        {
            string seen = ParserDriver.Feed(bytes, cuts, new HttpLimits { RequestLine = requestLine, Head = headSize });
            Assert.True(seen.Contains(verdict, StringComparison.Ordinal), $"{Splits.Show(cuts)}: {seen}");
        }
    }

    [Fact]
    public void The_largest_limits_do_not_overflow()
    {
        HttpLimits limits = new()
        {
            RequestLine = int.MaxValue,
            FieldSize = int.MaxValue,
            Head = int.MaxValue,
            Fields = int.MaxValue,
        };
        Assert.StartsWith("accepted", ParserDriver.Feed(s_browser, [5], limits), StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_limit_of_zero_means_none()
    {
        byte[] bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 922337203685477580\r\n\r\n"u8.ToArray();
        RequestParser parser = new(new HttpLimits { Body = 0 });
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, parser.Read(bytes, head, out _));
        Assert.Equal(922337203685477580, head.ContentLength);
    }

    [Theory]
    [InlineData(5, "accepted")]
    [InlineData(4, "body-too-large")]
    public void A_body_of_exactly_the_limit_is_allowed(long limit, string verdict)
    {
        foreach (string file in (string[])["length.http", "te-chunked.http"])
        {
            string seen = ParserDriver.Feed(RequestCase.Load(file).Bytes, [], new HttpLimits { Body = limit });
            Assert.True(seen.Contains(verdict, StringComparison.Ordinal), $"{file}: {seen}");
        }
    }

    [Fact]
    public void More_fields_than_a_browser_sends_still_fit()
    {
        byte[] bytes = VisibleBytes.Parse("GET / HTTP/1.1\\r\\nHost: a\\r\\n\\[500:X: y\\r\\n]\\r\\n");
        string verdict = ParserDriver.Feed(bytes, [], new HttpLimits { Fields = 501 });
        Assert.Contains("fields=501", verdict, StringComparison.Ordinal);
    }

    private static RequestHead Parse(byte[] bytes)
    {
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, new RequestParser(new HttpLimits()).Read(bytes, head, out int consumed));
        Assert.Equal(bytes.Length, consumed);
        return head;
    }

    private static string Text(byte[] bytes, Slice slice) => Encoding.Latin1.GetString(slice.Of(bytes));
}
