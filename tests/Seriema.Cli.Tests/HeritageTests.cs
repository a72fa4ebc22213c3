using System.Collections;

namespace Seriema.Cli.Tests;

public sealed class HeritageTests
{
    private const int Pid = 100;
    private const int Parent = 50;

    [Fact]
    public void Systemd_s_sockets_are_ours_when_they_are_addressed_to_us()
    {
        Assert.Equal([3, 4], Of("LISTEN_PID=100", "LISTEN_FDS=2", "LISTEN_FDNAMES=a:b").Listeners);
        Assert.Empty(Of("LISTEN_PID=99", "LISTEN_FDS=2").Listeners);
        Assert.Empty(Of("LISTEN_FDS=2").Listeners);
        Assert.Empty(Of("LISTEN_PID=100", "LISTEN_FDS=none").Listeners);
        Assert.Null(Of("LISTEN_PID=100", "LISTEN_FDS=2").UpgradedFrom);
    }

    [Fact]
    public void The_sockets_of_an_upgrade_are_ours_when_our_parent_hands_them_on()
    {
        Heritage heritage = Of("SERIEMA_UPGRADE=50:7,9", "LISTEN_PID=100", "LISTEN_FDS=1");
        Assert.Equal(Parent, heritage.UpgradedFrom);
        Assert.Equal([7, 9], heritage.Listeners);
        foreach (string stale in (string[])["SERIEMA_UPGRADE=51:7", "SERIEMA_UPGRADE=50", "SERIEMA_UPGRADE=:7"])
        {
            Assert.Null(Of(stale).UpgradedFrom);
            Assert.Empty(Of(stale).Listeners);
        }
    }

    [Fact]
    public void What_is_addressed_to_the_arbiter_does_not_reach_the_application()
    {
        Heritage heritage = Of(
            "PATH=/bin", "EMPTY=", "LISTEN_PID=100", "LISTEN_FDS=2", "LISTEN_FDNAMES=a", "NOTIFY_SOCKET=/run/n",
            "WATCHDOG_USEC=10", "WATCHDOG_PID=100", "SERIEMA_UPGRADE=1:2", "A=b=c");
        Assert.Equal(["A=b=c", "DOTNET_EnableDiagnostics=00", "DOTNET_EnableWriteXorExecute=00", "EMPTY=", "PATH=/bin"], heritage.ForWorkers.Order(StringComparer.Ordinal));
        Assert.Equal("/run/n", heritage.NotifySocket);
    }

    [Fact]
    public void An_operators_own_word_on_the_code_guard_stays()
    {
        Heritage heritage = Of("DOTNET_EnableWriteXorExecute=1");
        Assert.Equal(["DOTNET_EnableWriteXorExecute=1", "DOTNET_EnableDiagnostics=00"], heritage.ForWorkers);
    }

    [Theory]
    [InlineData("DOTNET_EnableDiagnostics=1")]
    [InlineData("DOTNET_EnableDiagnostics_IPC=0")]
    [InlineData("COMPlus_EnableDiagnostics=1")]
    [InlineData("DOTNET_DiagnosticPorts=/run/monitor")]
    public void An_operators_own_word_on_debuggers_stays(string variable)
    {
        Heritage heritage = Of(variable);
        Assert.True(heritage.HasWordOnDiagnostics);
        Assert.Equal([variable, "DOTNET_EnableWriteXorExecute=00"], heritage.ForWorkers);
        Assert.False(Of("PATH=/bin").HasWordOnDiagnostics);
    }

    [Fact]
    public void The_watchdog_is_for_the_process_it_names()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), Of("WATCHDOG_USEC=3000000").WatchdogInterval);
        Assert.Equal(TimeSpan.FromSeconds(3), Of("WATCHDOG_USEC=3000000", "WATCHDOG_PID=100").WatchdogInterval);
        Assert.Equal(TimeSpan.Zero, Of("WATCHDOG_USEC=3000000", "WATCHDOG_PID=99").WatchdogInterval);
        Assert.Equal(TimeSpan.Zero, Of().WatchdogInterval);
    }

    [Fact]
    public void A_successor_gets_the_sockets_and_keeps_the_service_manager()
    {
        IReadOnlyList<string> environment = Of(
            "PATH=/bin", "LISTEN_PID=100", "LISTEN_FDS=2", "NOTIFY_SOCKET=/run/n", "WATCHDOG_USEC=3000000", "WATCHDOG_PID=100").ForSuccessor([3, 4]);
        Assert.Equal(
            ["NOTIFY_SOCKET=/run/n", "PATH=/bin", "SERIEMA_UPGRADE=100:3,4", "WATCHDOG_PID=100", "WATCHDOG_USEC=3000000"], environment.Order());
        Hashtable variables = Variables([.. environment]);
        Heritage successor = Heritage.Of(variables, pid: 200, parent: Pid);
        Assert.Equal((Pid, TimeSpan.FromSeconds(3)), (successor.UpgradedFrom!.Value, successor.WatchdogInterval));
        Assert.Equal([3, 4], successor.Listeners);
    }

    private static Heritage Of(params string[] variables) => Heritage.Of(Variables(variables), Pid, Parent);

    private static Hashtable Variables(string[] variables)
    {
        var table = new Hashtable();
        foreach (string variable in variables) table.Add(variable.Split('=')[0], variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        return table;
    }
}
