using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>A browser asks again only whether what it has is still good, and believes the answer.</summary>
[Collection(DemoFixture.Name)]
public sealed class CacheTests(DemoFixture fixture, OwnDemo own) : IClassFixture<OwnDemo>
{
    private readonly Demo _demo = own.Demo;

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        Exchanges exchanges = new(_demo.Server);
        await visit.Open("/");
        List<Exchange> first = exchanges.Take();
        Assert.All(first, exchange => Assert.True(exchange is { Status: 200, IsConditional: false }, $"{exchange}"));
        Assert.Superset(new HashSet<string> { "/", "/style.css", "/seriema.svg" }, first.Select(exchange => exchange.Path).ToHashSet());

        await visit.Page.ReloadAsync();
        List<Exchange> second = exchanges.Take();
        Assert.All(second, exchange => Assert.True(exchange is { Status: 304, IsConditional: true }, $"{exchange}"));
        Assert.Superset(new HashSet<string> { "/", "/style.css" }, second.Select(exchange => exchange.Path).ToHashSet());
        await AssertIsStyled(visit, "Python web applications, served from\u00a0C#");

        _demo.Edit("examples/site/html/style.css", "--paper: #fbf7f0;", "--paper: #fbf7f1;");
        await visit.Page.ReloadAsync();
        List<Exchange> third = exchanges.Take();
        Assert.All(third, exchange => Assert.True(exchange.Status == (exchange.Path == "/style.css" ? 200 : 304), $"{exchange}"));
        Assert.Contains(third, exchange => exchange.Path == "/style.css");
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Back_and_forward_send_nothing_again()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        Exchanges exchanges = new(_demo.Server);
        await visit.Open("/");
        await visit.Page.GetByRole(AriaRole.Navigation).GetByText("How it works").ClickAsync();
        await visit.Page.WaitForURLAsync("**/how.html");
        Assert.Equal(["/", "/how.html", "/style.css"], exchanges.Take()
            .Where(exchange => exchange.Status == 200 && exchange.Path != "/seriema.svg").Select(exchange => exchange.Path).Order());

        await visit.Page.GoBackAsync();
        await AssertIsStyled(visit, "Python web applications, served from\u00a0C#");
        await visit.Page.GoForwardAsync();
        await AssertIsStyled(visit, "How it works");
        Assert.All(exchanges.Take(), exchange => Assert.True(exchange.Status == 304, $"{exchange}"));
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Back_leads_from_a_greeting_to_the_form_without_sending_it_again()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        int start = _demo.Server.Log.Mark;
        await visit.Open("/frame/login");
        await visit.Page.GetByLabel("Name").FillAsync("guest");
        await visit.Page.GetByLabel("Password").FillAsync("seriema");
        await visit.Submit("Log in");
        await visit.Page.WaitForURLAsync("**/frame/hello/guest");
        await visit.Page.ReloadAsync();
        await visit.Page.GoBackAsync();
        await AssertIsStyled(visit, "Log in");
        new Exchanges(_demo.Server).Take(); // all that was asked for is in the log
        Assert.Single(_demo.Server.Log.All("^> POST ", start));
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Django_s_own_files_are_not_sent_twice()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        Exchanges exchanges = new(_demo.Server);
        await visit.Open("/django/admin/");
        Assert.Contains(exchanges.Take(), exchange => exchange is { Path: "/django/static/admin/css/login.css", Status: 200 });
        await visit.Page.ReloadAsync();
        Assert.DoesNotContain(exchanges.Take(), exchange => exchange.Path.StartsWith("/django/static/", StringComparison.Ordinal) && exchange.Status != 304);
        visit.AssertNothingWentWrong();
    }

    private static async Task AssertIsStyled(Visit visit, string heading)
    {
        Assert.Equal(heading, await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).InnerTextAsync());
        Assert.NotEqual("rgba(0, 0, 0, 0)", await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }
}
