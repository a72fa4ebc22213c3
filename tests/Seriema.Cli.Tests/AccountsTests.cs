using Seriema.Transport;

namespace Seriema.Cli.Tests;

public sealed class AccountsTests
{
    private static readonly Account s_root = new(0, 0, null);
    private static readonly Account s_somebody = new(12345, 12346, null);

    [Fact]
    public void Nothing_changes_for_who_is_that_user_already()
    {
        Assert.Null(Accounts.Find(null, null, s_root));
        Assert.Null(Accounts.Find("root", null, s_root));
        Assert.Null(Accounts.Find("0", "0", s_root));
        Assert.Null(Accounts.Find(null, "12346", s_somebody));
    }

    [Fact]
    public void A_user_brings_its_own_group_and_a_group_may_be_given_apart()
    {
        Account daemon = Accounts.Find("daemon", null, s_root)!.Value; // in every Linux's /etc/passwd
        Assert.Equal("daemon", daemon.Name);
        Assert.NotEqual(0u, daemon.User);
        Assert.NotEqual(0u, daemon.Group);
        Assert.Equal(daemon, Accounts.Find(daemon.User.ToString(System.Globalization.CultureInfo.InvariantCulture), null, s_root));
        Assert.Equal(daemon with { Group = 4711 }, Accounts.Find("daemon", "4711", s_root));
        Assert.Equal(s_root with { Group = daemon.Group }, Accounts.Find(null, "daemon", s_root));
    }

    [Fact]
    public void A_number_needs_no_entry() => Assert.Equal((54321u, null), (Accounts.Find("54321", "1", s_root)!.Value.User, Accounts.Find("54321", "1", s_root)!.Value.Name));

    [Theory]
    [InlineData("no-such-user", null, "--user no-such-user: no such user")]
    [InlineData("-1", null, "--user -1: no such user")]
    [InlineData("4294967295", null, "--user 4294967295: no such user")] // (uid_t)-1, which chown and setuid take for "none"
    [InlineData(null, "no-such-group", "--group no-such-group: no such group")]
    public void A_name_that_is_not_there_is_a_mistake(string? user, string? group, string message) =>
        Assert.Equal(message, Assert.Throws<SettingsException>(() => Accounts.Find(user, group, s_root)).Message);

    [Fact]
    public void Only_root_becomes_another()
    {
        Assert.Equal(
            "--user root: only root may become another user (this is user 12345)",
            Assert.Throws<UnavailableException>(() => Accounts.Find("root", null, s_somebody)).Message);
        Assert.Equal(
            "--group 0: only root may change its group (this is group 12346)",
            Assert.Throws<UnavailableException>(() => Accounts.Find(null, "0", s_somebody)).Message);
    }
}
