namespace Seriema.Browser.Tests;

/// <summary>The browser of all tests, and the demo of those that change nothing in it.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    internal const string Name = "browser";

    internal Chromium Chromium { get; private set; } = null!;

    internal Demo Demo { get; private set; } = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        Demo = Demo.Start();
        Chromium = await Chromium.Start(); // when there is none, xunit disposes of the fixture all the same
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        if (Chromium is not null) await Chromium.DisposeAsync();
        Demo?.Dispose();
    }
}
