using Seriema.Protocol;

namespace Seriema.Site.Tests;

/// <summary>Which path leads to which file, and what is said of it.</summary>
public sealed class StaticSiteTests : SiteTest
{
    [Theory]
    [InlineData("page.html", "text/html; charset=utf-8")]
    [InlineData("PAGE.HTML", "text/html; charset=utf-8")]
    [InlineData("app.js", "text/javascript; charset=utf-8")]
    [InlineData("data.json", "application/json")]
    [InlineData("feed.xml", "text/xml")]
    [InlineData("image.svg", "image/svg+xml")]
    [InlineData("archive.tar.xyz", "application/octet-stream")]
    [InlineData("README", "application/octet-stream")]
    public void A_file_is_sent_with_its_type(string name, string type)
    {
        Write(name, "content");
        SiteResponse response = Get("/" + name)!;
        Assert.Equal(200, response.Status);
        Assert.Equal("content", response.Body);
        Assert.Equal(type, response["Content-Type"]);
        Assert.Equal("7", response["Content-Length"]);
        Assert.Equal("bytes", response["Accept-Ranges"]);
        Assert.Matches("^\"[0-9a-f]{16}-7\"$", response["ETag"]);
        Assert.Null(response["Cache-Control"]);
        Assert.Null(response["Vary"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16384)] // the last that is kept as bytes
    [InlineData(16385)]
    [InlineData(3_000_000)]
    public void A_file_of_any_size_is_sent_whole_again_and_again(int length)
    {
        WriteLarge("file.txt", length);
        for (int i = 0; i < 3; i++)
        {
            TestExchange exchange = Request("GET", "/file.txt");
            Assert.True(Site.TryServe(exchange));
            SiteResponse response = exchange.Response();
            Assert.Equal(Large(length), response.Body);
            Assert.Equal(length.ToString(System.Globalization.CultureInfo.InvariantCulture), response["Content-Length"]);
            Assert.Equal(length > 16384 ? 1 : 0, exchange.SentFiles);
        }
    }

    [Fact]
    public void An_exchange_that_cannot_share_a_file_gets_a_descriptor_of_its_own()
    {
        WriteLarge("file.txt");
        TestExchange exchange = new(Text("GET", "/file.txt")) { Shares = false };
        Assert.True(Site.TryServe(exchange));
        Assert.Equal(Large(), exchange.Response().Body);
        Assert.Equal(Large(), BodyOf("/file.txt")); // it closed its own and not the site's
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(7, 4000)]
    [InlineData(16000, 300)]
    [InlineData(16000, 4096)]
    public void A_small_file_goes_through_a_buffer_that_is_smaller_still(int length, int bound)
    {
        Write("file.txt", Large(length));
        TestExchange exchange = new(Text("GET", "/file.txt")) { Bound = bound };
        Assert.True(Site.TryServe(exchange));
        Assert.False(exchange.IsBroken);
        Assert.Equal(Large(length), exchange.Response().Body);
    }

    [Fact]
    public void HEAD_says_what_GET_says_without_the_content()
    {
        Write("small.txt", "content");
        Write("empty.txt", "");
        WriteLarge("large.txt");
        foreach (string path in (string[])["/small.txt", "/empty.txt", "/large.txt"])
        {
            SiteResponse get = Get(path)!;
            SiteResponse head = Ask("HEAD", path)!;
            Assert.Equal(get.Status, head.Status);
            Assert.Equal(get.Fields.Order(), head.Fields.Order());
            Assert.Empty(head.Body);
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("get")]
    public void Another_method_on_a_file_is_405_with_Allow(string method)
    {
        Write("file.txt", "content");
        SiteResponse response = Ask(method, "/file.txt")!;
        Assert.Equal(405, response.Status);
        Assert.Equal("GET, HEAD", response["Allow"]);
        Assert.DoesNotContain("content", response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_method_on_what_is_no_file_is_left_to_others()
    {
        Directory.CreateDirectory(Path.Combine(Root, "folder"));
        Assert.Null(Ask("POST", "/nothing"));
        Assert.Null(Ask("POST", "/folder"));
        Assert.Null(Ask("POST", "/folder/"));
        Assert.Null(Ask("OPTIONS", "*"));
    }

    [Fact]
    public void A_folder_shows_its_index_and_without_one_nothing()
    {
        Write("index.html", "root");
        Write("with/index.html", "with");
        Directory.CreateDirectory(Path.Combine(Root, "without/index.html/below"));
        Assert.Equal("root", BodyOf("/"));
        Assert.Equal("with", BodyOf("/with/"));
        Assert.Equal("text/html; charset=utf-8", Get("/with/")!["Content-Type"]);
        Assert.Null(Get("/without/"));
        Assert.Null(Get("/nothing/"));
        Assert.Null(Get("/index.html/")); // a file is no folder
        Assert.Null(Get("/index.html/index.html"));
    }

    [Theory]
    [InlineData("/folder", "/folder/")]
    [InlineData("/folder?a=1&b=//c", "/folder/?a=1&b=//c")]
    [InlineData("/folder?", "/folder/?")]
    [InlineData("/f%6Flder", "/folder/")]
    [InlineData("/folder/a%20b%25%3F", "/folder/a%20b%25%3F/")]
    [InlineData("/javascript:alert(1)", "/javascript%3Aalert%281%29/")]
    [InlineData("http://example.org/folder?q", "/folder/?q")]
    public void A_folder_without_its_slash_is_sent_there(string target, string location)
    {
        Directory.CreateDirectory(Path.Combine(Root, "folder/a b%?"));
        Directory.CreateDirectory(Path.Combine(Root, "javascript:alert(1)"));
        for (int i = 0; i < 2; i++)
        {
            SiteResponse response = Get(target)!;
            Assert.Equal(301, response.Status);
            Assert.Equal(location, response["Location"]);
        }
    }

    [Theory]
    [InlineData("/folder", "/app/v1", "/app/v1/folder/")]
    [InlineData("/folder?q", "/a%20b", "/a%20b/folder/?q")]
    [InlineData("/folder", "/", "/folder/")]
    public void What_a_proxy_took_off_the_path_is_put_back_in_front(string target, string prefix, string location)
    {
        Directory.CreateDirectory(Path.Combine(Root, "folder"));
        TestExchange exchange = new($"GET {target} HTTP/1.1\r\nHost: h\r\nX-Forwarded-Prefix: {prefix}\r\n\r\n")
        {
            Proxy = new ForwardedHead(new ForwardedPolicy(AddressList.Empty, ForwardedFields.Prefix)),
        };
        Assert.True(exchange.Proxy.Read(exchange.Head, exchange.HeadBytes));
        Assert.True(Site.TryServe(exchange));
        Assert.Equal(location, exchange.Response()["Location"]);
    }

    [Theory]
    [InlineData("//folder")]
    [InlineData("//folder/..")]
    [InlineData("/%2Ffolder")]
    [InlineData("/%5Cfolder")]
    [InlineData("/\\folder")]
    public void No_redirect_leads_to_another_server(string target)
    {
        Directory.CreateDirectory(Path.Combine(Root, "folder"));
        Directory.CreateDirectory(Path.Combine(Root, "\\folder"));
        Assert.Null(Get(target));
    }

    [Fact]
    public void The_longest_prefix_wins_and_others_are_not_asked()
    {
        Write("file.txt", "of the root");
        Write("static/file.txt", "hidden by the longer prefix");
        Write("static/only.txt", "hidden too");
        File.WriteAllText(Path.Combine(Outside, "file.txt"), "of the longer prefix");
        Open(Options() with
        {
            Mounts = [new StaticMountOptions("/", Root), new StaticMountOptions("/static", Outside)],
        });
        Assert.Equal("of the root", BodyOf("/file.txt"));
        Assert.Equal("of the longer prefix", BodyOf("/static/file.txt"));
        Assert.Null(Get("/static/only.txt"));
        Assert.Null(Get("/staticfile.txt"));
    }

    [Theory]
    [InlineData("/static")]
    [InlineData("/static/")]
    public void A_prefix_means_a_folder_with_or_without_its_slash(string prefix)
    {
        Write("file.txt", "content");
        Open(Options() with { Mounts = [new StaticMountOptions(prefix, Root)] });
        Assert.Equal("content", BodyOf("/static/file.txt"));
        Assert.Equal("/static/?q", Get("/static?q")!["Location"]);
        Assert.Null(Ask("POST", "/static"));
        Assert.Null(Get("/file.txt"));
        Assert.Null(Get("/"));
    }

    [Theory]
    [InlineData("static")]
    [InlineData("/a//b")]
    [InlineData("/a/../b")]
    [InlineData("")]
    public void A_prefix_that_no_path_begins_with_is_refused(string prefix)
    {
        Assert.Throws<ArgumentException>(() => Open(Options() with { Mounts = [new StaticMountOptions(prefix, Root)] }));
    }

    [Fact]
    public void Two_folders_for_one_prefix_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Open(Options() with
        {
            Mounts = [new StaticMountOptions("/a", Root), new StaticMountOptions("/a/", Outside)],
        }));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused_by_name()
    {
        Transport.LinuxException error = Assert.Throws<Transport.LinuxException>(
            () => Open(Options() with { Mounts = [new StaticMountOptions("/", Root + "/nothing")] }));
        Assert.Contains(Root + "/nothing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "404 Not Found\n", "text/plain; charset=utf-8")]
    [InlineData("/errors/404.html", "<p>not here", "text/html; charset=utf-8")]
    [InlineData("/errors/gone.html", "404 Not Found\n", "text/plain; charset=utf-8")]
    public void What_nobody_takes_is_404_with_the_site_s_page(string? page, string body, string type)
    {
        Write("errors/404.html", "<p>not here");
        Open(Options() with { NotFoundPage = page });
        foreach (string method in (string[])["GET", "POST", "HEAD"])
        {
            TestExchange exchange = Request(method, "/nothing", "If-None-Match: *", "Range: bytes=0-1");
            Assert.False(Site.TryServe(exchange));
            Site.ServeNotFound(exchange);
            SiteResponse response = exchange.Response();
            Assert.Equal(404, response.Status);
            Assert.Equal(type, response["Content-Type"]);
            Assert.Equal(method == "HEAD" ? "" : body, response.Body);
            Assert.Null(response["ETag"]);
            Assert.Null(response["Last-Modified"]);
        }
    }
}
