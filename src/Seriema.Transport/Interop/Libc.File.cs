using System.Runtime.InteropServices;
using System.Text;

namespace Seriema.Transport.Interop;

/// <summary>fcntl.h, sys/stat.h, dirent.h, linux/openat2.h: paths are bytes, because file names are.</summary>
internal static partial class Libc
{
    /// <summary>PATH_MAX of linux/limits.h, the ending NUL included: no path that the kernel takes is longer.</summary>
    internal const int PATH_MAX = 4096;

    internal const int O_RDONLY = 0;
    internal const int O_NOCTTY = 0x100;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_PATH = 0x200000;
    internal const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    internal const ulong RESOLVE_NO_SYMLINKS = 0x04;
    internal const ulong RESOLVE_BENEATH = 0x08;

    private const int AT_FDCWD = -100;
    private const int AT_EMPTY_PATH = 0x1000;
    private const int DirentNameOffset = 19; // struct dirent: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name

    // asm/fcntl.h: ARM has its own numbers for this one.
    internal static readonly int O_DIRECTORY =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;

    // A file without a name; the number contains that of O_DIRECTORY.
    internal static readonly int O_TMPFILE = 0x400000 | O_DIRECTORY;

    // asm/fcntl.h: and for this one.
    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    // int openat(int dirfd, const char *pathname, int flags)
    [LibraryImport(Lib)]
    private static unsafe partial int openat(int folder, byte* path, int flags);

    // long syscall(SYS_openat2, int dirfd, const char *pathname, struct open_how *how, size_t size)
    /// <remarks>
    /// Called by number: glibc has a function for it since 2.42 only. The number is the same on every architecture.
    /// Variadic in C; integers and pointers go the same way on x86-64 and on ARM64's Linux ABI.
    /// </remarks>
    [LibraryImport(Lib, EntryPoint = "syscall")]
    private static unsafe partial nint openat2(nint number, nint folder, byte* path, OpenHow* how, nuint size);

    // int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf)
    /// <remarks>Unlike struct stat, its result has one layout everywhere.</remarks>
    [LibraryImport(Lib)]
    private static unsafe partial int statx(int folder, byte* path, int flags, uint mask, Statx* status);

    // ssize_t readlinkat(int dirfd, const char *pathname, char *buf, size_t bufsiz)
    [LibraryImport(Lib)]
    private static unsafe partial nint readlinkat(int folder, byte* path, byte* buffer, nuint size);

    // ssize_t pread(int fd, void *buf, size_t count, off_t offset)
    [LibraryImport(Lib)]
    private static unsafe partial nint pread(int fd, byte* buffer, nuint count, long offset);

    // ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)
    [LibraryImport(Lib)]
    private static unsafe partial nint pwrite(int fd, byte* buffer, nuint count, long offset);

    // int unlink(const char *pathname)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    // DIR *fdopendir(int fd)
    /// <remarks>The stream takes the descriptor over, unless the call fails.</remarks>
    [LibraryImport(Lib)]
    private static partial nint fdopendir(int fd);

    // struct dirent *readdir(DIR *dirp)
    [LibraryImport(Lib)]
    private static unsafe partial byte* readdir(nint stream);

    // int closedir(DIR *dirp)
    [LibraryImport(Lib)]
    private static partial int closedir(nint stream);

    /// <summary>Opens a path from a folder's descriptor on; the descriptor, close-on-exec, or <c>-errno</c>.</summary>
    internal static unsafe int OpenAt(int folder, ReadOnlySpan<byte> path, int flags)
    {
        if (path.Length >= PATH_MAX) return -Errno.ENAMETOOLONG;
        byte* terminated = stackalloc byte[PATH_MAX];
        Terminate(path, terminated);
        return Result(openat(folder, terminated, flags | O_CLOEXEC));
    }

    /// <summary>Opens a path given as text, from the working folder on.</summary>
    internal static int Open(string path, int flags) => OpenAt(AT_FDCWD, Encoding.UTF8.GetBytes(path), flags);

    /// <summary>As <see cref="OpenAt"/>, while the kernel sees to it that the path keeps to <paramref name="resolve"/>.</summary>
    internal static unsafe int OpenAt2(int folder, ReadOnlySpan<byte> path, int flags, ulong resolve)
    {
        const int number = 437;
        if (path.Length >= PATH_MAX) return -Errno.ENAMETOOLONG;
        byte* terminated = stackalloc byte[PATH_MAX];
        Terminate(path, terminated);
        OpenHow how = new() { Flags = (uint)(flags | O_CLOEXEC), Resolve = resolve };
        return Result((int)openat2(number, folder, terminated, &how, (nuint)sizeof(OpenHow)));
    }

    /// <summary>What a path leads to, links followed; an empty path asks about the descriptor itself. 0, or <c>-errno</c>.</summary>
    internal static unsafe int Stat(int fd, ReadOnlySpan<byte> path, out FileStatus status)
    {
        status = default;
        if (path.Length >= PATH_MAX) return -Errno.ENAMETOOLONG;
        byte* terminated = stackalloc byte[PATH_MAX];
        Terminate(path, terminated);
        Statx raw;
        int result = Result(statx(fd, terminated, path.IsEmpty ? AT_EMPTY_PATH : 0, STATX_BASIC_STATS, &raw));
        if (result < 0) return result;
        status = new FileStatus(
            ((ulong)raw.DeviceMajor << 32) | raw.DeviceMinor, raw.Inode, (long)raw.Size,
            raw.ModifiedSeconds, (int)raw.ModifiedNanoseconds, raw.ChangedSeconds, (int)raw.ChangedNanoseconds,
            raw.Mode, raw.Links);
        return 0;
    }

    /// <summary>What a path given as text leads to, from the working folder on.</summary>
    internal static int Stat(string path, out FileStatus status) => Stat(AT_FDCWD, Encoding.UTF8.GetBytes(path), out status);

    /// <summary>The target of a link; its length, cut to the buffer, or <c>-errno</c>.</summary>
    internal static unsafe int ReadLink(ReadOnlySpan<byte> path, Span<byte> target)
    {
        if (path.Length >= PATH_MAX) return -Errno.ENAMETOOLONG;
        byte* terminated = stackalloc byte[PATH_MAX];
        Terminate(path, terminated);
        fixed (byte* t = target)
        {
            return Result((int)readlinkat(AT_FDCWD, terminated, t, (nuint)target.Length));
        }
    }

    /// <summary>Reads from a place in a file; bytes read, 0 at its end, or <c>-errno</c>.</summary>
    internal static unsafe int ReadAt(int fd, Span<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
        {
            return Result((int)pread(fd, b, (nuint)buffer.Length, offset));
        }
    }

    /// <summary>Writes at a place in a file; bytes written, or <c>-errno</c>.</summary>
    internal static unsafe int WriteAt(int fd, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* b = bytes)
        {
            return Result((int)pwrite(fd, b, (nuint)bytes.Length, offset));
        }
    }

    internal static int Truncate(int fd, long length) => Result(ftruncate(fd, length));

    internal static int Unlink(string path) => Result(unlink(path));

    /// <summary>Opens a file that may be made by it, with these permissions; close-on-exec, or <c>-errno</c>.</summary>
    internal static int Open(string path, int flags, uint mode)
    {
        int fd;
        do fd = Result(open(path, flags | O_CLOEXEC, mode));
        while (fd == -Errno.EINTR);
        return fd;
    }

    /// <summary>A second descriptor of the same open file, close-on-exec, or <c>-errno</c>.</summary>
    internal static int Duplicate(int fd) => Result(fcntl(fd, F_DUPFD_CLOEXEC, 0));

    /// <summary>A stream of a folder's names; takes the descriptor over, in any case. 0 with <paramref name="error"/> set on failure.</summary>
    internal static nint OpenFolderStream(int fd, out int error)
    {
        nint stream = fdopendir(fd);
        error = stream == 0 ? Marshal.GetLastSystemError() : 0;
        if (stream == 0) _ = Close(fd);
        return stream;
    }

    /// <summary>The next name, valid until the next call; false at the end.</summary>
    internal static unsafe bool ReadFolderStream(nint stream, out ReadOnlySpan<byte> name)
    {
        byte* entry = readdir(stream);
        name = entry is null ? default : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + DirentNameOffset);
        return entry is not null;
    }

    internal static void CloseFolderStream(nint stream) => _ = closedir(stream);

    private static unsafe void Terminate(ReadOnlySpan<byte> path, byte* dest)
    {
        path.CopyTo(new Span<byte>(dest, PATH_MAX - 1));
        dest[path.Length] = 0;
    }

    /// <summary>struct open_how</summary>
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    /// <summary>struct statx, as far as it is read</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(16)] internal uint Links;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(32)] internal ulong Inode;
        [FieldOffset(40)] internal ulong Size;
        [FieldOffset(96)] internal long ChangedSeconds;
        [FieldOffset(104)] internal uint ChangedNanoseconds;
        [FieldOffset(112)] internal long ModifiedSeconds;
        [FieldOffset(120)] internal uint ModifiedNanoseconds;
        [FieldOffset(136)] internal uint DeviceMajor;
        [FieldOffset(140)] internal uint DeviceMinor;
    }
}
