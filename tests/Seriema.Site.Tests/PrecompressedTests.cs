namespace Seriema.Site.Tests;

/// <summary>Files that lie ready in another coding. What is in them is not looked at, so the tests put plain text there.</summary>
public sealed class PrecompressedTests : SiteTest
{
    private static readonly DateTime s_modified = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("", null, "plain")]
    [InlineData("identity", null, "plain")]
    [InlineData("deflate", null, "plain")]
    [InlineData("gzip", "gzip", "gzip!!")]
    [InlineData("gzip, zstd", "zstd", "zstd!")]
    [InlineData("gzip, deflate, br, zstd", "br", "brotli!")]
    [InlineData("br;q=0.5, gzip;q=0.9", "gzip", "gzip!!")]
    [InlineData("*;q=0", null, "plain")]
    public void The_client_chooses(string accepted, string? coding, string body)
    {
        WriteAll("app.js");
        SiteResponse response = Get("/app.js", accepted.Length == 0 ? "X: y" : $"Accept-Encoding: {accepted}")!;
        Assert.Equal(200, response.Status);
        Assert.Equal(body, response.Body);
        Assert.Equal(coding, response["Content-Encoding"]);
        Assert.Equal("Accept-Encoding", response["Vary"]);
        Assert.Equal("text/javascript; charset=utf-8", response["Content-Type"]);
    }

    [Fact]
    public void Each_coding_has_its_own_tag_and_its_own_ranges()
    {
        WriteAll("app.js");
        string[] codings = ["identity", "gzip", "zstd", "br"];
        string[] tags = [.. codings.Select(coding => Get("/app.js", $"Accept-Encoding: {coding}")!["ETag"]!)];
        Assert.Equal(4, tags.Distinct().Count());
        for (int i = 0; i < codings.Length; i++)
        {
            for (int j = 0; j < tags.Length; j++)
            {
                SiteResponse response = Get("/app.js", $"Accept-Encoding: {codings[i]}", $"If-None-Match: {tags[j]}")!;
                Assert.Equal(i == j ? 304 : 200, response.Status);
                Assert.Equal("Accept-Encoding", response["Vary"]);
            }
        }
        SiteResponse part = Get("/app.js", "Accept-Encoding: br", "Range: bytes=0-2")!;
        Assert.Equal(206, part.Status);
        Assert.Equal("bro", part.Body);
        Assert.Equal("br", part["Content-Encoding"]);
        Assert.Equal("bytes 0-2/7", part["Content-Range"]);
    }

    [Fact]
    public void A_copy_that_is_older_than_its_file_is_not_sent()
    {
        WriteAll("app.js");
        File.SetLastWriteTimeUtc(Path.Combine(Root, "app.js.br"), s_modified.AddTicks(-1));
        SiteResponse response = Get("/app.js", "Accept-Encoding: br, gzip")!;
        Assert.Equal("gzip", response["Content-Encoding"]);
    }

    [Theory]
    [InlineData("app.js.br", "plain")]
    [InlineData("app.js", "plain")]
    public void A_copy_is_no_file_without_its_own(string kept, string body)
    {
        Write(kept, body);
        SiteResponse response = Get("/" + kept, "Accept-Encoding: br, gzip")!;
        Assert.Equal(body, response.Body);
        Assert.Null(response["Content-Encoding"]);
        Assert.Null(response["Vary"]);
        if (kept != "app.js") Assert.Null(Get("/app.js"));
    }

    [Fact]
    public void A_copy_that_comes_later_or_goes_is_noticed()
    {
        string plain = Write("app.js", "plain");
        File.SetLastWriteTimeUtc(plain, s_modified);
        Assert.Null(Get("/app.js", "Accept-Encoding: gzip")!["Content-Encoding"]);
        Write("app.js.gz", "gzip!!");
        Changed();
        Assert.Equal("gzip", Get("/app.js", "Accept-Encoding: gzip")!["Content-Encoding"]);
        File.WriteAllText(plain, "newer"); // now the copy is of something else
        File.SetLastWriteTimeUtc(plain + ".gz", s_modified);
        Changed();
        Assert.Equal("newer", Get("/app.js", "Accept-Encoding: gzip")!.Body);
        File.Delete(plain + ".gz");
        Changed();
        Assert.Null(Get("/app.js", "Accept-Encoding: gzip")!["Vary"]);
    }

    [Fact]
    public void The_index_of_a_folder_has_copies_too_and_large_ones_are_sent_as_files()
    {
        File.SetLastWriteTimeUtc(WriteLarge("folder/index.html"), s_modified);
        WriteLarge("folder/index.html.gz", 50_000);
        TestExchange exchange = Request("GET", "/folder/", "Accept-Encoding: gzip");
        Assert.True(Site.TryServe(exchange));
        Assert.Equal(Large(50_000), exchange.Response().Body);
        Assert.Equal(2, Site.Cache.OpenFiles);
    }

    [Fact]
    public void A_site_may_do_without()
    {
        WriteAll("app.js");
        Open(Options() with { Precompressed = false });
        SiteResponse response = Get("/app.js", "Accept-Encoding: br")!;
        Assert.Null(response["Content-Encoding"]);
        Assert.Null(response["Vary"]);
    }

    [Fact]
    public void A_copy_that_leads_out_of_the_folder_is_not_sent()
    {
        File.SetLastWriteTimeUtc(Write("app.js", "plain"), s_modified);
        File.WriteAllText(Path.Combine(Outside, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(Root, "app.js.gz"), Path.Combine(Outside, "secret"));
        Assert.Equal("plain", Get("/app.js", "Accept-Encoding: gzip")!.Body);
    }

    private void WriteAll(string name)
    {
        (string Suffix, string Content)[] files = [("", "plain"), (".gz", "gzip!!"), (".zst", "zstd!"), (".br", "brotli!")];
        foreach ((string suffix, string content) in files) File.SetLastWriteTimeUtc(Write(name + suffix, content), s_modified);
    }
}
