using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>The few C library calls that finding and loading Python needs. Linux values.</summary>
/// <remarks>
/// Found through the program itself, which is linked to the C library whatever its file is called (glibc before 2.34
/// also keeps dlopen in a library of its own). <see cref="LibPython.EnsureResolver"/> comes first.
/// </remarks>
internal static unsafe partial class HostLibc
{
    internal const string Lib = "host-libc";

    internal const int RTLD_NOW = 2, RTLD_GLOBAL = 0x100;
    internal const int LC_CTYPE = 0;
    internal const int O_RDONLY = 0, O_CLOEXEC = 0x80000;
    internal const short POLLIN = 1;
    internal const int SIGKILL = 9;
    internal const int X_OK = 1;
    internal const int EINTR = 4;

    // 80 bytes in glibc, 72 in musl; both are opaque.
    internal const int SpawnFileActionsSize = 128;

    // void *dlopen(const char *filename, int flags)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint dlopen(string filename, int flags);

    // char *dlerror(void)
    [LibraryImport(Lib)]
    internal static partial nint dlerror();

    // char *setlocale(int category, const char *locale)
    [LibraryImport(Lib)]
    internal static partial byte* setlocale(int category, byte* locale);

    // int pipe2(int pipefd[2], int flags)
    [LibraryImport(Lib, SetLastError = true)]
    internal static partial int pipe2(int* fds, int flags);

    // int posix_spawn_file_actions_init(posix_spawn_file_actions_t *file_actions)
    [LibraryImport(Lib)]
    internal static partial int posix_spawn_file_actions_init(byte* actions);

    // int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *file_actions)
    [LibraryImport(Lib)]
    internal static partial int posix_spawn_file_actions_destroy(byte* actions);

    // int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *file_actions, int fildes, int newfildes)
    [LibraryImport(Lib)]
    internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int newFd);

    // int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *, int fildes, const char *path, int oflag,
    // mode_t)
    [LibraryImport(Lib)]
    internal static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, byte* path, int flags, uint mode);

    // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    //                 char *const argv[], char *const envp[])
    /// <returns>0, or the errno itself.</returns>
    [LibraryImport(Lib)]
    internal static partial int posix_spawn(int* pid, byte* path, byte* actions, nint attributes, byte** argv, byte** envp);

    // pid_t waitpid(pid_t pid, int *wstatus, int options)
    [LibraryImport(Lib, SetLastError = true)]
    internal static partial int waitpid(int pid, int* status, int options);

    // int kill(pid_t pid, int sig)
    [LibraryImport(Lib)]
    internal static partial int kill(int pid, int signal);

    // int poll(struct pollfd *fds, nfds_t nfds, int timeout)
    [LibraryImport(Lib, SetLastError = true)]
    internal static partial int poll(PollFd* fds, nuint count, int timeout);

    // ssize_t read(int fd, void *buf, size_t count)
    [LibraryImport(Lib, SetLastError = true)]
    internal static partial nint read(int fd, byte* buffer, nuint count);

    // int close(int fd)
    [LibraryImport(Lib)]
    internal static partial int close(int fd);

    // int access(const char *pathname, int mode)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int access(string path, int mode);

    /// <summary>The C library's own <c>environ</c>: what Python reads, unlike .NET's copy.</summary>
    internal static byte** Environ => *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    /// <summary>poll.h <c>struct pollfd</c>.</summary>
    internal struct PollFd
    {
        internal int fd;
        internal short events;
        internal short revents;
    }
}
