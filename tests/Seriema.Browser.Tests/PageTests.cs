using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>Every page of the demo arrives whole: with its styles, scripts and pictures, and nothing on the console.</summary>
[Collection(DemoFixture.Name)]
public sealed class PageTests(DemoFixture fixture)
{
    // What the links must lead to, so that a page which lost its links is noticed.
    private static readonly HashSet<string> s_pages =
    [
        "/", "/how.html", "/mytime.py", "/hello.py?name=you", "/seriema.svg", "/flask/hello", "/pyramid/hello", "/django/hello",
        "/django/admin/", "/frame/", "/frame/hello", "/frame/login", "/frame/time", "/frame/static/about.html",
    ];

    [Fact]
    public async Task Every_page_that_a_link_leads_to_is_whole()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        Queue<string> next = new(["/"]);
        HashSet<string> seen = ["/"];
        while (next.TryDequeue(out string? path))
        {
            IResponse response = await visit.Open(path);
            Assert.True(response.Status == 200, $"{path}: {response.Status}");
            Assert.True((await response.BodyAsync()).Length > 0, $"{path} is empty");
            Assert.Empty(await MissingParts(visit.Page));
            visit.AssertNothingWentWrong();
            foreach (string link in await Links(visit.Page))
            {
                if (seen.Add(link)) next.Enqueue(link);
            }
        }
        Assert.Superset(s_pages, seen);
    }

    [Fact]
    public async Task Django_s_login_page_comes_with_its_own_files()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        List<string> files = [];
        visit.Page.Response += (_, response) => files.Add($"{response.Status} {new Uri(response.Url).AbsolutePath}");
        await visit.Open("/django/admin/");
        Assert.EndsWith("/django/admin/login/?next=/django/admin/", visit.Page.Url, StringComparison.Ordinal);
        Assert.Contains("302 /django/admin/", files);
        Assert.Contains("200 /django/static/admin/css/base.css", files);
        Assert.Contains("200 /django/static/admin/css/login.css", files);
        Assert.Empty(await MissingParts(visit.Page));
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_is_not_there_is_told_in_the_style_of_the_site()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        IResponse response = await visit.Open("/no/such/page");
        Assert.Equal(404, response.Status);
        Assert.Equal("There is no such page", await visit.Page.GetByRole(AriaRole.Heading).InnerTextAsync());
        Assert.Empty(await MissingParts(visit.Page));
        // The page itself, and the console's line about it.
        Assert.All(visit.Troubles, trouble => Assert.Matches("/no/such/page.*404|404.*/no/such/page", trouble));
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "To the first page" }).ClickAsync();
        await visit.Page.WaitForURLAsync("**/");
        Assert.Equal(1, await visit.Page.Locator("#running").CountAsync());
    }

    [Fact]
    public async Task The_time_is_new_at_each_reload()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/mytime.py");
        ILocator time = visit.Page.Locator("time");
        DateTimeOffset first = DateTimeOffset.Parse(await Exact(time), null);
        DateTimeOffset second;
        do
        {
            await visit.Page.ReloadAsync();
            second = DateTimeOffset.Parse(await Exact(time), null);
        }
        while (second == first);
        Assert.InRange(second - first, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Assert.Equal(fixture.Demo.Server.WorkerId.ToString(), await visit.Page.Locator("dt:text-is('Process') + dd").InnerTextAsync());
        visit.AssertNothingWentWrong();
    }

    private static async Task<string> Exact(ILocator time) => (await time.GetAttributeAsync("datetime"))!;

    /// <summary>The paths of the demo that a page links to.</summary>
    private static Task<string[]> Links(IPage page) => page.EvaluateAsync<string[]>("""
        () => [...document.querySelectorAll('a[href]')]
            .map(link => new URL(link.getAttribute('href'), document.baseURI))
            .filter(url => url.origin === location.origin)
            .map(url => url.pathname + url.search)
        """);

    /// <summary>Pictures that are none, and styles that say nothing.</summary>
    private static Task<string[]> MissingParts(IPage page) => page.EvaluateAsync<string[]>("""
        () => [
            ...[...document.images].filter(image => !image.naturalWidth).map(image => image.src),
            ...[...document.styleSheets].filter(style => !style.cssRules.length).map(style => style.href),
            ...[...document.querySelectorAll('link[rel=stylesheet]')].filter(link => !link.sheet).map(link => link.href),
        ]
        """);
}
