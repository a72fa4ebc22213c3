using System.Text;
using Seriema.Protocol;
using Seriema.Transport;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>Serves the files of one or more folders. Owns the folders' descriptors, the cache and the watches.</summary>
/// <remarks>
/// One thread at a time, the one that leads the loop; nothing here waits for a client or calls Python. The loop watches
/// <see cref="ChangesDescriptor"/> for reading and calls <see cref="OnChanges"/>: then a change of a file shows in the
/// next request. Without that it shows within ten seconds.
/// </remarks>
internal sealed class StaticSite : IDisposable
{
    private static readonly byte[] s_allow = [.. "GET, HEAD"u8];

    private readonly StaticMount[] _mounts; // the longest prefix first
    private readonly StaticSiteOptions _options;
    private readonly byte[]? _notFoundPage;
    private readonly byte[][] _hidden;
    private readonly TimeProvider _time;
    private readonly Inotify _inotify;
    private readonly WatchedFolders _folders;
    private readonly SiteLoader _loader;
    private readonly byte[] _path = new byte[UrlPath.MaxLength + 1];

    /// <exception cref="ArgumentException">A prefix is no path, or used twice.</exception>
    /// <exception cref="LinuxException">A folder cannot be opened.</exception>
    internal StaticSite(
        StaticSiteOptions options, TimeProvider? time = null, Inotify? inotify = null, Func<string, FolderRoot>? open = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _mounts = Open(options.Mounts, open ?? (path => new FolderRoot(path)));
        _notFoundPage = options.NotFoundPage is { } page ? Encoding.UTF8.GetBytes(page.Trim('/')) : null;
        _hidden = [.. options.Hidden.Select(Encoding.UTF8.GetBytes)];
        _inotify = inotify ?? new Inotify();
        _folders = new WatchedFolders(_inotify, options.Limits.Watches, options.Tell);
        _loader = new SiteLoader(options, _folders);
        Cache = new SiteCache(options.Limits, _folders);
    }

    /// <summary>Readable when <see cref="OnChanges"/> has something to do; negative where the kernel gives none.</summary>
    internal int ChangesDescriptor => _inotify.Descriptor;

    internal SiteCache Cache { get; }

    /// <summary>How many folders are watched.</summary>
    internal int Watches => _folders.Watches;

    /// <summary>Forgets what has changed on disk.</summary>
    internal void OnChanges() => _folders.OnChanges(Cache);

    /// <summary>
    /// Answers, the response complete, if the path is one of a file, a folder with an index, or a folder whose slash is
    /// missing. False when it is not: nothing is written, and the request is another's.
    /// </summary>
    internal bool TryServe(WsgiExchange exchange)
    {
        RequestHead head = exchange.Head;
        if (head.Form is not (TargetForm.Origin or TargetForm.Absolute)) return false;
        PathVerdict verdict = UrlPath.Decode(
            head.Path.Of(exchange.HeadBytes), _path, _options.WellKnown, out int length, out bool endsWithSlash);
        if (verdict != PathVerdict.Ok) return false;
        if (endsWithSlash && length > 0) _path[length++] = (byte)'/';
        ReadOnlySpan<byte> path = _path.AsSpan(0, length);
        if (IsHidden(path)) return false;
        StaticMount? mount = MountOf(path);
        if (mount is null) return TryRedirectToMount(exchange, path);
        DateTime now = _time.GetUtcNow().UtcDateTime;
        SiteEntry? entry = Find(mount, path, now, out bool isCached);
        bool isServed = entry is not null && Serve(exchange, entry, now);
        if (entry is not null && !isCached) _loader.Discard(entry);
        return isServed || TryRedirectToMount(exchange, path);
    }

    /// <summary>Answers 404, with the site's own page for it where there is one. For a request that nobody took.</summary>
    internal void ServeNotFound(WsgiExchange exchange)
    {
        if (_notFoundPage is { } page && MountOf(page) is { } mount)
        {
            SiteEntry? entry = Find(mount, page, _time.GetUtcNow().UtcDateTime, out bool isCached);
            bool isFile = entry is { Kind: EntryKind.File };
            if (isFile) FileResponse.ServeAs(exchange, entry!, 404);
            if (entry is not null && !isCached) _loader.Discard(entry);
            if (isFile) return;
        }
        TextResponse.Send(exchange, 404);
    }

    public void Dispose()
    {
        Cache.Clear();
        _inotify.Dispose();
        foreach (StaticMount mount in _mounts) mount.Dispose();
    }

    private SiteEntry? Find(StaticMount mount, ReadOnlySpan<byte> path, DateTime now, out bool isCached)
    {
        if (mount.IsReplaced(now, SiteLoader.UnreliableInterval)) Cache.RemoveBelow(mount.Prefix);
        isCached = Cache.TryGet(path, out SiteEntry? entry);
        if (isCached)
        {
            if (_loader.IsCurrent(entry!, now)) return entry;
            Cache.Remove(path);
        }
        entry = _loader.Load(mount, path, now);
        if (entry is { Kind: EntryKind.Failed } && Outcomes.IsOutOfDescriptors(entry.Error))
        {
            _loader.Discard(entry);
            Cache.CloseFiles();
            entry = _loader.Load(mount, path, now);
        }
        isCached = entry is not null && Cache.TryAdd(entry);
        return entry;
    }

    private static bool Serve(WsgiExchange exchange, SiteEntry entry, DateTime now)
    {
        bool isRead = exchange.Head.IsGet || exchange.Head.IsHead;
        switch (entry.Kind)
        {
            case EntryKind.Missing: return false;
            case EntryKind.Redirect:
                // A browser would repeat a POST as a GET; whoever takes POST there is not this site.
                if (!isRead) return false;
                Redirect(exchange, entry.Path);
                return true;
            case EntryKind.Failed: TextResponse.Send(exchange, 503); return true;
            default:
                if (isRead) FileResponse.Serve(exchange, entry, (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond);
                else TextResponse.Send(exchange, 405, "Allow"u8, s_allow);
                return true;
        }
    }

    // "/static" for a mount at "/static/"
    private bool TryRedirectToMount(WsgiExchange exchange, ReadOnlySpan<byte> path)
    {
        if (!exchange.Head.IsGet && !exchange.Head.IsHead) return false;
        foreach (StaticMount mount in _mounts)
        {
            ReadOnlySpan<byte> prefix = mount.Prefix;
            if (prefix.Length != path.Length + 1 || !prefix.StartsWith(path)) continue;
            Redirect(exchange, path);
            return true;
        }
        return false;
    }

    // The path begins with exactly one slash, and no backslash is in it: "//host" would lead to another server. It is
    // written anew from what was decoded, so it holds nothing that ends a field or a path.
    private static void Redirect(WsgiExchange exchange, ReadOnlySpan<byte> path)
    {
        byte[] location = Encoding.ASCII.GetBytes("/" + UrlText.Encode(path) + "/");
        // A proxy in front took this off the path; to the client it belongs there.
        if (exchange.Forwarded is { Prefix: [_, .. var prefix] }) location = [.. Encoding.ASCII.GetBytes("/" + UrlText.Encode(prefix)), .. location];
        RequestHead head = exchange.Head;
        if (head.HasQuery) location = [.. location, (byte)'?', .. head.Query.Of(exchange.HeadBytes)];
        TextResponse.Send(exchange, 301, "Location"u8, location);
    }

    private bool IsHidden(ReadOnlySpan<byte> path)
    {
        foreach (byte[] hidden in _hidden)
        {
            if (path.StartsWith(hidden) && (path.Length == hidden.Length || path[hidden.Length] == (byte)'/')) return true;
        }
        return false;
    }

    private StaticMount? MountOf(ReadOnlySpan<byte> path)
    {
        foreach (StaticMount mount in _mounts)
        {
            if (path.StartsWith(mount.Prefix)) return mount;
        }
        return null;
    }

    private static StaticMount[] Open(IReadOnlyList<StaticMountOptions> options, Func<string, FolderRoot> open)
    {
        List<StaticMount> mounts = [];
        try
        {
            foreach (StaticMountOptions option in options)
            {
                StaticMount mount = new(option, open);
                if (mounts.Exists(other => other.Prefix.AsSpan().SequenceEqual(mount.Prefix)))
                {
                    mount.Dispose();
                    throw new ArgumentException($"there are two folders for '{option.Prefix}'", nameof(options));
                }
                mounts.Add(mount);
            }
        }
        catch
        {
            foreach (StaticMount mount in mounts) mount.Dispose();
            throw;
        }
        return [.. mounts.OrderByDescending(mount => mount.Prefix.Length)];
    }
}
