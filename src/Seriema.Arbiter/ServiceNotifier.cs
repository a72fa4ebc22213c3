using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Arbiter;

/// <summary>Tells systemd how the service is (sd_notify(3)). Arbiter thread only.</summary>
/// <remarks>Each message is one datagram. Nothing that goes wrong here may disturb the service, so it is ignored.</remarks>
internal sealed class ServiceNotifier : IDisposable
{
    private const long StatusInterval = 1000;

    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private readonly long _watchdogInterval;
    private long _lastWatchdog = long.MinValue / 2;
    private long _lastStatus = long.MinValue / 2;
    private string _status = "";

    /// <param name="address">NOTIFY_SOCKET: a path, or <c>@name</c> for an abstract one; null when nobody listens.</param>
    /// <param name="watchdog">WATCHDOG_USEC; zero is none.</param>
    internal ServiceNotifier(string? address, TimeSpan watchdog)
    {
        // Half of it, as sd_watchdog_enabled(3) recommends.
        _watchdogInterval = (long)(watchdog.TotalMilliseconds / 2);
        if (string.IsNullOrEmpty(address)) return;
        try
        {
            _address = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
        catch (Exception e) when (e is ArgumentException or SocketException)
        {
            _socket = null;
        }
    }

    /// <summary>How long the loop may wait before the next watchdog message is due, in milliseconds.</summary>
    internal int NextTurn => _socket is not null && _watchdogInterval > 0 ? (int)Math.Clamp(_watchdogInterval / 2, 10, 1000) : 1000;

    internal void Ready() => Send("READY=1");

    /// <summary>A reload has begun; <see cref="Ready"/> ends it. Type=notify-reload wants the time.</summary>
    internal void Reloading()
    {
        // CLOCK_MONOTONIC, which is what Stopwatch reads on Linux.
        long microseconds = (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    internal void Stopping() => Send("STOPPING=1");

    /// <summary>The service's main process is another one from now on.</summary>
    internal void MainPid(int pid) => Send(string.Create(CultureInfo.InvariantCulture, $"MAINPID={pid}"));

    /// <summary>Shown by <c>systemctl status</c>; sent when it is another text, at most once a second.</summary>
    internal void Status(Func<string> describe, long now)
    {
        if (_socket is null || now - _lastStatus < StatusInterval) return;
        string text = describe();
        if (text == _status) return;
        (_status, _lastStatus) = (text, now);
        Send("STATUS=" + text);
    }

    /// <summary>The loop turns; only the loop may say so.</summary>
    internal void Alive(long now)
    {
        if (_watchdogInterval <= 0 || now - _lastWatchdog < _watchdogInterval) return;
        _lastWatchdog = now;
        Send("WATCHDOG=1");
    }

    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        if (_socket is null) return;
        try
        {
            _ = _socket.SendTo(Encoding.UTF8.GetBytes(message), _address!);
        }
        catch (SocketException)
        {
            // Nobody listens, or too slowly.
        }
    }
}
