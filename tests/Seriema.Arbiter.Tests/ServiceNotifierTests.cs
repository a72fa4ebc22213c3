using System.Net.Sockets;
using System.Text;

namespace Seriema.Arbiter.Tests;

/// <summary>What systemd receives.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };

    public void Dispose()
    {
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_state_is_one_datagram()
    {
        using ServiceNotifier notifier = OnPath();
        notifier.Ready();
        Assert.Equal("READY=1", Receive());
        notifier.MainPid(4711);
        Assert.Equal("MAINPID=4711", Receive());
        notifier.Stopping();
        Assert.Equal("STOPPING=1", Receive());
    }

    [Fact]
    public void Reloading_has_the_time_of_the_monotonic_clock()
    {
        using ServiceNotifier notifier = OnPath();
        long before = MonotonicMicroseconds();
        notifier.Reloading();
        string[] lines = Receive().Split('\n');
        Assert.Equal("RELOADING=1", lines[0]);
        Assert.StartsWith("MONOTONIC_USEC=", lines[1], StringComparison.Ordinal);
        Assert.InRange(long.Parse(lines[1]["MONOTONIC_USEC=".Length..]), before, MonotonicMicroseconds() + 10_000);
    }

    [Fact]
    public void An_abstract_name_begins_with_an_at_sign()
    {
        string name = $"seriema-test-{Guid.NewGuid():N}";
        _systemd.Bind(new UnixDomainSocketEndPoint("\0" + name));
        using ServiceNotifier notifier = new("@" + name, TimeSpan.Zero);
        notifier.Ready();
        Assert.Equal("READY=1", Receive());
    }

    [Fact]
    public void The_status_is_sent_when_it_has_changed_and_once_a_second_at_most()
    {
        using ServiceNotifier notifier = OnPath();
        notifier.Status(() => "one", 0);
        notifier.Status(() => "two", 999);
        notifier.Status(() => "one", 1000);
        notifier.Status(() => "three", 2000);
        Assert.Equal(["STATUS=one", "STATUS=three"], [Receive(), Receive()]);
        Assert.Equal(0, _systemd.Available);
    }

    [Fact]
    public void The_watchdog_is_fed_at_half_its_interval()
    {
        using ServiceNotifier notifier = OnPath(watchdog: 10);
        for (long now = 0; now <= 10_000; now += 100) notifier.Alive(now);
        Assert.Equal(["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"], [Receive(), Receive(), Receive()]); // at 0, 5 and 10 s
        Assert.Equal(0, _systemd.Available);
        Assert.True(notifier.NextTurn <= 1000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/notify")]
    public void Without_systemd_nothing_happens(string? address)
    {
        using ServiceNotifier notifier = new(address, TimeSpan.FromSeconds(1));
        notifier.Ready();
        notifier.Alive(0);
        notifier.Status(() => "text", 0);
    }

    private static long MonotonicMicroseconds() => Environment.TickCount64 * 1000;

    private ServiceNotifier OnPath(double watchdog = 0)
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        return new ServiceNotifier(_folder["notify"], TimeSpan.FromSeconds(watchdog));
    }

    private string Receive()
    {
        byte[] bytes = new byte[4096];
        return Encoding.UTF8.GetString(bytes, 0, _systemd.Receive(bytes));
    }
}
