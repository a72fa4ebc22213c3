using System.Diagnostics;
using Microsoft.Playwright;
using Seriema.Process.Tests;

namespace Seriema.Browser.Tests;

/// <summary>One headless browser of the machine's own, for as many visits as wanted. Owns it and Playwright's driver.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <exception cref="InvalidOperationException">There is no browser; the message says where to get one.</exception>
    internal static async Task<Chromium> Start()
    {
        string path = await Find();
        IPlaywright playwright = await Playwright.CreateAsync();
        try
        {
            IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                // Chromium's sandbox refuses root and most containers; the only pages here are our own.
                ChromiumSandbox = false,
                // A container's /dev/shm may be too small for a page.
                Args = ["--disable-dev-shm-usage", "--disable-gpu"],
                Timeout = Visit.Patience,
            });
            return new Chromium(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>A window that shares nothing with any other: no cookie and no cache.</summary>
    internal async Task<Visit> NewVisit(Demo demo, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL = demo.Address;
        options.Locale = "en-GB";
        return await Visit.Begin(await _browser.NewContextAsync(options));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }

    // The script decides, for scripts/setup as well.
    private static async Task<string> Find()
    {
        ProcessStartInfo start = new(Path.Combine(ServerProcess.Repository, "scripts", "chromium"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using System.Diagnostics.Process script = System.Diagnostics.Process.Start(start)!;
        Task<string> error = script.StandardError.ReadToEndAsync();
        string path = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? path.Trim() : throw new InvalidOperationException((await error).Trim());
    }
}
