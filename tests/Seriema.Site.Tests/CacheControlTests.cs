namespace Seriema.Site.Tests;

/// <summary>Which Cache-Control a file gets.</summary>
public sealed class CacheControlTests : SiteTest
{
    [Theory]
    [InlineData("app.3f2a91bc.js", true)]
    [InlineData("app-3f2a91bc.js", true)]
    [InlineData("app_3f2a91bc.css", true)]
    [InlineData("app.3f2a91bc.min.js", true)]
    [InlineData("main.d41d8cd98f00b204e9800998ecf8427e.css", true)]
    [InlineData("app.js", false)]
    [InlineData("app.min.js", false)]
    [InlineData("app-1.2.3.js", false)]
    [InlineData("report-20240101.pdf", false)] // a date
    [InlineData("deadbeef.js", false)] // the file's own name
    [InlineData("the-facade.html", false)]
    [InlineData("a-deadbeef.txt", false)] // a word
    [InlineData("app.3f2a91b.js", false)] // too short
    [InlineData("app.3F2A91BC.js", false)]
    [InlineData("app.3f2a91bc", false)] // the suffix
    public void A_hash_in_a_name_is_known_from_words_and_dates(string name, bool isHashed)
    {
        Assert.Equal(isHashed, CacheControl.IsHashed(name));
        Write(name, "content");
        Assert.Equal(isHashed ? "public, max-age=31536000, immutable" : null, Get("/" + name)!["Cache-Control"]);
    }

    [Theory]
    [InlineData("/css/site.css", "max-age=60")]
    [InlineData("/css/deep/site.css", "max-age=60")]
    [InlineData("/site.css", "max-age=3600")]
    [InlineData("/app.3f2a91bc.js", "no-store")]
    [InlineData("/x/app.3f2a91bc.js", "no-store")]
    [InlineData("/other.3f2a91bc.js", "hashed")]
    [InlineData("/index.html", "no-cache")]
    [InlineData("/", "no-cache")]
    [InlineData("/none.txt", null)]
    [InlineData("/plain.txt", null)]
    public void The_first_rule_that_matches_counts(string path, string? value)
    {
        foreach (string name in (string[])["css/site.css", "css/deep/site.css", "site.css", "app.3f2a91bc.js", "x/app.3f2a91bc.js", "other.3f2a91bc.js", "index.html", "none.txt", "plain.txt"]) Write(name, "content");
        Open(Options() with
        {
            HashedCacheControl = "hashed",
            CacheRules =
            [
                new CacheRule("/css/*.css", "max-age=60"), new CacheRule("*.css", "max-age=3600"), new CacheRule("app.????????.js", "no-store"),
                new CacheRule("*.html", "no-cache"), new CacheRule("none.*", ""), new CacheRule("n*", "never"),
            ],
        });
        SiteResponse whole = Get(path)!;
        Assert.Equal(value, whole["Cache-Control"]);
        SiteResponse known = Get(path, $"If-None-Match: {whole["ETag"]}")!;
        Assert.Equal(304, known.Status);
        Assert.Equal(value, known["Cache-Control"]); // RFC 9110 §15.4.5
        Assert.Equal(value, Get(path, "Range: bytes=0-0")!["Cache-Control"]);
    }
}
