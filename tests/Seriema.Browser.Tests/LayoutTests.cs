using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>The demo's own pages can be read: on a phone, with a keyboard, by who hears them, by day and by night.</summary>
[Collection(DemoFixture.Name)]
public sealed class LayoutTests(DemoFixture fixture)
{
    private static readonly string[] s_pages =
    [
        "/", "/how.html", "/mytime.py", "/no/such/page", "/frame/", "/frame/login", "/frame/time", "/frame/hello/you", "/frame/static/about.html",
    ];

    [Fact]
    public async Task No_page_is_wider_than_a_phone()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo, Windows.Phone());
        await Ask(visit, """
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
                [...document.body.querySelectorAll('*')]
                    .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth)
                    .map(element => `${element.tagName} ends at ${element.getBoundingClientRect().right}`)
                    .concat(`the page is ${document.documentElement.scrollWidth} wide`)
            """);
    }

    [Fact]
    public async Task Every_page_says_what_it_is_to_who_does_not_see_it()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await Ask(visit, """
            () => {
                const all = selector => [...document.querySelectorAll(selector)];
                const mistakes = [];
                if (!document.title) mistakes.push('no title');
                if (document.documentElement.lang !== 'en') mistakes.push('no language');
                if (all('h1').length !== 1) mistakes.push(`${all('h1').length} first headings`);
                if (all('main').length !== 1) mistakes.push(`${all('main').length} main parts`);
                for (const image of all('img:not([alt])')) mistakes.push(`${image.src} has no words instead`);
                for (const field of all('input, select, textarea')) if (!field.labels.length) mistakes.push(`${field.name} has no label`);
                for (const link of all('a, button')) {
                    if (!(link.innerText.trim() || link.ariaLabel)) mistakes.push(`${link.outerHTML} has no name`);
                }
                return mistakes;
            }
            """);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Text_stands_out_from_what_is_behind_it(ColorScheme scheme)
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo, new BrowserNewContextOptions { ColorScheme = scheme });
        await Ask(visit, Contrast.FaintTexts);
    }

    [Fact]
    public async Task The_picture_of_the_first_page_is_described()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/");
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Img, new() { Name = "A seriema, a grey-brown bird" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_first_key_leads_past_the_navigation()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/");
        ILocator skip = visit.Page.GetByRole(AriaRole.Link, new() { Name = "To the content" });
        await Assertions.Expect(skip).Not.ToBeInViewportAsync();
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(skip).ToBeFocusedAsync();
        await Assertions.Expect(skip).ToBeInViewportAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForURLAsync("**/#main");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "See what is running" })).ToBeFocusedAsync();
    }

    /// <summary>Has each page name its mistakes.</summary>
    private static async Task Ask(Visit visit, string script)
    {
        List<string> mistakes = [];
        foreach (string path in s_pages)
        {
            await visit.Open(path);
            foreach (string mistake in await visit.Page.EvaluateAsync<string[]>(script)) mistakes.Add($"{path}: {mistake}");
        }
        Assert.Empty(mistakes);
    }
}
