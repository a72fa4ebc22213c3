using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>sys/stat.h</summary>
internal static partial class Libc
{
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_BASIC_STATS = 0x7ff;

    // int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf)
    /// <remarks>The one call of its family whose structure is the same on every architecture and in every C library.</remarks>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);

    /// <summary>Whose a file is, a link itself and not what it points to; 0, or <c>-errno</c>.</summary>
    internal static unsafe int OwnerOf(string path, out uint user)
    {
        byte* status = stackalloc byte[256]; // sizeof(struct statx)
        int result = Result(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, status));
        const int owner = 20; // the offset of stx_uid
        user = result < 0 ? 0 : *(uint*)(status + owner);
        return result;
    }

    /// <summary>What is at a path, a link itself and not what it points to; 0, or <c>-errno</c>.</summary>
    internal static unsafe int LookAt(string path, out FileIdentity identity)
    {
        byte* status = stackalloc byte[256]; // sizeof(struct statx)
        int result = Result(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, status));
        const int mode = 28, inode = 32, modified = 112, device = 136; // offsets, with their kinds in linux/stat.h
        const int typeMask = 0xF000, socketType = 0xC000; // S_IFMT, S_IFSOCK
        bool isSocket = (*(ushort*)(status + mode) & typeMask) == socketType;
        long time = (*(long*)(status + modified) * 1_000_000_000L) + *(uint*)(status + modified + sizeof(long));
        identity = result < 0 ? default : new FileIdentity(isSocket, *(ulong*)(status + device), *(ulong*)(status + inode), time);
        return result;
    }
}
