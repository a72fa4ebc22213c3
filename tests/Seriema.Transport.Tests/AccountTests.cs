using System.Diagnostics;

namespace Seriema.Transport.Tests;

public sealed class AccountTests
{
    [Fact]
    public void A_user_is_found_by_name_and_by_number()
    {
        Assert.True(Account.TryFindUser("root", out Account root));
        Assert.Equal(new Account(0, 0, "root"), root);
        Assert.True(Account.TryFindUser("0", out Account zero));
        Assert.Equal(root, zero);
        Assert.False(Account.TryFindUser("no-such-user", out _));
        Assert.False(Account.TryFindUser("", out _));
    }

    [Fact]
    public void A_number_without_an_entry_keeps_the_group_and_has_no_name()
    {
        Assert.True(Account.TryFindUser("4000000001", out Account account));
        Assert.Equal(new Account(4000000001, Account.Current.Group, null), account);
    }

    [Fact]
    public void A_group_is_found_by_name_and_by_number()
    {
        Assert.True(Account.TryFindGroup("root", out uint root));
        Assert.True(Account.TryFindGroup("4000000001", out uint other));
        Assert.Equal((0u, 4000000001u), (root, other));
        Assert.False(Account.TryFindGroup("no-such-group", out _));
    }

    [Fact]
    public void This_process_is_who_id_says()
    {
        var start = new ProcessStartInfo("id", "-u") { RedirectStandardOutput = true };
        using Process id = Process.Start(start)!;
        Assert.Equal($"{Account.Current.User}\n", id.StandardOutput.ReadToEnd());
        id.WaitForExit();
    }

    [Fact]
    public void Who_is_not_root_gives_no_file_away()
    {
        string path = Path.GetTempFileName();
        try
        {
            var other = new Account(4000000001, 4000000001, null);
            if (Account.Current.IsRoot)
            {
                other.Own(path);
                using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u:%g", path]) { RedirectStandardOutput = true })!;
                Assert.Equal("4000000001:4000000001\n", stat.StandardOutput.ReadToEnd());
                stat.WaitForExit();
            }
            else
            {
                Assert.Contains(path, Assert.Throws<LinuxException>(() => other.Own(path)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
