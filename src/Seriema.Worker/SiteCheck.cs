using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>Refuses what cannot be a site, before anything is started.</summary>
internal static class SiteCheck
{
    // RFC 9110 §5.5: what a field's value may consist of.
    private const char FirstVisible = '!', LastVisible = '~';

    /// <exception cref="SettingsException">Names the first option that is wrong.</exception>
    internal static void Check(WsgiServerOptions options, bool isWhole)
    {
        bool hasSite = options.Static.Count + options.Scripts.Count + options.Mounts.Count > 0;
        if (options.Application is null ? !hasSite : string.IsNullOrWhiteSpace(options.Application))
        {
            throw new SettingsException("MODULE:CALLABLE", "''", "the application's name is empty");
        }
        if (options.Application is { } target && !IsTarget(target)) throw new SettingsException("MODULE:CALLABLE", target, NoTarget(target));
        foreach (UrlApplication mount in options.Mounts.Where(mount => mount.Application.Length > 0 && !IsTarget(mount.Application)))
        {
            throw new SettingsException("--mount", Shown($"{mount.Url}={mount.Application}"), NoTarget(mount.Application));
        }
        CheckUrls("--static", [.. options.Static.Select(folder => (folder.Url, folder.Folder))]);
        CheckUrls("--scripts", [.. options.Scripts.Select(folder => (folder.Url, folder.Folder))]);
        CheckUrls("--mount", [.. options.Mounts.Select(mount => (mount.Url, mount.Application))]);
        foreach (UrlFolder script in options.Scripts)
        {
            // A folder of scripts inside one of files is hidden there; but this one would hide all of it.
            if (options.Static.FirstOrDefault(folder => PathsInside(folder.Folder, script.Folder).Contains("")) is { } open)
            {
                throw new SettingsException(
                    "--scripts", $"{script.Url}={script.Folder}", $"--static {open.Url} would show the scripts themselves; they need a folder of their own");
            }
        }
        foreach (CacheControlRule rule in options.CacheControl) CheckRule(rule);
        if (options.NotFoundPage is { } page) CheckNotFound(page, options.Static, isWhole);
        if (!options.ScriptSuffix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw new SettingsException("--script-suffix", options.ScriptSuffix, "only letters, digits, '.', '-' and '_' may be in it");
        }
        OptionsCheck.InRange("--static-open-files", options.StaticOpenFiles, 1, 1 << 20);
        OptionsCheck.InRange("--static-files", options.StaticFiles, 1, 1 << 24);
        OptionsCheck.InRange("--static-memory", options.StaticMemory, 0, 1L << 40);
        OptionsCheck.InRange("--static-file-memory", options.StaticFileMemory, 0, 16 << 20);
    }

    private static void CheckNotFound(string page, IReadOnlyList<UrlFolder> files, bool isWhole)
    {
        if (!page.StartsWith('/')) throw new SettingsException("--not-found", page, "must begin with /");
        if (!isWhole) return;
        string path = page.Trim('/');
        if (files.Any(folder => folder.Url.Trim('/') is var url && (url.Length == 0 || path.StartsWith(url + "/", StringComparison.Ordinal)))) return;
        throw new SettingsException("--not-found", page, "is below no --static: the page is one of its files");
    }

    // What of it can be told without Python. An application that is missing altogether has its own message.
    private static bool IsTarget(string target)
    {
        int colon = target.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || !(string.IsNullOrWhiteSpace(target[..colon]) || string.IsNullOrWhiteSpace(target[(colon + 1)..]));
    }

    private static string NoTarget(string target) => $"'{Shown(target)}' is not MODULE:CALLABLE";

    private static void CheckUrls(string name, (string Url, string What)[] entries)
    {
        HashSet<string> seen = [];
        foreach ((string url, string what) in entries)
        {
            string value = Shown($"{url}={what}");
            if (what.Length == 0) throw new SettingsException(name, value, "nothing stands after the =");
            if (Problem(url) is { } problem) throw new SettingsException(name, value, problem);
            if (!seen.Add(url.Trim('/'))) throw new SettingsException(name, value, "the path is given twice");
        }
    }

    private static string? Problem(string url)
    {
        if (!url.StartsWith('/')) return "the path must begin with /";
        if (url.Contains("//", StringComparison.Ordinal)) return "no part of the path may be empty or begin with a dot";
        if (url.Any(IsNotForPaths)) return "the path must stand there as it is meant, without %, ?, # and \\";
        string inner = url.Trim('/');
        return inner.Length > 0 && inner.Split('/').Any(name => name is "" || name[0] == '.')
            ? "no part of the path may be empty or begin with a dot" : null;
    }

    private static bool IsNotForPaths(char c) => c is '%' or '?' or '#' or '\\' || char.IsControl(c);

    // A message is one line.
    private static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static void CheckRule(CacheControlRule rule)
    {
        string value = Shown($"{rule.Pattern}={rule.Value}");
        if (rule.Pattern.Length == 0) throw new SettingsException("--cache-control", value, "the pattern is empty");
        if (rule.Value.Any(c => c is not (' ' or (>= FirstVisible and <= LastVisible))) || rule.Value.Trim() != rule.Value)
        {
            throw new SettingsException("--cache-control", value, "that cannot be a field's value");
        }
    }

    /// <summary>Where <paramref name="inner"/> lies below <paramref name="outer"/>, by its name and by where links lead; empty for the same folder.</summary>
    internal static IEnumerable<string> PathsInside(string outer, string inner)
    {
        if (PathInside(outer, inner) is { } named) yield return named;
        if (PathInside(FolderRoot.RealPath(outer), FolderRoot.RealPath(inner)) is { } real) yield return real;
    }

    private static string? PathInside(string outer, string inner)
    {
        string path = Path.GetRelativePath(outer, inner);
        if (path == ".") return "";
        return path == ".." || path.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(path) ? null : path;
    }
}
