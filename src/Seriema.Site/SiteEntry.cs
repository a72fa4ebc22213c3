using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>What a path leads to.</summary>
internal enum EntryKind
{
    /// <summary>Nothing that is served.</summary>
    Missing,

    File,

    /// <summary>A folder whose path lacks its slash.</summary>
    Redirect,

    /// <summary>The page of what is in a folder.</summary>
    Listing,

    /// <summary>The kernel could not say: out of descriptors or memory, or the disk failed.</summary>
    Failed,
}

/// <summary>What one path of the site leads to, as long as it is known to. Owns its shares in open files.</summary>
/// <remarks>The loop's thread. Made by <see cref="SiteLoader"/>; belongs to the cache, or to one request if it is not kept.</remarks>
internal sealed class SiteEntry
{
    /// <summary>What an entry takes beside its bytes, roughly: its objects, the field values, its place in the table.</summary>
    internal const int Overhead = 700;

    private FileVersion? _gzip;
    private FileVersion? _zstd;
    private FileVersion? _brotli;

    internal required EntryKind Kind { get; init; }

    /// <summary>The decoded path, without a slash in front; that of a folder has one at its end.</summary>
    internal required byte[] Path { get; init; }

    internal required StaticMount Mount { get; init; }

    /// <summary>Where the file or folder lies below the mount's folder.</summary>
    internal required byte[] Place { get; init; }

    /// <summary>The folder that tells of changes.</summary>
    internal WatchedFolder? Folder { get; set; }

    /// <summary>Whether every change that counts is told. What is not reliable is looked at again after a second.</summary>
    internal bool IsReliable { get; set; }

    /// <summary>Whether it may be kept; a file that changed while it was read may not.</summary>
    internal bool IsCacheable { get; set; } = true;

    /// <summary>When it was last known to be so.</summary>
    internal DateTime CheckedAt { get; set; }

    /// <summary>Of a listing: the folder as it was.</summary>
    internal FileStatus Status { get; init; }

    /// <summary>Of Failed: what the kernel said, <c>-errno</c>.</summary>
    internal int Error { get; init; }

    internal FileVersion? Identity { get; set; }

    internal byte[] ContentType { get; init; } = [];

    /// <summary>Empty for what has none.</summary>
    internal byte[] LastModified { get; set; } = [];

    /// <summary>As sent, in seconds since 1970.</summary>
    internal long? ModifiedSeconds { get; set; }

    /// <summary>Empty for no field.</summary>
    internal byte[] CacheControl { get; init; } = [];

    /// <summary>In which codings it lies ready, Identity among them.</summary>
    internal ContentCodings Codings { get; private set; } = ContentCodings.Identity;

    /// <summary>How many descriptors it holds.</summary>
    internal int OpenFiles { get; private set; }

    /// <summary>What it takes of memory, roughly.</summary>
    internal long Cost { get; private set; }

    // The cache's list of entries of one sort, the last used in front.
    internal SiteEntry? Newer { get; set; }

    internal SiteEntry? Older { get; set; }

    internal FileVersion? VersionOf(ContentCodings coding) => coding switch
    {
        ContentCodings.Brotli => _brotli,
        ContentCodings.Zstd => _zstd,
        ContentCodings.Gzip => _gzip,
        _ => Identity,
    };

    internal void Add(ContentCodings coding, FileVersion version)
    {
        switch (coding)
        {
            case ContentCodings.Brotli: _brotli = version; break;
            case ContentCodings.Zstd: _zstd = version; break;
            case ContentCodings.Gzip: _gzip = version; break;
            default: Identity = version; break;
        }
        Codings |= coding;
        if (version.File is not null) OpenFiles++;
        Cost += version.Bytes?.Length ?? 0;
    }

    /// <summary>Sums up what it costs, once it is complete.</summary>
    internal void Seal() => Cost += Overhead + Path.Length + Place.Length;

    /// <summary>Gives back the shares in the open files; responses that are being sent have their own.</summary>
    internal void Close()
    {
        Identity?.File?.Release();
        _gzip?.File?.Release();
        _zstd?.File?.Release();
        _brotli?.File?.Release();
    }
}
