using System.Globalization;
using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>What changes on disk shows at the next look, with the server running on.</summary>
[Collection(DemoFixture.Name)]
public sealed class EditTests(DemoFixture fixture, OwnDemo own) : IClassFixture<OwnDemo>
{
    private readonly Demo _demo = own.Demo;

    [Fact]
    public async Task A_page_shows_what_was_written_into_its_file()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        ILocator heading = visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });
        await visit.Open("/how.html");
        Assert.Equal("How it works", await heading.InnerTextAsync());

        _demo.Edit("examples/site/html/how.html", "<h1>How it works</h1>", "<h1>How it was</h1>");
        await visit.Page.ReloadAsync();
        Assert.Equal("How it was", await heading.InnerTextAsync());

        // The same length: only its time and its bytes differ.
        _demo.Edit("examples/site/html/how.html", "<h1>How it was</h1>", "<h1>How it saw</h1>");
        await visit.Page.ReloadAsync();
        Assert.Equal("How it saw", await heading.InnerTextAsync());

        _demo.Edit("examples/site/html/style.css", "--paper: #fbf7f0;", "--paper: #010203;");
        await visit.Page.ReloadAsync();
        Assert.Equal("rgb(1, 2, 3)", await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_script_runs_as_it_is_now_and_a_mistake_in_it_harms_no_other()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        ILocator heading = visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });
        await visit.Open("/mytime.py");
        Assert.Equal("The time", await heading.InnerTextAsync());

        _demo.Edit("examples/site/dynamic/mytime.py", "<h1>The time</h1>", "<h1>The hour</h1>");
        await visit.Page.ReloadAsync();
        Assert.Equal("The hour", await heading.InnerTextAsync());

        _demo.Edit("examples/site/dynamic/mytime.py", "def application():", "def application(:");
        Assert.Equal(500, (await visit.Page.ReloadAsync())!.Status);
        Assert.Equal(200, (await visit.Open("/hello.py")).Status);

        _demo.Edit("examples/site/dynamic/mytime.py", "def application(:", "def application():");
        Assert.Equal(200, (await visit.Open("/mytime.py")).Status);
        Assert.Equal("The hour", await heading.InnerTextAsync());
    }

    [Fact]
    public async Task The_script_that_the_first_page_tells_to_add_answers_at_once()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(_demo);
        Assert.Equal(404, (await visit.Open("/dice.py")).Status);
        await visit.Open("/");
        string code = await visit.Page.Locator("pre").InnerTextAsync();
        string[] words = code.Split('\n')[0].Split(' ');
        Assert.Equal(["#", "examples/site/dynamic/dice.py"], words);
        await File.WriteAllTextAsync(_demo.At(words[1]), code);
        Assert.Equal(200, (await visit.Open("/dice.py")).Status);
        string number = await visit.Page.Locator("body").InnerTextAsync();
        Assert.InRange(int.Parse(number, CultureInfo.InvariantCulture), 1, 6);
    }
}
