using Seriema.Transport;

namespace Seriema.Site;

/// <summary>One representation of a file: its bytes, or its descriptor, and what tells it from others.</summary>
internal sealed class FileVersion
{
    /// <summary>The file's bytes when it is small, else null.</summary>
    internal byte[]? Bytes { get; init; }

    /// <summary>The open file when it is not small, else null. The version's share.</summary>
    internal OpenFile? File { get; init; }

    internal required long Length { get; init; }

    /// <summary>The ETag with its quotes; empty for what has none.</summary>
    internal required byte[] EntityTag { get; init; }

    /// <summary>As the file was when it was opened.</summary>
    internal FileStatus Status { get; init; }
}
