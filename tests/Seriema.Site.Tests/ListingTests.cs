using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Site.Tests;

/// <summary>The page of what is in a folder.</summary>
public sealed partial class ListingTests : SiteTest
{
    [Fact]
    public void It_is_off_unless_asked_for()
    {
        Write("folder/file.txt", "content");
        Assert.Null(Get("/folder/"));
    }

    [Fact]
    public void Folders_come_first_and_each_part_by_name_with_sizes_and_dates()
    {
        Write("b.txt", "12345");
        WriteLarge("a.bin", 2048);
        Write("Z/below.txt", "");
        Write("c/below.txt", "");
        Write(".hidden", "");
        DateTime modified = new(2024, 2, 29, 23, 59, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(Root, "b.txt"), modified);
        Open(Options() with { Listing = true });
        SiteResponse response = Get("/")!;
        Assert.Equal(200, response.Status);
        Assert.Equal("text/html; charset=utf-8", response["Content-Type"]);
        Assert.Equal(["Z/", "c/", "a.bin", "b.txt"], Links(response));
        Assert.Contains("<td>5 B</td><td>2024-02-29 23:59</td>", response.Body, StringComparison.Ordinal);
        Assert.Contains("<td>2.0 KiB</td>", response.Body, StringComparison.Ordinal);
        Assert.Equal("../", Links(Get("/c/")!)[0]);
        Assert.DoesNotContain("hidden", response.Body, StringComparison.Ordinal);
        Assert.Empty(Ask("HEAD", "/")!.Body);
        Assert.Equal(405, Ask("POST", "/")!.Status);
    }

    [Fact]
    public void Names_are_text_and_never_markup_and_every_link_leads_to_its_file()
    {
        string[] names =
        [
            "<script>alert(1)</script>.txt".Replace('/', '_'), "a&amp;b", "\"quoted\"", "it's", "javascript:alert(1)", "50%", "%41", "a b", "?q=1", "#h",
            "ünïcödé", "日本", "x:y", "~", "+",
        ];
        foreach (string name in names) Write(name, "content of " + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name)));
        File.WriteAllText(Path.Combine(Root, "back\\slash"), "no path leads here");
        File.WriteAllText(Path.Combine(Root, "new\nline"), "nor here");
        Open(Options() with { Listing = true });
        SiteResponse page = Get("/")!;
        string[] links = Links(page);
        Assert.Equal(names.Length, links.Length);
        foreach (string link in links)
        {
            Assert.Matches("^[A-Za-z0-9%._~-]+$", link);
            Assert.Equal("content of " + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(link))), BodyOf("/" + link));
        }
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page.Body, StringComparison.Ordinal);
        Assert.Contains(">a&amp;amp;b<", page.Body, StringComparison.Ordinal);
        Assert.Contains(">&quot;quoted&quot;<", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void The_title_is_the_path_and_never_markup()
    {
        Write("<b>&/file.txt", "");
        Open(Options() with { Listing = true });
        SiteResponse page = Get("/%3Cb%3E%26/")!;
        Assert.Contains("<title>/&lt;b&gt;&amp;/</title>", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_not_be_served_is_not_shown()
    {
        Write("file.txt", "content");
        File.WriteAllText(Path.Combine(Outside, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(Root, "leaves"), Path.Combine(Outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(Root, "stays"), "file.txt");
        File.CreateSymbolicLink(Path.Combine(Root, "nowhere"), "nothing");
        using System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(Root, "fifo")]);
        make.WaitForExit();
        Open(Options() with { Listing = true });
        Assert.Equal(["file.txt", "stays"], Links(Get("/")!));
    }

    [Fact]
    public void It_shows_what_changes_and_gives_way_to_an_index()
    {
        Write("folder/a.txt", "1");
        Open(Options() with { Listing = true });
        Assert.Equal(["../", "a.txt"], Links(Get("/folder/")!));
        Write("folder/b.txt", "1");
        Changed();
        Assert.Equal(["../", "a.txt", "b.txt"], Links(Get("/folder/")!));
        File.AppendAllText(Path.Combine(Root, "folder/a.txt"), "23");
        Changed();
        Assert.Contains("<td>3 B</td>", Get("/folder/")!.Body, StringComparison.Ordinal);
        Write("folder/index.html", "index");
        Changed();
        Assert.Equal("index", BodyOf("/folder/"));
        Directory.Delete(Path.Combine(Root, "folder"), recursive: true);
        Changed();
        Assert.Null(Get("/folder/"));
    }

    [Fact]
    public void A_folder_with_very_many_names_is_cut_and_says_so()
    {
        Directory.CreateDirectory(Path.Combine(Root, "many"));
        for (int i = 0; i < 5001; i++) File.Create(Path.Combine(Root, $"many/a-name-that-is-rather-long-{i:d6}")).Dispose();
        Open(Options() with { Listing = true });
        TestExchange exchange = new(Text("GET", "/many/")) { Bound = 4096 };
        Assert.True(Site.TryServe(exchange)); // without waiting, although the page is larger than the buffer
        Assert.False(exchange.IsBroken);
        Assert.Equal(5001, Links(exchange.Response()).Length); // one leads up
        Assert.Contains("5000", exchange.Response().Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_has_no_way_up_and_shows_its_own_path()
    {
        Write("file.txt", "content");
        Open(Options() with { Listing = true, Mounts = [new StaticMountOptions("/static", Root)] });
        SiteResponse page = Get("/static/")!;
        Assert.Equal(["file.txt"], Links(page));
        Assert.Contains("<h1>/static/</h1>", page.Body, StringComparison.Ordinal);
    }

    private static string[] Links(SiteResponse page) => [.. Link().Matches(page.Body).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("<a href=\"([^\"]*)\">")]
    private static partial Regex Link();
}
