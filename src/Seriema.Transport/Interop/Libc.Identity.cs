using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>pwd.h, grp.h, sys/stat.h and the part of unistd.h about who a process is</summary>
internal static partial class Libc
{
    private const int MaxEntry = 1 << 20; // a group of tens of thousands of members; more is no entry

    private unsafe delegate int Lookup(byte* entry, byte* buffer, nuint size, byte** result);

    // int getpwnam_r(const char *name, struct passwd *pwd, char *buf, size_t buflen, struct passwd **result)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getpwnam_r(string name, byte* entry, byte* buffer, nuint size, byte** result);

    // int getpwuid_r(uid_t uid, struct passwd *pwd, char *buf, size_t buflen, struct passwd **result)
    [LibraryImport(Lib)]
    private static unsafe partial int getpwuid_r(uint uid, byte* entry, byte* buffer, nuint size, byte** result);

    // int getgrnam_r(const char *name, struct group *grp, char *buf, size_t buflen, struct group **result)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getgrnam_r(string name, byte* entry, byte* buffer, nuint size, byte** result);

    // int initgroups(const char *user, gid_t group)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int initgroups(string user, uint group);

    // int setgroups(size_t size, const gid_t *list)
    [LibraryImport(Lib)]
    private static unsafe partial int setgroups(nuint size, uint* list);

    // int setgid(gid_t gid)
    [LibraryImport(Lib)]
    private static partial int setgid(uint gid);

    // int setuid(uid_t uid)
    [LibraryImport(Lib)]
    private static partial int setuid(uint uid);

    // uid_t geteuid(void)
    [LibraryImport(Lib)]
    private static partial uint geteuid();

    // gid_t getegid(void)
    [LibraryImport(Lib)]
    private static partial uint getegid();

    // pid_t getppid(void)
    [LibraryImport(Lib)]
    private static partial int getppid();

    // mode_t umask(mode_t mask)
    [LibraryImport(Lib)]
    private static partial uint umask(uint mask);

    // int lchown(const char *pathname, uid_t owner, gid_t group)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    // int open(const char *pathname, int flags, ... /* mode_t mode */)
    /// <remarks>Variadic in C; an int argument goes the same way on x86-64 and on ARM64's Linux ABI.</remarks>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    // int dup2(int oldfd, int newfd)
    [LibraryImport(Lib)]
    private static partial int dup2(int fd, int newFd);

    internal static uint UserId => geteuid();

    internal static uint GroupId => getegid();

    internal static int ParentId => getppid();

    /// <summary>Sets the permissions that new files do not get; the old ones.</summary>
    internal static int Umask(int mask) => (int)umask((uint)mask);

    /// <summary>Gives a file away, a link itself and not what it points to; 0, or <c>-errno</c>.</summary>
    internal static int ChangeOwner(string path, uint user, uint group) => Result(lchown(path, user, group));

    /// <summary>Opens a file to append to, and makes it when it is not there; the descriptor, or <c>-errno</c>.</summary>
    /// <param name="follows">Whether the path's last part may be a link; else that is <c>-ELOOP</c>.</param>
    internal static int OpenForAppend(string path, uint mode, bool follows)
    {
        const int flags = 1 | 0x40 | 0x400 | O_CLOEXEC | O_NOCTTY; // O_WRONLY, O_CREAT, O_APPEND: the same in x86-64 and ARM64
        int fd;
        do fd = Result(open(path, follows ? flags : flags | O_NOFOLLOW, mode));
        while (fd == -Errno.EINTR);
        return fd;
    }

    /// <summary>Makes <paramref name="target"/> mean what <paramref name="fd"/> does; inherited across exec.</summary>
    internal static int Duplicate(int fd, int target) => Result(dup2(fd, target));

    /// <summary>Takes on a user's supplementary groups, or none but <paramref name="group"/> for one without a name.</summary>
    internal static unsafe int SetGroups(string? user, uint group) =>
        Result(user is null ? setgroups(1, &group) : initgroups(user, group));

    internal static int SetGroup(uint group) => Result(setgid(group));

    internal static int SetUser(uint user) => Result(setuid(user));

    /// <summary>1 when there is such a user, 0 when not, or <c>-errno</c>.</summary>
    internal static unsafe int FindUser(string name, out uint user, out uint group) =>
        ReadUser((entry, buffer, size, result) => getpwnam_r(name, entry, buffer, size, result), out _, out user, out group);

    internal static unsafe int FindUser(uint user, out string name, out uint group) =>
        ReadUser((entry, buffer, size, result) => getpwuid_r(user, entry, buffer, size, result), out name, out _, out group);

    /// <summary>1 when there is such a group, 0 when not, or <c>-errno</c>.</summary>
    internal static unsafe int FindGroup(string name, out uint group)
    {
        uint gid = 0;
        int found = Read(
            (entry, buffer, size, result) => getgrnam_r(name, entry, buffer, size, result),
            // struct group { char *gr_name; char *gr_passwd; gid_t gr_gid; char **gr_mem; }
            entry => gid = *(uint*)((byte*)entry + (2 * sizeof(nint))));
        group = gid;
        return found;
    }

    private static unsafe int ReadUser(Lookup lookup, out string name, out uint user, out uint group)
    {
        (string text, uint uid, uint gid) = ("", 0, 0);
        int found = Read(lookup, entry =>
        {
            // struct passwd { char *pw_name; char *pw_passwd; uid_t pw_uid; gid_t pw_gid; char *pw_gecos, … }
            text = Marshal.PtrToStringUTF8(*(nint*)entry) ?? "";
            uint* ids = (uint*)((byte*)entry + (2 * sizeof(nint)));
            (uid, gid) = (ids[0], ids[1]);
        });
        (name, user, group) = (text, uid, gid);
        return found;
    }

    private static unsafe int Read(Lookup lookup, Action<nint> take)
    {
        byte* entry = stackalloc byte[128]; // struct passwd has 48 bytes, struct group 32
        for (int size = 1024; ; size *= 4)
        {
            byte[] text = new byte[size]; // what the entry's pointers point to
            fixed (byte* buffer = text)
            {
                byte* result = null;
                int error = lookup(entry, buffer, (nuint)size, &result); // the errno itself
                if (error == Errno.ERANGE && size < MaxEntry) continue;
                if (result != null) take((nint)entry);
                // Some name services say ENOENT or ESRCH instead of finding nothing.
                return result != null ? 1 : error is Errno.ENOENT or Errno.ESRCH ? 0 : -error;
            }
        }
    }
}
