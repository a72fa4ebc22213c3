namespace Seriema.Transport;

/// <summary>What kind of thing a path leads to.</summary>
internal enum FileKind
{
    Regular,
    Folder,

    /// <summary>A FIFO, a socket or a device: opening one may block, or do something.</summary>
    Other,
}

/// <summary>What the kernel says about a file; two that are equal are of the same file, unchanged.</summary>
/// <param name="Device">The file system's number, without which an inode's means nothing.</param>
/// <param name="Inode">Its number within the file system.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedSeconds">When its bytes changed; anyone may set it.</param>
/// <param name="ModifiedNanoseconds">The rest of that second.</param>
/// <param name="ChangedSeconds">When anything changed; nobody can set it, so a copy that keeps the times shows here.</param>
/// <param name="ChangedNanoseconds">The rest of that second.</param>
/// <param name="Mode">st_mode: the kind and the permissions.</param>
/// <param name="Links">How many names the file has.</param>
internal readonly record struct FileStatus(
    ulong Device, ulong Inode, long Size, long ModifiedSeconds, int ModifiedNanoseconds,
    long ChangedSeconds, int ChangedNanoseconds, int Mode, uint Links)
{
    // sys/stat.h
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFREG = 0x8000;

    internal FileKind Kind => (Mode & S_IFMT) switch
    {
        S_IFREG => FileKind.Regular,
        S_IFDIR => FileKind.Folder,
        _ => FileKind.Other,
    };

    /// <summary>Whether this one's bytes are at least as new as the other's.</summary>
    internal bool IsAsNewAs(in FileStatus other) =>
        ModifiedSeconds != other.ModifiedSeconds
            ? ModifiedSeconds > other.ModifiedSeconds
            : ModifiedNanoseconds >= other.ModifiedNanoseconds;
}
