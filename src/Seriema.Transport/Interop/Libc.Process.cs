using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>spawn.h, sys/wait.h, signal.h, fcntl.h, sys/resource.h</summary>
internal static partial class Libc
{
    private const int WNOHANG = 1;
    private const int F_DUPFD_CLOEXEC = 1030;
    private const int F_SETFD = 2;
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int FD_CLOEXEC = 1;
    private const int RLIMIT_NOFILE = 7; // on x86 and ARM; other processors have other numbers
    private const short POSIX_SPAWN_SETSIGMASK = 0x08; // the same in glibc and musl

    // posix_spawn_file_actions_t has 80 bytes in glibc, posix_spawnattr_t 336 in both, sigset_t 128; all are opaque.
    private const int FileActionsSize = 128;
    private const int AttributesSize = 512;
    private const int SignalSetSize = 128;

    // int posix_spawn_file_actions_init(posix_spawn_file_actions_t *file_actions)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawn_file_actions_init(byte* actions);

    // int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *file_actions)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawn_file_actions_destroy(byte* actions);

    // int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *file_actions, int fildes, int newfildes)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int newFd);

    // int posix_spawnattr_init(posix_spawnattr_t *attr)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawnattr_init(byte* attributes);

    // int posix_spawnattr_destroy(posix_spawnattr_t *attr)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    // int posix_spawnattr_setflags(posix_spawnattr_t *attr, short flags)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    // int posix_spawnattr_setsigmask(posix_spawnattr_t *attr, const sigset_t *sigmask)
    [LibraryImport(Lib)]
    private static unsafe partial int posix_spawnattr_setsigmask(byte* attributes, byte* mask);

    // int unsetenv(const char *name)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unsetenv(string name);

    // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    //                 char *const argv[], char *const envp[])
    /// <returns>0, or the errno itself.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    // pid_t waitpid(pid_t pid, int *wstatus, int options)
    [LibraryImport(Lib)]
    private static unsafe partial int waitpid(int pid, int* status, int options);

    // int getrlimit(int resource, struct rlimit *rlim)
    [LibraryImport(Lib)]
    private static unsafe partial int getrlimit(int resource, ResourceLimit* limit);

    // sighandler_t signal(int signum, sighandler_t handler)
    [LibraryImport(Lib)]
    private static partial nint signal(int number, nint handler);

    // int raise(int sig)
    [LibraryImport(Lib)]
    private static partial int raise(int signal);

    // int kill(pid_t pid, int sig)
    [LibraryImport(Lib)]
    private static partial int kill(int pid, int signal);

    // int fcntl(int fd, int op, ... /* int arg */)
    /// <remarks>Variadic in C; an int argument goes the same way on x86-64 and on ARM64's Linux ABI.</remarks>
    [LibraryImport(Lib)]
    private static partial int fcntl(int fd, int operation, int argument);

    /// <summary>Starts a program; its process id, or <c>-errno</c>.</summary>
    /// <param name="inherited">Open in the child under the same numbers, although they are close-on-exec here.</param>
    internal static unsafe int Spawn(
        string path, IReadOnlyList<string> argv, IReadOnlyList<string> environment, IReadOnlyList<int> inherited)
    {
        byte* actions = stackalloc byte[FileActionsSize];
        byte* attributes = stackalloc byte[AttributesSize];
        byte* noSignals = stackalloc byte[SignalSetSize]; // zeroed: an empty set
        byte** arguments = stackalloc byte*[argv.Count + 1];
        // The environment may be long; its array of pointers is not put on the stack.
        nint* variables = (nint*)NativeMemory.AllocZeroed((nuint)environment.Count + 1, (nuint)sizeof(nint));
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            for (int i = 0; i < argv.Count; i++) arguments[i] = (byte*)Marshal.StringToCoTaskMemUTF8(argv[i]);
            arguments[argv.Count] = null;
            for (int i = 0; i < environment.Count; i++) variables[i] = Marshal.StringToCoTaskMemUTF8(environment[i]);
            int error = 0;
            // A dup2 onto itself clears close-on-exec in the child alone (POSIX.1-2024, glibc since 2.29, musl), so no
            // other child that is started meanwhile inherits it.
            foreach (int fd in inherited) error = error != 0 ? error : posix_spawn_file_actions_adddup2(actions, fd, fd);
            if (error == 0) error = posix_spawnattr_setsigmask(attributes, noSignals);
            if (error == 0) error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
            int pid = 0;
            if (error == 0) error = posix_spawn(&pid, path, actions, attributes, arguments, (byte**)variables);
            return error == 0 ? pid : -error;
        }
        finally
        {
            for (int i = 0; i < argv.Count; i++) Marshal.FreeCoTaskMem((nint)arguments[i]);
            for (int i = 0; i < environment.Count; i++) Marshal.FreeCoTaskMem(variables[i]);
            NativeMemory.Free(variables);
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>The child's wait status if it has ended: its pid, 0 while it runs, or <c>-errno</c>.</summary>
    internal static unsafe int WaitNoHang(int pid, out int status)
    {
        int value = 0;
        int result = Result(waitpid(pid, &value, WNOHANG));
        status = value;
        return result;
    }

    /// <summary>Takes a variable out of the process's environment. .NET works on a copy, which keeps it.</summary>
    /// <remarks>Only before Python starts: C code that reads the environment meanwhile is not waited for.</remarks>
    internal static int UnsetEnvironment(string name) => Result(unsetenv(name));

    /// <summary>Sends a signal to the calling thread, which has run its handler when this returns.</summary>
    internal static int Raise(int signal) => raise(signal);

    internal static int Kill(int pid, int signal) => Result(kill(pid, signal));

    /// <summary>The soft limit of descriptors; <see cref="int.MaxValue"/> when there is none.</summary>
    internal static unsafe int DescriptorLimit()
    {
        ResourceLimit limit;
        return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int)Math.Min(limit.Soft, int.MaxValue) : int.MaxValue;
    }

    /// <summary>The lowest descriptor that is free, or <c>-errno</c>.</summary>
    internal static int NextDescriptor(int any)
    {
        int next = Duplicate(any);
        if (next >= 0) _ = Close(next);
        return next;
    }

    /// <summary>Gives a signal its default action, whatever it had.</summary>
    internal static void SetDefaultAction(int number) => _ = signal(number, 0); // SIG_DFL

    internal static int SetCloseOnExec(int fd) => Result(fcntl(fd, F_SETFD, FD_CLOEXEC));

    internal static int SetNonBlocking(int fd)
    {
        int flags = Result(fcntl(fd, F_GETFL, 0));
        return flags < 0 ? flags : Result(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    }

    /// <summary>struct rlimit, where rlim_t is 64 bits wide</summary>
    private struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }
}
