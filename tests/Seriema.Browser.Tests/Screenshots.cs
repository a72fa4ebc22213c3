using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>The pictures of the documents: <c>scripts/screenshots</c> makes them.</summary>
internal static class Screenshots
{
    internal static IReadOnlyList<(string Name, string Path, bool IsPhone)> All { get; } =
    [
        ("index.png", "/", false),
        ("phone.png", "/", true),
        ("mytime.png", "/mytime.py", false),
        ("frame-login.png", "/frame/login", false),
        ("django-admin.png", "/django/admin/", false),
    ];

    /// <summary>Writes all of them into a folder.</summary>
    internal static async Task Make(Chromium chromium, Demo demo, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, string path, bool isPhone) in All)
        {
            await using Visit visit = await chromium.NewVisit(demo, isPhone ? Windows.Phone() : Windows.Desktop());
            await visit.Open(path);
            visit.AssertNothingWentWrong();
            // The whole first page, so that the picture in the README shows what is running.
            await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = path == "/" && !isPhone });
        }
    }
}
