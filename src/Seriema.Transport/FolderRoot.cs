using System.Buffers.Text;
using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>A folder, and what may be opened below it and nowhere else. Owns the folder's descriptor.</summary>
/// <remarks>
/// Any thread. Paths are bytes, relative, without NUL; <c>""</c> is the folder itself. Descriptors or <c>-errno</c>;
/// nothing throws. The calls that reach the kernel are virtual, so that a test can script its answers.
/// </remarks>
internal class FolderRoot : IDisposable
{
    // A regular file knows no O_NONBLOCK; a FIFO or a device that took a file's place must not hold the loop.
    private const int FileFlags = Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY;
    private const int MaxRaces = 8; // openat2 answers EAGAIN when something was renamed while it walked; once more is enough

    private readonly int _fd;
    private readonly bool _hasOpenAt2;
    private int _isDisposed;

    /// <exception cref="LinuxException">It is no folder, or not ours to read.</exception>
    internal FolderRoot(string path, bool useOpenAt2 = true)
    {
        Path = path;
        _fd = Libc.Open(path, Libc.O_PATH | Libc.O_DIRECTORY);
        if (_fd < 0) throw new LinuxException($"open {path}", -_fd);
        // Linux before 5.6 has no openat2, and a seccomp filter that is older than it answers EPERM.
        int probe = useOpenAt2 ? OpenBeneath("."u8, Libc.O_PATH, Libc.RESOLVE_NO_SYMLINKS) : -FileErrno.ENOSYS;
        _hasOpenAt2 = probe >= 0;
        if (probe >= 0) _ = Libc.Close(probe);
    }

    internal string Path { get; }

    /// <summary>Opens a file to read it; the path may lead over links that end inside the folder.</summary>
    /// <param name="path">Relative to the folder.</param>
    /// <param name="overLink">Whether a link was on the way, so that the folders named by the path are not all that counts.</param>
    internal virtual int OpenFile(ReadOnlySpan<byte> path, out bool overLink) => Open(path, FileFlags, out overLink);

    /// <summary>A descriptor of a folder that is good for watching and for listing, not for reading.</summary>
    internal virtual int OpenFolder(ReadOnlySpan<byte> path, out bool overLink) =>
        Open(path.IsEmpty ? "."u8 : path, Libc.O_PATH | Libc.O_DIRECTORY, out overLink);

    /// <summary>What is there, links followed wherever they lead: good for comparing and for nothing else.</summary>
    internal virtual int Stat(ReadOnlySpan<byte> path, out FileStatus status) => Libc.Stat(_fd, path, out status);

    /// <summary>A descriptor of whatever is there that only tells what and where it is.</summary>
    internal virtual int OpenPlace(ReadOnlySpan<byte> path) => Open(path, Libc.O_PATH, out _);

    /// <summary>What the folder's own path leads to now; 0, or <c>-errno</c>.</summary>
    internal static int Stat(string path, out FileStatus status) => Libc.Stat(path, out status);

    /// <summary>The path without links on its way; as it is where it leads to no folder that can be looked at.</summary>
    internal static string RealPath(string path)
    {
        int fd = Libc.Open(path, Libc.O_PATH | Libc.O_DIRECTORY);
        if (fd < 0) return path;
        string? found = PlaceOf(fd);
        _ = Libc.Close(fd);
        return found ?? path;
    }

    /// <summary>Where an open file or folder lies; null where the kernel does not say.</summary>
    internal static string? PlaceOf(int fd)
    {
        Span<byte> link = stackalloc byte[ProcessLinkLength];
        Span<byte> found = stackalloc byte[Libc.PATH_MAX];
        int length = Libc.ReadLink(link[..ProcessLink(fd, link)], found);
        return length is <= 0 or Libc.PATH_MAX ? null : Encoding.UTF8.GetString(found[..length]);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _ = Libc.Close(_fd);
        GC.SuppressFinalize(this);
    }

    private int Open(ReadOnlySpan<byte> path, int flags, out bool overLink)
    {
        overLink = false;
        int fd = -FileErrno.EXDEV;
        if (_hasOpenAt2)
        {
            fd = OpenBeneath(path, flags, Libc.RESOLVE_NO_SYMLINKS);
            if (fd != -FileErrno.ELOOP) return fd;
            overLink = true;
            fd = OpenBeneath(path, flags, 0);
        }
        // For openat2 an absolute link leaves the folder even when it points back into it.
        if (fd != -FileErrno.EXDEV) return fd;
        overLink = true;
        return OpenAndLookWhere(path, flags);
    }

    private int OpenBeneath(ReadOnlySpan<byte> path, int flags, ulong resolve)
    {
        int fd = -Errno.EAGAIN;
        for (int i = 0; i < MaxRaces && fd is -Errno.EAGAIN or -Errno.EINTR; i++)
        {
            fd = Libc.OpenAt2(_fd, path, flags, resolve | Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_MAGICLINKS);
        }
        return fd;
    }

    // O_PATH opens nothing, it only holds on to what the path led to; where that is, the kernel says afterwards. So a
    // rename between the two calls cannot slip in another file, and a device is not touched before it is known.
    private int OpenAndLookWhere(ReadOnlySpan<byte> path, int flags)
    {
        int place = Libc.OpenAt(_fd, path, Libc.O_PATH | (flags & Libc.O_DIRECTORY));
        if (place < 0) return place;
        try
        {
            if (!IsInside(place)) return -FileErrno.EXDEV;
            if ((flags & Libc.O_PATH) != 0) return Libc.Duplicate(place);
            if (Libc.Stat(place, default, out FileStatus status) < 0 || status.Kind != FileKind.Regular)
            {
                return -FileErrno.ENXIO;
            }
            Span<byte> link = stackalloc byte[ProcessLinkLength];
            return Libc.OpenAt(place, link[..ProcessLink(place, link)], flags); // an absolute path: the folder does not matter
        }
        finally
        {
            _ = Libc.Close(place);
        }
    }

    private bool IsInside(int place)
    {
        Span<byte> link = stackalloc byte[ProcessLinkLength];
        Span<byte> root = stackalloc byte[Libc.PATH_MAX];
        Span<byte> found = stackalloc byte[Libc.PATH_MAX];
        int rootLength = Libc.ReadLink(link[..ProcessLink(_fd, link)], root);
        int foundLength = Libc.ReadLink(link[..ProcessLink(place, link)], found);
        // A path that fills the buffer may have been cut. What cannot be asked about is outside.
        if (rootLength is <= 0 or Libc.PATH_MAX || foundLength is <= 0 or Libc.PATH_MAX) return false;
        ReadOnlySpan<byte> folder = root[..rootLength].TrimEnd((byte)'/'); // "/" alone has its slash already
        ReadOnlySpan<byte> file = found[..foundLength];
        return file.StartsWith(folder) && (file.Length == folder.Length || file[folder.Length] == '/');
    }

    /// <summary>The longest that <see cref="ProcessLink"/> writes: the folder's name and the ten digits of any int.</summary>
    internal const int ProcessLinkLength = 24;

    /// <summary>Writes the name under which this process finds an open file again: <c>/proc/self/fd/N</c>; its length.</summary>
    internal static int ProcessLink(int fd, Span<byte> dest)
    {
        ReadOnlySpan<byte> folder = "/proc/self/fd/"u8;
        folder.CopyTo(dest);
        _ = Utf8Formatter.TryFormat(fd, dest[folder.Length..], out int digits);
        return folder.Length + digits;
    }
}
