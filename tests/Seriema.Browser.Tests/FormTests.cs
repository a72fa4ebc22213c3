using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>Forms, as a person fills them in.</summary>
[Collection(DemoFixture.Name)]
public sealed class FormTests(DemoFixture fixture)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/frame/login")]
    public async Task Who_knows_the_password_is_greeted(string page)
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open(page);
        Assert.Equal(303, (await LogIn(visit, "guest", "seriema")).Status);
        await visit.Page.GetByText("Hello, guest!").WaitForAsync();
        Assert.Equal("/frame/hello/guest", new Uri(visit.Page.Url).AbsolutePath);
        visit.AssertNothingWentWrong();
    }

    [Theory]
    [InlineData("/", "guest", "wrong")]
    [InlineData("/frame/login", "nobody", "seriema")]
    [InlineData("/frame/login", "<b>\"&'ö☃", "seriema")]
    public async Task Who_does_not_is_told_so_and_may_try_again(string page, string name, string password)
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open(page);
        Assert.Equal(403, (await LogIn(visit, name, password)).Status);
        Assert.Equal($"{name} and this password do not belong together.", await visit.Page.GetByRole(AriaRole.Alert).InnerTextAsync());
        Assert.Equal(name, await visit.Page.GetByLabel("Name").InputValueAsync());
        Assert.Equal("", await visit.Page.GetByLabel("Password").InputValueAsync());
        Assert.Equal(303, (await LogIn(visit, "guest", "seriema")).Status);
        await visit.Page.GetByText("Hello, guest!").WaitForAsync();
    }

    [Fact]
    public async Task A_form_that_is_not_filled_in_is_not_sent()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/frame/login");
        int sent = 0;
        visit.Page.Request += (_, request) => sent += request.IsNavigationRequest ? 1 : 0;
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        // The browser shows what is missing by going there.
        await Assertions.Expect(visit.Page.GetByLabel("Name")).ToBeFocusedAsync();
        Assert.Equal(0, sent);
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_form_of_the_small_framework_may_ask_with_a_query()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/frame/");
        await visit.Page.GetByLabel("Your name").FillAsync("Ada & <Bob>");
        Assert.Equal(200, (await visit.Submit("Say hello")).Status);
        await visit.Page.GetByText("Hello, Ada & <Bob>!").WaitForAsync();
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Django_refuses_who_is_unknown_and_says_so()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/django/admin/");
        Assert.Equal(200, (await LogInToDjango(visit)).Status);
        await Assertions.Expect(visit.Page.Locator(".errornote")).ToContainTextAsync("enter the correct username and password");
        visit.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Django_refuses_a_form_without_its_cookie()
    {
        await using Visit visit = await fixture.Chromium.NewVisit(fixture.Demo);
        await visit.Open("/django/admin/");
        Assert.Contains(await visit.Page.Context.CookiesAsync(), cookie => cookie.Name == "csrftoken");
        await visit.Page.Context.ClearCookiesAsync();
        Assert.Equal(403, (await LogInToDjango(visit)).Status);
        await Assertions.Expect(visit.Page.Locator("body")).ToContainTextAsync("CSRF verification failed");
    }

    private static async Task<IResponse> LogIn(Visit visit, string name, string password)
    {
        await visit.Page.GetByLabel("Name").FillAsync(name);
        await visit.Page.GetByLabel("Password").FillAsync(password);
        return await visit.Submit("Log in");
    }

    private static async Task<IResponse> LogInToDjango(Visit visit)
    {
        await visit.Page.GetByLabel("Username").FillAsync("nobody");
        await visit.Page.GetByLabel("Password").FillAsync("nothing");
        return await visit.Submit("Log in");
    }
}
