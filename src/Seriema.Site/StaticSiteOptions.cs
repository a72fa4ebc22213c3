namespace Seriema.Site;

/// <summary>A folder and where its files stand in the site.</summary>
/// <param name="Prefix">The decoded path that all its files' paths begin with: <c>/</c>, <c>/static</c>, <c>/static/</c>.</param>
/// <param name="Folder">The folder's path.</param>
internal sealed record StaticMountOptions(string Prefix, string Folder);

/// <summary>A Cache-Control for the files that a pattern matches.</summary>
/// <param name="Pattern">
/// With <c>*</c> (any characters) and <c>?</c> (one). With a slash it is matched against the whole decoded path, which
/// begins with one, else against the name alone.
/// </param>
/// <param name="Value">The field's value; empty for no field.</param>
internal sealed record CacheRule(string Pattern, string Value);

/// <summary>Bounds of what a site keeps in memory; the least recently used goes first.</summary>
internal sealed record SiteCacheLimits
{
    /// <summary>Descriptors of files too large to be kept as bytes.</summary>
    internal int OpenFiles { get; init; } = 512; // half of the 1,024 that a shell gives, were they not raised

    /// <summary>Files that are kept as bytes, and redirects.</summary>
    internal int Files { get; init; } = 8192;

    /// <summary>What those may take together.</summary>
    internal long Bytes { get; init; } = 32 << 20;

    /// <summary>The largest file that is kept as bytes.</summary>
    internal int FileBytes { get; init; } = 16 << 10;

    /// <summary>Paths that are known to lead nowhere.</summary>
    internal int Missing { get; init; } = 1024;

    /// <summary>Folders watched for changes; what lies in others is looked at again once a second.</summary>
    internal int Watches { get; init; } = 4096; // half of the least fs.inotify.max_user_watches that Linux sets
}

/// <summary>What a site of files consists of.</summary>
internal sealed record StaticSiteOptions
{
    internal required IReadOnlyList<StaticMountOptions> Mounts { get; init; }

    /// <summary>Decoded paths, without a slash at either end, below which nothing is served although it is there.</summary>
    internal IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>The same by folders of the file system, for what links lead to. A folder of files may lie inside of one.</summary>
    internal IReadOnlyList<string> HiddenFolders { get; init; } = [];

    /// <summary>Content types by suffix (<c>.html</c>), as Python's <c>mimetypes.types_map</c> has them.</summary>
    internal IReadOnlyDictionary<string, string> MediaTypes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a folder without an index shows what is in it.</summary>
    internal bool Listing { get; init; }

    /// <summary>The first that matches counts.</summary>
    internal IReadOnlyList<CacheRule> CacheRules { get; init; } = [];

    /// <summary>For names with a hash in them, where no rule matches; empty for no field.</summary>
    internal string HashedCacheControl { get; init; } = "public, max-age=31536000, immutable"; // RFC 8246; a year

    /// <summary>The path in the site of the page that a 404 shows; null for a line of text.</summary>
    internal string? NotFoundPage { get; init; }

    /// <summary>Whether <c>.br</c>, <c>.zst</c> and <c>.gz</c> beside a file are sent in its place.</summary>
    internal bool Precompressed { get; init; } = true;

    /// <summary>Whether <c>/.well-known/</c> (RFC 8615) is served in spite of its dot.</summary>
    internal bool WellKnown { get; init; }

    /// <summary>Gets a line for the operator: what cannot be read, and that changes are not told of.</summary>
    internal Action<string> Tell { get; init; } = _ => { };

    internal SiteCacheLimits Limits { get; init; } = new();
}
