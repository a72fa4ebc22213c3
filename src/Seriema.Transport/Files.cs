using System.Security.Cryptography;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>The system calls on open files. Any thread; counts, descriptors, or <c>-errno</c>; nothing throws.</summary>
internal static class Files
{
    private const uint PrivateMode = 0x180; // 0600

    internal static int Stat(int fd, out FileStatus status) => Libc.Stat(fd, default, out status);

    /// <summary>A descriptor to read from, which a child of exec() does not get.</summary>
    internal static int Open(string path) => Libc.Open(path, Libc.O_RDONLY);

    internal static int Duplicate(int fd) => Libc.Duplicate(fd);

    internal static int Close(int fd) => Libc.Close(fd);

    /// <summary>Memory that is read like a file, filled with <paramref name="bytes"/>.</summary>
    internal static int InMemory(ReadOnlySpan<byte> bytes)
    {
        int fd = Libc.CreateMemory("seriema", bytes.Length);
        if (fd < 0) return fd;
        while (!bytes.IsEmpty)
        {
            int written = Libc.Write(fd, bytes);
            if (written == -Errno.EINTR) continue;
            if (written < 0)
            {
                _ = Libc.Close(fd);
                return written;
            }
            bytes = bytes[written..];
        }
        return fd;
    }

    /// <summary>A file that has no name in the folder, so that nobody else can open it and it is gone with its descriptor.</summary>
    /// <remarks>Only its owner may read it. The descriptor, close-on-exec, or <c>-errno</c>.</remarks>
    internal static int OpenNameless(string folder)
    {
        int fd = Libc.Open(folder, Libc.O_TMPFILE | Libc.O_RDWR, PrivateMode);
        if (fd is not (-Errno.EOPNOTSUPP or -FileErrno.EISDIR or -FileErrno.EINVAL)) return fd;
        // The file system has no such files: a name for a moment, which nobody can know before.
        string path = Path.Combine(folder, $"seriema-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}");
        fd = Libc.Open(path, Libc.O_CREAT | Libc.O_EXCL | Libc.O_RDWR, PrivateMode);
        if (fd >= 0) _ = Libc.Unlink(path);
        return fd;
    }

    /// <summary>Writes all of it; 0, or <c>-errno</c>.</summary>
    internal static int WriteAll(int fd, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int written = Libc.WriteAt(fd, bytes, offset);
            if (written == -Errno.EINTR) continue;
            if (written < 0) return written;
            bytes = bytes[written..];
            offset += written;
        }
        return 0;
    }

    internal static int Truncate(int fd) => Libc.Truncate(fd, 0);

    /// <summary>Reads until the buffer is full or the file ends; bytes read, or <c>-errno</c>.</summary>
    internal static int ReadAll(int fd, Span<byte> buffer, long offset)
    {
        int length = 0;
        while (length < buffer.Length)
        {
            int read = Libc.ReadAt(fd, buffer[length..], offset + length);
            if (read == -Errno.EINTR) continue;
            if (read < 0) return read;
            if (read == 0) break;
            length += read;
        }
        return length;
    }

    /// <summary>The names in a folder but its own two dots, in the kernel's order; 0, or <c>-errno</c>.</summary>
    /// <param name="folder">A descriptor as <see cref="FolderRoot.OpenFolder"/> gives it; it stays the caller's.</param>
    /// <param name="names">What is read is added here.</param>
    /// <param name="most">No more than so many.</param>
    internal static int Names(int folder, List<byte[]> names, int most)
    {
        int fd = Libc.OpenAt(folder, "."u8, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (fd < 0) return fd;
        nint stream = Libc.OpenFolderStream(fd, out int error);
        if (stream == 0) return -error;
        while (names.Count < most && Libc.ReadFolderStream(stream, out ReadOnlySpan<byte> name))
        {
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(name.ToArray());
        }
        Libc.CloseFolderStream(stream);
        return 0;
    }

    /// <summary>What a name in a folder leads to, links followed; 0, or <c>-errno</c>.</summary>
    internal static int StatAt(int folder, ReadOnlySpan<byte> name, out FileStatus status) => Libc.Stat(folder, name, out status);
}
