using System.Globalization;
using Seriema.Transport;

namespace Seriema.Cli;

/// <summary>Whom <c>--user</c> and <c>--group</c> name.</summary>
internal static class Accounts
{
    /// <summary>The account to become; null when this process is to stay what it is.</summary>
    /// <exception cref="SettingsException">There is no such user or group.</exception>
    /// <exception cref="UnavailableException">This process may not become another.</exception>
    internal static Account? Find(string? user, string? group, Account current)
    {
        Account account = current;
        if (user is not null && !Account.TryFindUser(user, out account)) throw new SettingsException("--user", user, "no such user");
        if (group is not null)
        {
            if (!Account.TryFindGroup(group, out uint number)) throw new SettingsException("--group", group, "no such group");
            account = account with { Group = number };
        }
        if ((account.User, account.Group) == (current.User, current.Group)) return null;
        if (current.IsRoot) return account;
        throw new UnavailableException(user is not null && account.User != current.User
            ? string.Create(CultureInfo.InvariantCulture, $"--user {user}: only root may become another user (this is user {current.User})")
            : string.Create(CultureInfo.InvariantCulture, $"--group {group ?? "of the user"}: only root may change its group (this is group {current.Group})"));
    }
}
