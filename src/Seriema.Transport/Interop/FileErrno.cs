namespace Seriema.Transport.Interop;

/// <summary>errno.h: the kernel's answers about paths and watches that are told apart, beside those of <see cref="Errno"/>.</summary>
internal static class FileErrno
{
    internal const int ENXIO = 6;    // a socket, or a device that nobody serves
    internal const int EACCES = 13;
    internal const int EXDEV = 18;   // of openat2: the path leaves the folder
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;  // of O_TMPFILE: a kernel that does not know it
    internal const int EINVAL = 22;
    internal const int ENOSPC = 28;  // the disk is full; of inotify: the user has no watch left
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;   // too many links, or one where none is allowed
}
