namespace Seriema.Server.Tests;

/// <summary>What the constructor of <see cref="WsgiServer"/> refuses, before anything is started.</summary>
public sealed class OptionsTests
{
    public static TheoryData<WsgiServerOptions, string> Unusable => new()
    {
        { new() { Application = " " }, "MODULE:CALLABLE" },
        { new(), "MODULE:CALLABLE" },
        { new() { Static = [new("files", "/")] }, "--static" },
        { new() { Static = [new("/", "/"), new("/", "/tmp")] }, "--static" },
        { new() { Scripts = [new("/", "/tmp")], Static = [new("/", "/tmp/")] }, "--scripts" },
        { new() { Mounts = [new("/x", "")] }, "--mount" },
        { new() { Mounts = [new("/x", ":app")] }, "--mount" },
        { new() { Mounts = [new("/x", "app: ")] }, "--mount" },
        { new() { Application = ":app" }, "MODULE:CALLABLE" },
        { new() { Application = "a:b", NotFoundPage = "/404.html" }, "--not-found" },
        { new() { Static = [new("/files", "/")], NotFoundPage = "/files.html" }, "--not-found" },
        { new() { Application = "a:b", CacheControl = [new("*", "a\r\nb")] }, "--cache-control" },
        { new() { Application = "a:b", ScriptSuffix = "/" }, "--script-suffix" },
        { new() { Application = "a:b", Bind = [] }, "--bind" },
        { new() { Application = "a:b", Bind = ["127.0.0.1:70000"] }, "--bind" },
        { new() { Application = "a:b", Bind = ["[::1"] }, "--bind" },
        { new() { Application = "a:b", Bind = ["::1"] }, "--bind" },
        { new() { Application = "a:b", Threads = 0 }, "--threads" },
        { new() { Application = "a:b", Backlog = 0 }, "--backlog" },
        { new() { Application = "a:b", LimitRequestBody = -1 }, "--limit-request-body" },
        { new() { Application = "a:b", ResponseBuffer = 1 }, "--response-buffer" },
        { new() { Application = "a:b", KeepAlive = TimeSpan.Zero }, "--keep-alive" },
        { new() { Application = "a:b", GracefulTimeout = TimeSpan.FromSeconds(-1) }, "--graceful-timeout" },
    };

    [Theory, MemberData(nameof(Unusable))]
    public void An_option_that_cannot_be_used_is_named(WsgiServerOptions options, string setting)
    {
        SettingsException error = Assert.Throws<SettingsException>(() => new WsgiServer(options));
        Assert.Equal(setting, error.Setting);
        Assert.StartsWith($"{setting} {error.Value}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Without_options_there_is_no_server() =>
        Assert.Throws<ArgumentNullException>(() => new WsgiServer(null!));

    [Fact]
    public async Task A_server_that_was_never_started_can_be_stopped_and_disposed()
    {
        var server = new WsgiServer(new WsgiServerOptions { Application = "a:b" });
        await server.StopAsync();
        await server.DisposeAsync();
        Assert.Empty(server.Addresses);
    }
}
