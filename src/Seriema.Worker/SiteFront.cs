using Seriema.Site;
using Seriema.Transport;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>What is answered on the loop, without the GIL and without a thread of the application: the files of the site.</summary>
/// <remarks>The thread that leads the loop, the reserve too. Owns the site.</remarks>
internal sealed class SiteFront : IDisposable
{
    private readonly StaticSite _files;
    private readonly Func<WsgiExchange, bool>? _goesFirst;
    private readonly Func<WsgiExchange, bool> _isTaken;

    /// <param name="files">What to serve.</param>
    /// <param name="goesFirst">Whether a script page or a mount takes it, when those go before files; null when files do. Without the GIL.</param>
    /// <param name="isTaken">Whether a script page, a mount or the main application takes it. Without the GIL.</param>
    internal SiteFront(StaticSite files, Func<WsgiExchange, bool>? goesFirst, Func<WsgiExchange, bool> isTaken) =>
        (_files, _goesFirst, _isTaken) = (files, goesFirst, isTaken);

    /// <summary>The files that the options ask for; null when they ask for none.</summary>
    /// <param name="options">What the server was told.</param>
    /// <param name="tell">Gets a line for the operator now and then. Loop thread.</param>
    /// <exception cref="LinuxException">A folder cannot be opened.</exception>
    internal static StaticSite? Open(WsgiServerOptions options, Action<string> tell)
    {
        if (options.Static.Count == 0) return null;
        return new StaticSite(new StaticSiteOptions
        {
            Mounts = [.. options.Static.Select(folder => new StaticMountOptions(folder.Url, Path.GetFullPath(folder.Folder)))],
            Hidden = [.. Hidden(options)],
            HiddenFolders = [.. options.Scripts.Select(folder => Path.GetFullPath(folder.Folder))],
            MediaTypes = MediaTypeTable.Read(),
            Listing = options.Listing,
            CacheRules = [.. options.CacheControl.Select(rule => new CacheRule(rule.Pattern, rule.Value))],
            NotFoundPage = options.NotFoundPage,
            Tell = tell,
            Limits = new SiteCacheLimits
            {
                OpenFiles = options.StaticOpenFiles,
                Files = options.StaticFiles,
                Bytes = options.StaticMemory,
                FileBytes = options.StaticFileMemory,
            },
        });
    }

    /// <summary>Becomes readable when a file has changed; negative where the kernel does not tell.</summary>
    internal int ChangesDescriptor => _files.ChangesDescriptor;

    /// <summary>Forgets what has changed on disk.</summary>
    internal void OnChanges() => _files.OnChanges();

    /// <summary>Answers, the response complete; false, and nothing written, when the request is the application's.</summary>
    internal bool TryServe(HttpExchange exchange)
    {
        if (_goesFirst is not null && _goesFirst(exchange)) return false;
        if (_files.TryServe(exchange)) return true;
        if (_isTaken(exchange)) return false;
        _files.ServeNotFound(exchange);
        return true;
    }

    public void Dispose() => _files.Dispose();

    // A script is called, never shown.
    private static IEnumerable<string> Hidden(WsgiServerOptions options) =>
        from files in options.Static
        from scripts in options.Scripts
        from below in SiteCheck.PathsInside(files.Folder, scripts.Folder)
        select $"{files.Url.Trim('/')}/{below}".Trim('/');
}
