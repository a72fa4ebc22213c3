using Seriema.Site;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>What is answered on the loop, without the GIL and without a thread of the application: the files of the site.</summary>
/// <remarks>The thread that leads the loop, the reserve too. Owns the site.</remarks>
internal sealed class SiteFront(StaticSite files, bool isLast, bool hasApplication) : IDisposable
{
    /// <summary>The site that the options ask for; null when they ask for no files.</summary>
    /// <exception cref="LinuxException">A folder cannot be opened.</exception>
    internal static SiteFront? Open(WsgiServerOptions options, Func<IReadOnlyDictionary<string, string>> readMediaTypes)
    {
        if (options.Static.Count == 0) return null;
        StaticSite files = new(new StaticSiteOptions
        {
            Mounts = [.. options.Static.Select(folder => new StaticMountOptions(folder.Url, folder.Folder))],
            Hidden = [.. Hidden(options)],
            MediaTypes = readMediaTypes(),
            Listing = options.Listing,
            CacheRules = [.. options.CacheControl.Select(rule => new CacheRule(rule.Pattern, rule.Value))],
            NotFoundPage = options.NotFoundPage,
            Limits = new SiteCacheLimits
            {
                OpenFiles = options.StaticOpenFiles,
                Files = options.StaticFiles,
                Bytes = options.StaticMemory,
                FileBytes = options.StaticFileMemory,
            },
        });
        return new SiteFront(files, options.StaticLast, options.Application is not null);
    }

    /// <summary>Becomes readable when a file has changed; negative where the kernel does not tell.</summary>
    internal int ChangesDescriptor => files.ChangesDescriptor;

    /// <summary>Forgets what has changed on disk.</summary>
    internal void OnChanges() => files.OnChanges();

    /// <summary>Answers, the response complete; false, and nothing written, when the request is the application's.</summary>
    internal bool TryServe(HttpExchange exchange)
    {
        if (isLast && hasApplication) return false;
        if (files.TryServe(exchange)) return true;
        if (hasApplication) return false;
        files.ServeNotFound(exchange);
        return true;
    }

    public void Dispose() => files.Dispose();

    // A script is called, never shown.
    private static IEnumerable<string> Hidden(WsgiServerOptions options) =>
        from files in options.Static
        from scripts in options.Scripts
        let below = SiteCheck.PathInside(files.Folder, scripts.Folder)
        where below is not null
        select $"{files.Url.Trim('/')}/{below}".Trim('/');
}
