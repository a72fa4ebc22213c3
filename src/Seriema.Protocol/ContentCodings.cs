namespace Seriema.Protocol;

/// <summary>The content codings in which a file may lie ready, RFC 9110 §8.4.1; a higher one is preferred.</summary>
[Flags]
internal enum ContentCodings : byte
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>The file itself.</summary>
    Identity = 1,

    /// <summary><c>.gz</c>, RFC 9110 §8.4.1.3.</summary>
    Gzip = 2,

    /// <summary><c>.zst</c>, RFC 8878.</summary>
    Zstd = 4,

    /// <summary><c>.br</c>, RFC 7932.</summary>
    Brotli = 8,
}
