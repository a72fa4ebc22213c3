using System.Globalization;

namespace Seriema.Site.Tests;

/// <summary>RFC 9110 §14 on real files, those kept as bytes and those that are not.</summary>
public sealed class RangeTests : SiteTest
{
    [Theory]
    [InlineData(1000, "0-0", 0, 1)]
    [InlineData(1000, "10-19", 10, 10)]
    [InlineData(1000, "990-", 990, 10)]
    [InlineData(1000, "-1", 999, 1)]
    [InlineData(1000, "-5000", 0, 1000)]
    [InlineData(100_000, "0-0", 0, 1)]
    [InlineData(100_000, "50000-59999", 50000, 10000)]
    [InlineData(100_000, "99999-200000", 99999, 1)]
    [InlineData(100_000, "-16", 99984, 16)]
    public void One_range_is_sent_as_it_is(int size, string range, int first, int length)
    {
        WriteLarge("file.txt", size);
        SiteResponse response = Get("/file.txt", $"Range: bytes={range}")!;
        Assert.Equal(206, response.Status);
        Assert.Equal(Large(size).Substring(first, length), response.Body);
        Assert.Equal($"bytes {first}-{first + length - 1}/{size}", response["Content-Range"]);
        Assert.Equal("text/plain; charset=utf-8", response["Content-Type"]);
        Assert.NotNull(response["ETag"]);
        Assert.NotNull(response["Last-Modified"]);
    }

    [Theory]
    [InlineData(1000, 1 << 20)]
    [InlineData(100_000, 1 << 20)]
    [InlineData(1000, 250)] // less than head and parts: the rest goes another way
    public void Several_ranges_are_parts_of_one_body(int size, int bound)
    {
        WriteLarge("file.txt", size);
        TestExchange exchange = new(Text("GET", "/file.txt", "Range: bytes=0-9,500-509,-5")) { Bound = bound };
        Assert.True(Site.TryServe(exchange));
        Assert.False(exchange.IsBroken);
        SiteResponse response = exchange.Response();
        Assert.Equal(206, response.Status);
        Assert.Equal(response["Content-Length"], response.Body.Length.ToString(CultureInfo.InvariantCulture));
        Assert.Null(response["Content-Range"]);
        string type = response["Content-Type"]!;
        Assert.StartsWith("multipart/byteranges; boundary=", type, StringComparison.Ordinal);
        string boundary = "--" + type[(type.IndexOf('=', StringComparison.Ordinal) + 1)..];
        string[] parts = response.Body.Split(boundary);
        Assert.Equal("", parts[0]);
        Assert.Equal("--\r\n", parts[^1]);
        Assert.Equal(Part(0, 10), parts[1]);
        Assert.Equal(Part(500, 10), parts[2]);
        Assert.Equal(Part(size - 5, 5), parts[3]);
        Assert.Equal(5, parts.Length);

        string Part(int first, int length) =>
            $"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {first}-{first + length - 1}/{size}\r\n\r\n{Large(size).Substring(first, length)}\r\n";
    }

    [Fact]
    public void No_two_responses_have_the_same_boundary()
    {
        WriteLarge("file.txt");
        string?[] types = [.. Enumerable.Range(0, 20).Select(_ => Get("/file.txt", "Range: bytes=0-1,5-6")!["Content-Type"])];
        Assert.Equal(types.Length, types.Distinct().Count());
    }

    [Fact]
    public void A_front_end_that_sends_a_file_in_one_piece_gets_the_whole_for_several_ranges()
    {
        WriteLarge("file.txt");
        TestExchange exchange = new(Text("GET", "/file.txt", "Range: bytes=0-1,5-6")) { Shares = false };
        Assert.True(Site.TryServe(exchange));
        Assert.Equal(200, exchange.Response().Status);
        Assert.Equal(Large(), exchange.Response().Body);
    }

    [Theory]
    [InlineData(1000, "bytes=1000-")]
    [InlineData(100_000, "bytes=100000-100001,-0")]
    public void A_range_beyond_the_end_is_416_with_the_length(int size, string range)
    {
        WriteLarge("file.txt", size);
        SiteResponse response = Get("/file.txt", $"Range: {range}")!;
        Assert.Equal(416, response.Status);
        Assert.Equal($"bytes */{size}", response["Content-Range"]);
    }

    [Theory]
    [InlineData("GET", "lines=1-2")]
    [InlineData("GET", "bytes=5-2")]
    [InlineData("GET", "bytes=a-b")]
    [InlineData("HEAD", "bytes=0-9")]
    public void A_range_that_means_nothing_is_not_there(string method, string range)
    {
        WriteLarge("file.txt", 1000);
        SiteResponse response = Ask(method, "/file.txt", $"Range: {range}")!;
        Assert.Equal(200, response.Status);
        Assert.Equal("1000", response["Content-Length"]);
    }

    [Fact]
    public void An_empty_file_has_no_range()
    {
        Write("file.txt", "");
        Assert.Equal(200, Get("/file.txt", "Range: bytes=0-9")!.Status);
    }
}
