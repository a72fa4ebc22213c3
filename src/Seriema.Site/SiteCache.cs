using System.Diagnostics.CodeAnalysis;

namespace Seriema.Site;

/// <summary>What the paths of the site lead to, as far as it was asked for lately; bounded in number, bytes and descriptors.</summary>
/// <remarks>The loop's thread. Owns its entries.</remarks>
internal sealed class SiteCache(SiteCacheLimits limits, WatchedFolders folders)
{
    // Longer paths are looked up each time: whoever invents them is not to fill the memory with them.
    private const int MaxPath = 512;

    private readonly Dictionary<byte[], SiteEntry> _entries = new(PathComparer.Instance);
    private readonly EntryList _files = new();
    private readonly EntryList _open = new();
    private readonly EntryList _missing = new();

    internal int Count => _entries.Count;

    internal int OpenFiles { get; private set; }

    /// <summary>What the files that are kept as bytes, and redirects, take.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The entry, which now is the last used one of its sort.</summary>
    internal bool TryGet(ReadOnlySpan<byte> path, [NotNullWhen(true)] out SiteEntry? entry)
    {
        if (!_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out entry)) return false;
        ListOf(entry).Touch(entry);
        return true;
    }

    /// <summary>What the path is known to lead to; Missing as well when nothing is known.</summary>
    internal EntryKind KindOf(ReadOnlySpan<byte> path) =>
        _entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out SiteEntry? entry) ? entry.Kind : EntryKind.Missing;

    /// <summary>Takes the entry over if there is room for its like; false when it stays the caller's.</summary>
    internal bool TryAdd(SiteEntry entry)
    {
        if (!entry.IsCacheable || entry.Path.Length > MaxPath || entry.Cost > limits.Bytes || entry.OpenFiles > limits.OpenFiles) return false;
        Remove(entry.Path);
        _entries.Add(entry.Path, entry);
        ListOf(entry).Add(entry);
        OpenFiles += entry.OpenFiles;
        if (entry.OpenFiles == 0 && entry.Kind != EntryKind.Missing) Bytes += entry.Cost;
        Trim();
        return true;
    }

    internal void Remove(ReadOnlySpan<byte> path)
    {
        if (_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out SiteEntry? entry)) Drop(entry);
    }

    /// <summary>Removes all whose path begins so; looks at every entry.</summary>
    internal void RemoveBelow(ReadOnlySpan<byte> folder)
    {
        foreach ((byte[] path, SiteEntry entry) in _entries)
        {
            if (path.AsSpan().StartsWith(folder)) Drop(entry);
        }
    }

    internal void Clear() => RemoveBelow(default);

    /// <summary>The process has no descriptor left: gives back those of files that are not being sent.</summary>
    internal void CloseFiles()
    {
        while (_open.Oldest is { } entry) Drop(entry);
    }

    private void Trim()
    {
        while (_missing.Count > limits.Missing) Drop(_missing.Oldest!);
        while (OpenFiles > limits.OpenFiles) Drop(_open.Oldest!);
        while (_files.Count > limits.Files || (Bytes > limits.Bytes && _files.Count > 0)) Drop(_files.Oldest!);
    }

    private void Drop(SiteEntry entry)
    {
        _entries.Remove(entry.Path);
        ListOf(entry).Remove(entry);
        OpenFiles -= entry.OpenFiles;
        if (entry.OpenFiles == 0 && entry.Kind != EntryKind.Missing) Bytes -= entry.Cost;
        folders.Release(entry.Folder);
        entry.Close();
    }

    private EntryList ListOf(SiteEntry entry) =>
        entry.Kind == EntryKind.Missing ? _missing : entry.OpenFiles > 0 ? _open : _files;

    /// <summary>Entries by use: the last used one in front.</summary>
    private sealed class EntryList
    {
        private SiteEntry? _newest;

        internal int Count { get; private set; }

        internal SiteEntry? Oldest { get; private set; }

        internal void Add(SiteEntry entry)
        {
            entry.Older = _newest;
            entry.Newer = null;
            if (_newest is not null) _newest.Newer = entry;
            _newest = entry;
            Oldest ??= entry;
            Count++;
        }

        internal void Remove(SiteEntry entry)
        {
            if (entry.Newer is null) _newest = entry.Older;
            else entry.Newer.Older = entry.Older;
            if (entry.Older is null) Oldest = entry.Newer;
            else entry.Older.Newer = entry.Newer;
            Count--;
        }

        internal void Touch(SiteEntry entry)
        {
            if (entry == _newest) return;
            Remove(entry);
            Add(entry);
        }
    }
}
