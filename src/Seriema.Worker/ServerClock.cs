using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>The time as the server needs it: milliseconds for deadlines, and the text of the Date field.</summary>
/// <remarks>Any thread; the text is an array that is never written again once it is shown.</remarks>
internal sealed class ServerClock
{
    private byte[] _date = new byte[29]; // an IMF-fixdate always has 29 characters (RFC 9110 §5.6.7)
    private long _second = -1;

    internal ServerClock() => Update();

    /// <summary>Milliseconds that only grow.</summary>
    internal static long Now => Environment.TickCount64;

    /// <summary>As of the last <see cref="Update"/>.</summary>
    internal ReadOnlySpan<byte> Date => Volatile.Read(ref _date);

    /// <summary>Looks at the clock; the loop does so once for each batch of events.</summary>
    internal void Update()
    {
        DateTime now = DateTime.UtcNow;
        long second = now.Ticks / TimeSpan.TicksPerSecond;
        if (second == Volatile.Read(ref _second)) return;
        byte[] date = new byte[29];
        HttpDate.Format(date, now);
        Volatile.Write(ref _date, date);
        Volatile.Write(ref _second, second);
    }
}
