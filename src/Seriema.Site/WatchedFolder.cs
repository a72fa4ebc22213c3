namespace Seriema.Site;

/// <summary>A folder on the way to an entry: of the path that leads to it, and watched if it can be.</summary>
internal sealed class WatchedFolder(byte[] path, WatchedFolder? parent)
{
    internal const int NoWatch = -1;

    /// <summary>The decoded path in the site, with a slash at its end; empty for the site itself.</summary>
    internal byte[] Path { get; } = path;

    internal WatchedFolder? Parent { get; } = parent;

    /// <summary>The watch's number; other folders' too, when links make one folder of them.</summary>
    internal int Watch { get; set; } = NoWatch;

    /// <summary>There is no such folder; its parent tells when one comes.</summary>
    internal bool IsAbsent { get; set; }

    /// <summary>Whether the watches on it and on the folders above it tell of all that can happen to what is in it.</summary>
    internal bool IsReliable { get; set; }

    /// <summary>When an absent folder was last seen to be absent.</summary>
    internal DateTime CheckedAt { get; set; }

    /// <summary>Entries in it and folders directly below.</summary>
    internal int Users { get; set; }
}
