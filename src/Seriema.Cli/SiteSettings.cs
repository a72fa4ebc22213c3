namespace Seriema.Cli;

/// <summary>What the command line says of the site, its folders made absolute and looked at.</summary>
internal sealed record SiteSettings
{
    internal required IReadOnlyList<UrlFolder> Static { get; init; }

    internal required IReadOnlyList<UrlFolder> Scripts { get; init; }

    internal required IReadOnlyList<UrlApplication> Mounts { get; init; }

    internal required IReadOnlyList<CacheControlRule> CacheControl { get; init; }
}
