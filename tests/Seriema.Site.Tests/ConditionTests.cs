using System.Globalization;

namespace Seriema.Site.Tests;

/// <summary>RFC 9110 §13 on real files, those kept as bytes and those that are not.</summary>
public sealed class ConditionTests : SiteTest
{
    private static readonly DateTime s_modified = new(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc);
    private const string Modified = "Sun, 06 Nov 1994 08:49:37 GMT";

    public static TheoryData<int> Sizes => [100, 100_000];

    [Theory, MemberData(nameof(Sizes))]
    public void A_file_that_the_client_has_is_304(int size)
    {
        File.SetLastWriteTimeUtc(WriteLarge("file.txt", size), s_modified);
        SiteResponse whole = Get("/file.txt")!;
        string tag = whole["ETag"]!;
        Assert.Equal(Modified, whole["Last-Modified"]);
        foreach (string field in (string[])[$"If-None-Match: {tag}", $"If-None-Match: \"a\", W/{tag}", "If-None-Match: *", $"If-Modified-Since: {Modified}"])
        {
            foreach (string method in (string[])["GET", "HEAD"])
            {
                SiteResponse response = Ask(method, "/file.txt", field)!;
                Assert.Equal(304, response.Status);
                Assert.Empty(response.Body);
                Assert.Equal(tag, response["ETag"]);
                Assert.Null(response["Content-Type"]);
                Assert.Null(response["Content-Length"]);
            }
        }
    }

    [Theory]
    [InlineData("If-None-Match: \"other\"")]
    [InlineData("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT")]
    [InlineData("If-Modified-Since: yesterday")]
    [InlineData("If-Match: *")]
    [InlineData("If-Unmodified-Since: " + Modified)]
    public void A_file_that_the_client_has_not_is_200(string field)
    {
        File.SetLastWriteTimeUtc(Write("file.txt", "content"), s_modified);
        SiteResponse response = Get("/file.txt", field)!;
        Assert.Equal(200, response.Status);
        Assert.Equal("content", response.Body);
    }

    [Theory]
    [InlineData("If-Match: \"other\"")]
    [InlineData("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT")]
    public void A_file_that_the_client_does_not_mean_is_412(string field)
    {
        File.SetLastWriteTimeUtc(Write("file.txt", "content"), s_modified);
        Assert.Equal(412, Get("/file.txt", field)!.Status);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void If_Range_decides_between_the_part_and_the_whole(int size)
    {
        File.SetLastWriteTimeUtc(WriteLarge("file.txt", size), s_modified);
        string tag = Get("/file.txt")!["ETag"]!;
        foreach ((string value, int status) in ((string, int)[])[(tag, 206), ("\"other\"", 200), ("W/" + tag, 200), (Modified, 206), ("Sun, 06 Nov 1994 08:49:38 GMT", 200)])
        {
            SiteResponse response = Get("/file.txt", "Range: bytes=2-5", $"If-Range: {value}")!;
            Assert.True(status == response.Status, $"{value}: {response.Status.ToString(CultureInfo.InvariantCulture)}");
            Assert.Equal(status == 206 ? Large()[2..6] : Large(size), response.Body);
        }
    }

    [Fact]
    public void A_rewritten_file_has_another_tag_even_with_the_same_size_and_time()
    {
        string path = Write("file.txt", "before");
        File.SetLastWriteTimeUtc(path, s_modified);
        string before = Get("/file.txt")!["ETag"]!;
        Write("file.txt.new", "after!");
        File.SetLastWriteTimeUtc(path + ".new", s_modified);
        File.Move(path + ".new", path, overwrite: true);
        Changed();
        SiteResponse response = Get("/file.txt", $"If-None-Match: {before}")!;
        Assert.Equal(200, response.Status);
        Assert.Equal("after!", response.Body);
        Assert.NotEqual(before, response["ETag"]);
    }

    [Fact]
    public void The_tag_outlives_the_process_and_differs_from_file_to_file()
    {
        Write("a.txt", "content");
        Write("b.txt", "content");
        using StaticSite other = new(Options());
        TestExchange exchange = Request("GET", "/a.txt");
        Assert.True(other.TryServe(exchange));
        Assert.Equal(Get("/a.txt")!["ETag"], exchange.Response()["ETag"]);
        Assert.NotEqual(Get("/a.txt")!["ETag"], Get("/b.txt")!["ETag"]);
    }

    [Fact]
    public void A_file_from_the_future_has_no_Last_Modified()
    {
        File.SetLastWriteTimeUtc(Write("file.txt", "content"), DateTime.UtcNow.AddDays(1));
        SiteResponse response = Get("/file.txt")!;
        Assert.Null(response["Last-Modified"]);
        Assert.NotNull(response["ETag"]);
    }
}
