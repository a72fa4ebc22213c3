using System.Globalization;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>Who a process is for the kernel: a user and a group.</summary>
/// <param name="User">The user's number.</param>
/// <param name="Group">The number of the group that new files belong to.</param>
/// <param name="Name">The user's name, which leads to the other groups; null for a number without an entry.</param>
internal readonly record struct Account(uint User, uint Group, string? Name)
{
    /// <summary>Whom this process acts as.</summary>
    internal static Account Current => new(Libc.UserId, Libc.GroupId, null);

    internal bool IsRoot => User == 0;

    /// <summary>A user by name or number, with its own group; a number needs no entry.</summary>
    /// <exception cref="LinuxException">The user database cannot be read.</exception>
    internal static bool TryFindUser(string text, out Account account)
    {
        int found = Checked("getpwnam_r", Libc.FindUser(text, out uint user, out uint group));
        account = new Account(user, group, text);
        if (found == 1) return true;
        if (!IsNumber(text, out user)) return false;
        account = Checked("getpwuid_r", Libc.FindUser(user, out string name, out group)) == 1
            ? new Account(user, group, name)
            : new Account(user, Libc.GroupId, null);
        return true;
    }

    /// <summary>A group by name or number.</summary>
    /// <exception cref="LinuxException">The group database cannot be read.</exception>
    internal static bool TryFindGroup(string text, out uint group) =>
        Checked("getgrnam_r", Libc.FindGroup(text, out group)) == 1 || IsNumber(text, out group);

    /// <summary>Gives a file to this account.</summary>
    /// <exception cref="LinuxException">It is not there, or not ours to give.</exception>
    internal void Own(string path) => Checked("chown " + path, Libc.ChangeOwner(path, User, Group));

    /// <summary>Makes this process, with all its threads, act as this account; there is no way back.</summary>
    /// <exception cref="LinuxException">Only root may.</exception>
    internal void Become()
    {
        // In this order: who is no longer root can change neither its groups nor its group.
        Checked("setgroups", Libc.SetGroups(Name, Group));
        Checked("setgid", Libc.SetGroup(Group));
        Checked("setuid", Libc.SetUser(User));
        // Would mean that the saved user survived, and any bug in the application were a bug as root.
        if (!IsRoot && Libc.SetUser(0) >= 0) throw new LinuxException("setuid", Errno.EPERM);
    }

    // The last value is chown's "leave it", and no user.
    private static bool IsNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number != uint.MaxValue;

    private static int Checked(string call, int result) => result >= 0 ? result : throw new LinuxException(call, -result);
}
