using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>The sizes in which the demo is looked at.</summary>
internal static class Windows
{
    internal static BrowserNewContextOptions Desktop() => new() { ViewportSize = new() { Width = 1200, Height = 720 } };

    /// <summary>A small phone: 360 pixels are the narrowest that are common.</summary>
    internal static BrowserNewContextOptions Phone() => new()
    {
        ViewportSize = new() { Width = 360, Height = 740 },
        DeviceScaleFactor = 2,
        IsMobile = true,
        HasTouch = true,
    };
}
