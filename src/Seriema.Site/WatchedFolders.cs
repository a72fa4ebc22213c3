using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Site;

/// <summary>The folders that entries came from, and what to forget when something in one of them changes.</summary>
/// <remarks>
/// The loop's thread. Owns the watches. Every folder between the mount's and the file's is watched, because each can be
/// renamed; and it is watched before anything in it is looked at, so that no change slips in between.
/// </remarks>
internal sealed class WatchedFolders(Inotify inotify, int most, Action<string> tell)
{
    // One busy writer must not keep the loop; what is left makes the descriptor readable again at once.
    private const int MaxReads = 8;

    private readonly Dictionary<byte[], WatchedFolder> _folders = new(PathComparer.Instance);
    private readonly Dictionary<int, List<WatchedFolder>> _byWatch = [];
    private readonly byte[] _key = new byte[Protocol.UrlPath.MaxLength + 512]; // a path, and a name of at most 255 bytes

    private bool _hasTold;

    internal int Watches => _byWatch.Count;

    internal int Count => _folders.Count;

    /// <summary>The folder, or the first on the way to it that is not there. To be given back.</summary>
    /// <param name="mount">Where the path leads into the file system.</param>
    /// <param name="path">The folder's path in the site, with its slash.</param>
    /// <param name="now">The time.</param>
    internal WatchedFolder Acquire(StaticMount mount, ReadOnlySpan<byte> path, DateTime now)
    {
        WatchedFolder folder = Get(mount, null, path[..mount.Prefix.Length], now);
        for (int at = mount.Prefix.Length; at < path.Length && !folder.IsAbsent;)
        {
            at += path[at..].IndexOf((byte)'/') + 1;
            folder = Get(mount, folder, path[..at], now);
        }
        folder.Users++;
        return folder;
    }

    /// <summary>Ends what <see cref="Acquire"/> began.</summary>
    internal void Release(WatchedFolder? folder)
    {
        while (folder is not null && --folder.Users == 0)
        {
            _folders.Remove(folder.Path);
            Unwatch(folder);
            folder = folder.Parent;
        }
    }

    /// <summary>Forgets what has changed.</summary>
    internal void OnChanges(SiteCache cache)
    {
        for (int i = 0; i < MaxReads; i++)
        {
            Inotify.Events events = inotify.Read();
            if (events.IsEmpty) return;
            while (events.MoveNext())
            {
                if (events.Change == FolderChange.Lost)
                {
                    cache.Clear(); // what is asked for again is looked up, and watched, again
                }
                else if (_byWatch.TryGetValue(events.Watch, out List<WatchedFolder>? folders))
                {
                    Apply(events, [.. folders], cache);
                }
            }
        }
    }

    private void Apply(in Inotify.Events events, WatchedFolder[] folders, SiteCache cache)
    {
        if (events.Change == FolderChange.WatchEnded) _byWatch.Remove(events.Watch);
        foreach (WatchedFolder folder in folders)
        {
            if (events.Change == FolderChange.WatchEnded) folder.Watch = WatchedFolder.NoWatch;
            if (events.Change == FolderChange.Name) OnName(folder, events.Name, cache);
            else cache.RemoveBelow(folder.Path);
        }
    }

    private void OnName(WatchedFolder folder, ReadOnlySpan<byte> name, SiteCache cache)
    {
        folder.Path.CopyTo(_key, 0);
        name.CopyTo(_key.AsSpan(folder.Path.Length));
        int length = folder.Path.Length + name.Length;
        cache.Remove(_key.AsSpan(0, length));
        int suffix = PrecompressedFiles.SuffixOf(PrecompressedFiles.OfName(name)).Length;
        if (suffix > 0) cache.Remove(_key.AsSpan(0, length - suffix));
        // The folder's own page is its index, or was made for want of one.
        if (cache.KindOf(folder.Path) != EntryKind.File || name.StartsWith(SiteLoader.IndexName)) cache.Remove(folder.Path);
        _key[length++] = (byte)'/';
        ReadOnlySpan<byte> below = _key.AsSpan(0, length);
        if (_folders.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(below)) cache.RemoveBelow(below);
    }

    private WatchedFolder Get(StaticMount mount, WatchedFolder? parent, ReadOnlySpan<byte> path, DateTime now)
    {
        if (_folders.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out WatchedFolder? known))
        {
            // That it came may not have been told, as on a network file system.
            if (known.IsAbsent && (now - known.CheckedAt).Duration() >= SiteLoader.IntervalOf(known.IsReliable)) Look(mount, known, now);
            return known;
        }
        WatchedFolder folder = new(path.ToArray(), parent);
        Look(mount, folder, now);
        if (parent is not null) parent.Users++;
        _folders.Add(folder.Path, folder);
        return folder;
    }

    private void Look(StaticMount mount, WatchedFolder folder, DateTime now)
    {
        folder.CheckedAt = now;
        int fd = mount.Root.OpenFolder(folder.Path.AsSpan(mount.Prefix.Length).TrimEnd((byte)'/'), out bool overLink);
        // What cannot be opened for another reason than its absence may be there the next moment, untold.
        folder.IsAbsent = Outcomes.IsAbsence(fd);
        if (fd >= 0)
        {
            folder.Watch = Watch(folder, fd);
            _ = Files.Close(fd);
        }
        // The target of a link may be renamed where no watch is.
        folder.IsReliable = (folder.Parent?.IsReliable ?? true) && !overLink && (folder.IsAbsent || folder.Watch >= 0);
    }

    private int Watch(WatchedFolder folder, int fd)
    {
        int watch = inotify.Add(fd);
        if (watch < 0) return WithoutWatch(watch);
        if (!_byWatch.TryGetValue(watch, out List<WatchedFolder>? folders))
        {
            if (_byWatch.Count >= most)
            {
                inotify.Remove(watch);
                return WatchedFolder.NoWatch;
            }
            _byWatch.Add(watch, folders = []);
        }
        folders.Add(folder);
        return watch;
    }

    private int WithoutWatch(int error)
    {
        // EACCES is one folder that may be searched but not read; ENOENT one that is gone. The others concern all folders.
        if (!_hasTold && error is not (-FileErrno.EACCES or -Errno.ENOENT))
        {
            _hasTold = true;
            string message = new LinuxException("inotify", -error).Message;
            tell($"{message} (fs.inotify.max_user_watches, max_user_instances); changed files show after a second");
        }
        return WatchedFolder.NoWatch;
    }

    private void Unwatch(WatchedFolder folder)
    {
        if (folder.Watch < 0 || !_byWatch.TryGetValue(folder.Watch, out List<WatchedFolder>? folders)) return;
        folders.Remove(folder);
        if (folders.Count > 0) return;
        _byWatch.Remove(folder.Watch);
        inotify.Remove(folder.Watch);
    }
}
