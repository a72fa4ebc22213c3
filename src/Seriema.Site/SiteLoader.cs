using System.Text;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>Finds out what a path leads to, and whether it still does.</summary>
/// <remarks>The loop's thread. A cold disk holds it up as it would any server that reads files on its loop.</remarks>
internal sealed class SiteLoader(StaticSiteOptions options, WatchedFolders folders)
{
    private const int MaxReads = 4; // of a file that somebody is writing: the last reading is sent as it is

    /// <summary>After so long an entry is looked at again although no change was told: network file systems tell none.</summary>
    internal static readonly TimeSpan ReliableInterval = TimeSpan.FromSeconds(10);

    /// <summary>The same where changes are not told for certain.</summary>
    internal static readonly TimeSpan UnreliableInterval = TimeSpan.FromSeconds(1);

    internal static TimeSpan IntervalOf(bool isReliable) => isReliable ? ReliableInterval : UnreliableInterval;

    private readonly UnreadableFiles _unreadable = new(options.Tell);
    private readonly MediaTypes _types = new(options.MediaTypes);
    private readonly CacheControl _cacheControl = new(options.CacheRules, options.HashedCacheControl);

    /// <summary>The file that stands for its folder.</summary>
    internal static ReadOnlySpan<byte> IndexName => "index.html"u8;

    /// <summary>What the path leads to; null when it leads nowhere and that costs next to nothing to find out again.</summary>
    /// <param name="mount">The mount with the longest prefix.</param>
    /// <param name="path">The decoded path in the site; that of a folder ends with a slash.</param>
    /// <param name="now">The time.</param>
    internal SiteEntry? Load(StaticMount mount, ReadOnlySpan<byte> path, DateTime now)
    {
        int nameStart = Math.Max(path.LastIndexOf((byte)'/') + 1, mount.Prefix.Length);
        WatchedFolder folder = folders.Acquire(mount, path[..nameStart], now);
        // Of the paths below a folder that is not there, only the first is kept: it keeps the folder.
        if (folder is { IsAbsent: true, Users: > 1, IsReliable: true })
        {
            folders.Release(folder);
            return null;
        }
        bool isReliable = folder.IsReliable;
        SiteEntry entry = nameStart == path.Length
            ? LoadFolder(mount, path.ToArray(), ref isReliable)
            : LoadFile(mount, path.ToArray(), ref isReliable);
        entry.Folder = folder;
        entry.IsReliable = isReliable;
        entry.CheckedAt = now;
        // Files in it may grow without the folder's showing it.
        if (entry.Kind == EntryKind.Listing) entry.IsCacheable &= isReliable;
        DateModified(entry, now);
        entry.Seal();
        return entry;
    }

    /// <summary>Gives back what an entry holds that the cache did not take.</summary>
    internal void Discard(SiteEntry entry)
    {
        folders.Release(entry.Folder);
        entry.Close();
    }

    /// <summary>Looks whether the path still leads to what the entry says, if that is not known anyway.</summary>
    internal bool IsCurrent(SiteEntry entry, DateTime now)
    {
        if (entry.OpenFiles > 0 && !AreOpenFilesCurrent(entry)) return false;
        // A clock that was set back must not keep an entry for ever.
        if ((now - entry.CheckedAt).Duration() < IntervalOf(entry.IsReliable)) return true;
        entry.CheckedAt = now;
        int found = entry.Mount.Root.Stat(entry.Place, out FileStatus status);
        return entry.Kind switch
        {
            EntryKind.Missing => found < 0,
            EntryKind.Redirect => found >= 0 && status.Kind == FileKind.Folder,
            EntryKind.Listing => found >= 0 && status == entry.Status,
            _ => found >= 0 && status == entry.Identity!.Status && AreVersionsCurrent(entry),
        };
    }

    // An open file is sent as it is at this moment, whatever was told: its length and tag must be of this moment too.
    private static bool AreOpenFilesCurrent(SiteEntry entry)
    {
        foreach (ContentCodings coding in PrecompressedFiles.All)
        {
            if (entry.VersionOf(coding) is not { File: { } file } version) continue;
            if (Files.Stat(file.Descriptor, out FileStatus status) < 0 || status != version.Status) return false;
        }
        return true;
    }

    private bool AreVersionsCurrent(SiteEntry entry)
    {
        if (!options.Precompressed) return true;
        foreach (ContentCodings coding in PrecompressedFiles.Codings)
        {
            byte[] place = [.. entry.Place, .. PrecompressedFiles.SuffixOf(coding)];
            FileVersion? version = entry.VersionOf(coding);
            bool isThere = entry.Mount.Root.Stat(place, out FileStatus status) >= 0
                && status.Kind == FileKind.Regular && status.IsAsNewAs(entry.Identity!.Status);
            if (isThere != version is not null || (version is not null && status != version.Status)) return false;
        }
        return true;
    }

    private SiteEntry LoadFolder(StaticMount mount, byte[] path, ref bool isReliable)
    {
        byte[] place = path[mount.Prefix.Length..];
        SiteEntry index = LoadRegular(mount, path, [.. place, .. IndexName], ref isReliable);
        if (index.Kind != EntryKind.Missing || !options.Listing) return index;

        int fd = Shown(mount, mount.Root.OpenFolder(place.AsSpan().TrimEnd((byte)'/'), out _));
        if (fd < 0) return Without(mount, path, place, fd);
        try
        {
            int error = Files.Stat(fd, out FileStatus status);
            byte[]? page = error < 0 ? null : new ListingPage(mount, path, options.WellKnown).Write(fd, out error);
            if (page is null) return Without(mount, path, place, error);
            SiteEntry listing = new()
            {
                Kind = EntryKind.Listing,
                Path = path,
                Mount = mount,
                Place = place,
                Status = status,
                ContentType = [.. "text/html; charset=utf-8"u8],
            };
            listing.Add(ContentCodings.Identity, new FileVersion { Bytes = page, Length = page.Length, EntityTag = [] });
            return listing;
        }
        finally
        {
            _ = Files.Close(fd);
        }
    }

    private SiteEntry LoadFile(StaticMount mount, byte[] path, ref bool isReliable)
    {
        byte[] place = path[mount.Prefix.Length..];
        if (mount.Root.Stat(place, out FileStatus status) < 0 || status.Kind != FileKind.Folder)
        {
            return LoadRegular(mount, path, place, ref isReliable);
        }
        // That a folder is there says something, so it is said of folders inside only.
        int fd = Shown(mount, mount.Root.OpenFolder(place, out bool overLink));
        isReliable &= !overLink;
        if (fd < 0) return Without(mount, path, place, fd);
        _ = Files.Close(fd);
        return Of(EntryKind.Redirect, mount, path, place);
    }

    private SiteEntry LoadRegular(StaticMount mount, byte[] path, byte[] place, ref bool isReliable)
    {
        int error = Read(mount, place, ContentCodings.Identity, ref isReliable, out FileVersion? identity, out bool isStable);
        if (identity is null) return Without(mount, path, place, error);
        string text = "/" + Encoding.UTF8.GetString(mount.Prefix) + Encoding.UTF8.GetString(place);
        SiteEntry entry = new()
        {
            Kind = EntryKind.File,
            Path = path,
            Mount = mount,
            Place = place,
            ContentType = _types.Of(text[(text.LastIndexOf('/') + 1)..]),
            CacheControl = _cacheControl.Of(text),
        };
        _unreadable.Forget(mount, place);
        entry.Add(ContentCodings.Identity, identity);
        entry.IsCacheable = isStable;
        if (options.Precompressed && PrecompressedFiles.OfName(place) == ContentCodings.Identity) AddPrecompressed(entry, ref isReliable);
        return entry;
    }

    private void AddPrecompressed(SiteEntry entry, ref bool isReliable)
    {
        foreach (ContentCodings coding in PrecompressedFiles.Codings)
        {
            byte[] place = [.. entry.Place, .. PrecompressedFiles.SuffixOf(coding)];
            // One look tells of nearly every file that there is none.
            if (entry.Mount.Root.Stat(place, out FileStatus status) < 0 || !status.IsAsNewAs(entry.Identity!.Status)) continue;
            int error = Read(entry.Mount, place, coding, ref isReliable, out FileVersion? version, out bool isStable);
            if (version is not null && isStable && version.Status.IsAsNewAs(entry.Identity.Status))
            {
                entry.Add(coding, version);
                continue;
            }
            version?.File?.Release();
            if (version is null) _unreadable.Add(entry.Mount, place, error);
            if (version is not null || !Outcomes.IsAbsence(error)) entry.IsCacheable = false; // it is being written, or cannot be read now
        }
    }

    /// <summary>0 with a version, or <c>-errno</c>.</summary>
    private int Read(
        StaticMount mount, byte[] place, ContentCodings coding, ref bool isReliable, out FileVersion? version, out bool isStable)
    {
        version = null;
        isStable = false;
        // A FIFO or a device is not so much as opened, but for what may take a file's place right now.
        int found = mount.Root.Stat(place, out FileStatus status);
        if (found >= 0 && status.Kind != FileKind.Regular) found = -Transport.Interop.FileErrno.ENXIO;
        if (found < 0) return found;
        int fd = Shown(mount, mount.Root.OpenFile(place, out bool overLink));
        if (fd < 0) return fd;
        found = Files.Stat(fd, out status);
        if (found >= 0 && status.Kind != FileKind.Regular) found = -Transport.Interop.FileErrno.ENXIO;
        // Another name of the same file may be in a folder that is not watched.
        isReliable &= !overLink && status.Links <= 1;
        if (found >= 0 && status.Size > options.Limits.FileBytes)
        {
            isStable = true;
            version = new FileVersion { File = new OpenFile(fd), Length = status.Size, EntityTag = EntityTagText.Of(status, coding), Status = status };
            return 0;
        }
        if (found >= 0) found = ReadBytes(fd, coding, ref status, out version, out isStable);
        _ = Files.Close(fd);
        return found;
    }

    /// <summary>The descriptor, or <c>-ENOENT</c> when it is of something in a hidden folder, to which a link can lead.</summary>
    private int Shown(StaticMount mount, int fd)
    {
        if (fd < 0 || !IsHidden(mount, fd)) return fd;
        _ = Files.Close(fd);
        return -Transport.Interop.Errno.ENOENT;
    }

    // Asked each time, for folders are linked to anew while the server runs. Nothing is kept of it: what is found is.
    private bool IsHidden(StaticMount mount, int fd)
    {
        if (options.HiddenFolders.Count == 0) return false;
        if (FolderRoot.PlaceOf(fd) is not { } place) return true;
        string root = FolderRoot.RealPath(mount.Root.Path);
        foreach (string folder in options.HiddenFolders)
        {
            string hidden = FolderRoot.RealPath(folder);
            if (IsInside(hidden, root) && IsInside(place, hidden)) return true;
        }
        return false;
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || folder == "/" || path[folder.Length] == '/');

    private static int ReadBytes(int fd, ContentCodings coding, ref FileStatus status, out FileVersion? version, out bool isStable)
    {
        version = null;
        isStable = false;
        byte[] bytes = [];
        for (int i = 0; i < MaxReads && !isStable; i++)
        {
            FileStatus before = status;
            bytes = new byte[before.Size];
            int length = Files.ReadAll(fd, bytes, 0);
            if (length >= 0 && Files.Stat(fd, out status) < 0) length = -1;
            if (length < 0) return length;
            isStable = length == bytes.Length && before == status;
            if (length < bytes.Length) bytes = bytes[..length];
        }
        // What was read while it was written is nothing that a second request could be told to be the same.
        byte[] tag = isStable ? EntityTagText.Of(status, coding) : [];
        version = new FileVersion { Bytes = bytes, Length = bytes.Length, EntityTag = tag, Status = status };
        return 0;
    }

    // RFC 9110 §8.8.2.1: never later than the Date of the response.
    private static void DateModified(SiteEntry entry, DateTime now)
    {
        if (entry.Kind != EntryKind.File || entry.Identity!.EntityTag.Length == 0) return;
        long seconds = entry.Identity.Status.ModifiedSeconds;
        if (seconds < 0 || seconds > (now - DateTime.UnixEpoch).TotalSeconds) return;
        entry.ModifiedSeconds = seconds;
        entry.LastModified = new byte[HttpDate.Length];
        HttpDate.Format(entry.LastModified, DateTime.UnixEpoch.AddSeconds(seconds));
    }

    private SiteEntry Without(StaticMount mount, byte[] path, byte[] place, int error)
    {
        _unreadable.Add(mount, place, error);
        return Outcomes.IsAbsence(error)
            ? Of(EntryKind.Missing, mount, path, place)
            : new SiteEntry { Kind = EntryKind.Failed, Path = path, Mount = mount, Place = place, IsCacheable = false, Error = error };
    }

    private static SiteEntry Of(EntryKind kind, StaticMount mount, byte[] path, byte[] place) =>
        new() { Kind = kind, Path = path, Mount = mount, Place = place };
}
