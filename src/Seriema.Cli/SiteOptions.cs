using System.CommandLine;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options of the site: files, script pages and mounts.</summary>
internal sealed class SiteOptions
{
    private const string UrlFolderName = "URL=DIR";

    private static readonly WsgiServerOptions s_default = new();

    internal Option<string[]> Site { get; } =
        Create("DIR", "A whole site: the files of DIR/html, or of DIR itself, and the scripts of DIR/dynamic, all at /", "--site");

    internal Option<string[]> Static { get; } =
        Create(UrlFolderName, "Serve the files of this folder at URL; may be repeated", "--static");

    internal Option<bool> StaticFirst { get; } = Flag("A file goes before a script page or mount of the same path [the default]", "--static-first");

    internal Option<bool> StaticLast { get; } = Flag("A file is served where no script page and no mount takes the path, still before the application", "--static-last");

    internal Option<bool> Listing { get; } = Flag("Show what is in a folder without index.html", "--listing");

    internal Option<string[]> CacheControl { get; } =
        Create("PATTERN=VALUE", "Cache-Control of the files that the pattern (*, ?) matches, the whole path if a slash is in it; "
        + "may be repeated, the first that matches counts", "--cache-control");

    internal Option<string[]> NotFound { get; } = Create("URL", "The page, one of the files, for what nothing answers", "--not-found");

    internal Option<string[]> StaticOpenFiles { get; } =
        Create("N", Default("Most files kept open", s_default.StaticOpenFiles), "--static-open-files");

    internal Option<string[]> StaticFiles { get; } =
        Create("N", Default("Most files kept in memory", s_default.StaticFiles), "--static-files");

    internal Option<string[]> StaticMemory { get; } =
        Create("SIZE", Default("What those may take together", s_default.StaticMemory), "--static-memory");

    internal Option<string[]> StaticFileMemory { get; } =
        Create("SIZE", Default("The largest of them", s_default.StaticFileMemory), "--static-file-memory");

    internal Option<string[]> Scripts { get; } =
        Create(UrlFolderName, "Serve the Python files of this folder as pages at URL; may be repeated", "--scripts");

    internal Option<string[]> ScriptSuffix { get; } =
        Create("SUFFIX", $"What the path of a script page ends with [{s_default.ScriptSuffix}]", "--script-suffix");

    internal Option<string[]> Mount { get; } =
        Create("URL=MODULE:CALLABLE", "Serve this application at URL; may be repeated, the longest path counts", "--mount");

    internal Option<bool> Development { get; } = Flag("Show the traceback of a 500 in the browser: never where strangers see it", "--development");

    internal IEnumerable<Option> All =>
    [
        Site, Static, StaticFirst, StaticLast, Listing, CacheControl, NotFound, Scripts, ScriptSuffix, Development, Mount,
        StaticOpenFiles, StaticFiles, StaticMemory, StaticFileMemory,
    ];

    /// <summary>Whether there is something to serve without an application.</summary>
    internal bool IsGiven(ParseResult parsed) => parsed.Last(Site) is not null
        || parsed.Last(Static) is not null || parsed.Last(Scripts) is not null || parsed.Last(Mount) is not null;

    /// <summary>What <paramref name="parsed"/> asks for; of the options only those of the site are set.</summary>
    /// <exception cref="SettingsException">A value is not what its option takes.</exception>
    /// <exception cref="UnavailableException">A folder cannot be used.</exception>
    internal SiteSettings Read(ParseResult parsed)
    {
        List<UrlFolder> files = Folders(Static, parsed), scripts = Folders(Scripts, parsed);
        if (Seriema.Cli.Folders.Existing(Site.Name, parsed.Last(Site)) is { } site)
        {
            string pages = Path.Combine(site, "html"), dynamic = Path.Combine(site, "dynamic");
            files.Add(new UrlFolder("/", Directory.Exists(pages) ? pages : site));
            if (Directory.Exists(dynamic)) scripts.Add(new UrlFolder("/", dynamic));
        }
        if (parsed.GetValue(StaticFirst) && parsed.GetValue(StaticLast)) throw new UsageException("--static-first and --static-last exclude each other");
        return new SiteSettings
        {
            Static = files,
            Scripts = scripts,
            Mounts = [.. Pairs(Mount, parsed).Select(pair => new UrlApplication(pair.Name, pair.Value))],
            CacheControl = [.. Pairs(CacheControl, parsed).Select(pair => new CacheControlRule(pair.Name, pair.Value))],
        };
    }

    private static List<UrlFolder> Folders(Option<string[]> option, ParseResult parsed) =>
        [.. Pairs(option, parsed).Select(pair => new UrlFolder(pair.Name, Seriema.Cli.Folders.Existing(option.Name, pair.Value)!))];

    private static IEnumerable<(string Name, string Value)> Pairs(Option<string[]> option, ParseResult parsed)
    {
        foreach (string text in parsed.GetValue(option) ?? [])
        {
            int sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0) throw Values.Refuse(option.Name, text, "not " + option.HelpName);
            yield return (text[..sign], text[(sign + 1)..]);
        }
    }
}
