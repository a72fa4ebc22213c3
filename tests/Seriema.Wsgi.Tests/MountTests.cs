using System.Globalization;
using System.Text.Json;
using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>Several applications behind one gateway.</summary>
[Collection("Python")]
public sealed class MountTests(PythonFixture python)
{
    private const string Show = "conformance:show_environ";

    private static readonly GatewayOptions s_options = new()
    {
        Application = "factories:make_app('main')",
        Mounts =
        [
            new Mount("/show", Show),
            new Mount("/show/deeper/", Show),
            new Mount("/caf\u00e9", Show),
            new Mount("/made", "factories:make_app('made')"),
        ],
    };

    [Theory]
    [InlineData("/show", "/show", "")]
    [InlineData("/show/", "/show", "/")]
    [InlineData("/show/a/b?x=1", "/show", "/a/b")]
    [InlineData("/show//a", "/show", "//a")]
    [InlineData("/show/a%20b%2Fc", "/show", "/a b/c")]
    [InlineData("/%73how/%41", "/show", "/A")]
    [InlineData("/show/deeper", "/show/deeper", "")]
    [InlineData("/show/deeper/x", "/show/deeper", "/x")]
    [InlineData("/show/deepers", "/show", "/deepers")]
    [InlineData("/caf%C3%A9/x", "/caf\u00c3\u00a9", "/x")]
    [InlineData("http://example.org/show/a", "/show", "/a")]
    public void SCRIPT_NAME_and_PATH_INFO_are_split_at_the_prefix(string target, string scriptName, string pathInfo)
    {
        using var site = new SiteGateway(python, s_options);
        JsonElement environ = JsonDocument.Parse(site.Get(target).Body).RootElement;
        Assert.Equal(scriptName, environ.GetProperty("SCRIPT_NAME").GetString());
        Assert.Equal(pathInfo, environ.GetProperty("PATH_INFO").GetString());
        Assert.Equal(target, environ.GetProperty("REQUEST_URI").GetString());
    }

    [Theory]
    [InlineData("/", "main False []")]
    [InlineData("/shows", "main False []")]
    [InlineData("/made", "made False []")]
    [InlineData("/made/x", "made False []")]
    public void Each_path_has_its_application(string path, string body)
    {
        using var site = new SiteGateway(python, s_options);
        Assert.Equal(body, site.Get(path).Body);
    }

    [Fact]
    public void The_split_of_one_request_does_not_reach_the_next()
    {
        using var site = new SiteGateway(python, s_options with { Application = Show });
        site.Get("/show/a");
        JsonElement environ = JsonDocument.Parse(site.Get("/plain").Body).RootElement;
        Assert.Equal(("", "/plain"), (environ.GetProperty("SCRIPT_NAME").GetString(), environ.GetProperty("PATH_INFO").GetString()));
    }

    [Fact]
    public void What_nobody_answers_is_a_404_while_Python_is_busy()
    {
        using var site = new SiteGateway(python, s_options with { Application = null });
        FakeResponse? response = null;
        var caller = new Thread(() => response = site.Get("/other"));
        python.OnMain(() =>
        {
            using GilScope gil = GilScope.Enter();
            caller.Start();
            Assert.True(caller.Join(TimeSpan.FromSeconds(30)), "the 404 waits for the GIL");
        });
        Assert.Equal((404, "Not Found", "text/plain; charset=utf-8"), (response!.Status, response.Body, response["Content-Type"]));
        Assert.Null(response["Connection"]);
        Assert.Equal((404, "", "9"), (site.Head("/other").Status, site.Head("/other").Body, site.Head("/other")["Content-Length"]));
        Assert.Equal(200, site.Get("/show").Status);
        Assert.Empty(site.Log.Lines);
    }

    [Theory]
    [InlineData("/bad", "no_such_module:app", nameof(AppLoadError.ImportFailed), "mount /bad: No module named 'no_such_module'")]
    [InlineData("/bad", "factories:number", nameof(AppLoadError.NotCallable), "mount /bad: number in module 'factories' is not callable")]
    [InlineData("/bad", "factories:nope", nameof(AppLoadError.NotFound), "mount /bad: 'factories' has no attribute 'nope'")]
    [InlineData("/bad", ":", nameof(AppLoadError.BadTarget), "mount /bad: ':' is not MODULE:CALLABLE")]
    [InlineData("/bad", "broken_import", nameof(AppLoadError.ImportFailed), "mount /bad: cannot import module 'broken_import': KeyError")]
    [InlineData("bad", "factories", nameof(AppLoadError.BadPrefix), "mount 'bad': it does not begin with a slash")]
    [InlineData("/show/", "factories", nameof(AppLoadError.BadPrefix), "mount '/show/': it is given twice")]
    public void A_mount_that_cannot_be_loaded_is_named(string prefix, string target, string error, string message)
    {
        var bad = new Mount(prefix, target);
        var thrown = Assert.Throws<AppLoadException>(
            () => new SiteGateway(python, s_options with { Mounts = [.. s_options.Mounts, bad] }));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
        Assert.Equal(error, thrown.Error.ToString());
        Assert.Same(bad, thrown.Of);
    }

    [Fact]
    public void A_main_application_that_cannot_be_loaded_is_not_called_a_mount()
    {
        var thrown = Assert.Throws<AppLoadException>(
            () => new SiteGateway(python, s_options with { Application = "no_such_module" }));
        Assert.StartsWith("No module named 'no_such_module'", thrown.Message, StringComparison.Ordinal);
        Assert.Null(thrown.Of);
    }

    [Theory]
    [InlineData("/made")]
    [InlineData("/made/path%20with")]
    [InlineData("/main")]
    [InlineData("/nobody")]
    public void A_mounted_get_allocates_nothing_managed(string path)
    {
        using var site = new SiteGateway(python, s_options with { Application = path == "/nobody" ? null : s_options.Application });
        var exchange = new FakeExchange($"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n");
        long allocated = long.MaxValue;
        // The runtime itself allocates now and then while it compiles what is hot; a request that did would show in all.
        for (int round = 0; round < 5 && allocated != 0; round++)
        {
            Repeat(site.Thread, exchange);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(site.Thread, exchange);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated == 0, $"{allocated.ToString(CultureInfo.InvariantCulture)} bytes in 1000 requests");
    }

    [Theory]
    [InlineData("/x/boom", "RuntimeError: boom")]
    [InlineData("/x/boom_after_start", "RuntimeError: boom after start_response")]
    [InlineData("/x/none", "The application broke the rules of WSGI: it returned None")]
    public void In_development_the_browser_sees_what_the_log_says_of_any_application(string path, string text)
    {
        GatewayOptions options = new() { Mounts = [new Mount("/x", "conformance")], IsDevelopment = true };
        using var site = new SiteGateway(python, options);
        FakeResponse response = site.Get(path);
        Assert.Equal((500, "text/html; charset=utf-8", "no-store"), (response.Status, response["Content-Type"], response["Cache-Control"]));
        Assert.Contains(text, response.Body, StringComparison.Ordinal);
        Assert.Contains(text[^12..], site.Log.Text, StringComparison.Ordinal);
        using var production = new SiteGateway(python, options with { IsDevelopment = false });
        response = production.Get(path);
        Assert.Equal((500, "Internal Server Error", "text/plain; charset=utf-8"), (response.Status, response.Body, response["Content-Type"]));
    }

    private static void Repeat(GatewayThread thread, FakeExchange exchange)
    {
        for (int i = 0; i < 1000; i++)
        {
            exchange.Again();
            thread.Call(exchange);
        }
    }
}
