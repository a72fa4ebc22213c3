using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>sys/inotify.h</summary>
internal static partial class Libc
{
    internal const uint IN_MODIFY = 0x002;
    internal const uint IN_ATTRIB = 0x004;
    internal const uint IN_CLOSE_WRITE = 0x008;
    internal const uint IN_MOVED_FROM = 0x040;
    internal const uint IN_MOVED_TO = 0x080;
    internal const uint IN_CREATE = 0x100;
    internal const uint IN_DELETE = 0x200;
    internal const uint IN_DELETE_SELF = 0x400;
    internal const uint IN_MOVE_SELF = 0x800;
    internal const uint IN_UNMOUNT = 0x2000; // reported whether asked for or not
    internal const uint IN_Q_OVERFLOW = 0x4000; // reported whether asked for or not
    internal const uint IN_IGNORED = 0x8000; // reported whether asked for or not
    internal const uint IN_ONLYDIR = 0x1000000;
    private const int IN_NONBLOCK = O_NONBLOCK;
    private const int IN_CLOEXEC = O_CLOEXEC;

    // int inotify_init1(int flags)
    [LibraryImport(Lib)]
    private static partial int inotify_init1(int flags);

    // int inotify_add_watch(int fd, const char *pathname, uint32_t mask)
    [LibraryImport(Lib)]
    private static unsafe partial int inotify_add_watch(int fd, byte* path, uint mask);

    // int inotify_rm_watch(int fd, int wd)
    [LibraryImport(Lib)]
    private static partial int inotify_rm_watch(int fd, int watch);

    /// <summary>The descriptor to read from, non-blocking and close-on-exec, or <c>-errno</c>.</summary>
    internal static int CreateInotify() => Result(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));

    /// <summary>The watch's number, that of the watch there already is on the same folder, or <c>-errno</c>.</summary>
    internal static unsafe int AddWatch(int fd, ReadOnlySpan<byte> path, uint mask)
    {
        if (path.Length >= PATH_MAX) return -Errno.ENAMETOOLONG;
        byte* terminated = stackalloc byte[PATH_MAX];
        Terminate(path, terminated);
        return Result(inotify_add_watch(fd, terminated, mask));
    }

    internal static int RemoveWatch(int fd, int watch) => Result(inotify_rm_watch(fd, watch));
}
