using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>A file that standard error goes to, for this process and for those that it starts. Any thread.</summary>
/// <remarks>Opened for appending: several processes write to it, each record with one write, and none overwrites another's.</remarks>
internal sealed class LogFile
{
    private const int StandardError = 2;
    private const uint Mode = 0x1A0; // 0640: a log holds what clients send

    internal LogFile(string path) => Path = path;

    internal string Path { get; }

    /// <summary>Makes the file if it is not there, so that a mistake in its path is told where it was made.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    internal void Create() => _ = Libc.Close(OpenFile(Path));

    /// <summary>Sends standard error to what is now at the path; a file that was moved away is let go.</summary>
    /// <exception cref="LinuxException">It cannot be opened; standard error stays where it was.</exception>
    internal void Redirect()
    {
        int fd = OpenFile(Path);
        int result = Libc.Duplicate(fd, StandardError);
        if (fd != StandardError) _ = Libc.Close(fd);
        if (result < 0) throw new LinuxException("dup2", -result);
    }

    private static int OpenFile(string path)
    {
        int fd = Libc.OpenForAppend(path, Mode, follows: false);
        if (fd == -FileErrno.ELOOP)
        {
            // A log may be a link, to /dev/stdout or to another disk. But where others may write, such as in /tmp, one of
            // them could have root append to any file.
            if (Libc.OwnerOf(path, out uint owner) >= 0 && owner != 0 && owner != Libc.UserId)
            {
                throw new LinuxException($"open {path}, a link that another user made", FileErrno.EACCES);
            }
            fd = Libc.OpenForAppend(path, Mode, follows: true);
        }
        return fd >= 0 ? fd : throw new LinuxException("open " + path, -fd);
    }
}
