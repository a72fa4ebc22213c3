using System.Diagnostics;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>How often one client may ask: over all workers of an arbiter together, or of this server alone. Any thread.</summary>
/// <remarks>Owns its table where no arbiter has given one.</remarks>
internal sealed class RequestRate : IDisposable
{
    private const double DefaultBurst = 10; // seconds of the rate: a page and all that is on it, now and then

    private readonly RateTable _table;
    private readonly bool _isOwn;
    private readonly long _interval;
    private readonly int _burst;

    private RequestRate(WsgiServerOptions options, RateTable? shared)
    {
        _isOwn = shared is null;
        _table = shared ?? RateTable.Create(RateTable.DefaultSlots);
        _interval = (long)Math.Round(RateTable.TicksPerSecond / options.LimitRequestRate);
        _burst = options.LimitRequestBurst > 0 ? options.LimitRequestBurst : Math.Max(1, (int)Math.Ceiling(options.LimitRequestRate * DefaultBurst));
    }

    /// <summary>Null when the options set no limit.</summary>
    /// <param name="shared">What the arbiter has for its workers; null without one.</param>
    /// <exception cref="LinuxException">The kernel refuses the memory.</exception>
    internal static RequestRate? Of(WsgiServerOptions options, RateTable? shared) =>
        options.LimitRequestRate > 0 ? new RequestRate(options, shared) : null;

    /// <summary>Counts a request of the client, or of nobody who is known.</summary>
    /// <param name="retryAfter">When it may not be answered: the whole seconds after which the next one may.</param>
    internal bool Allows(IpAddress? client, out int retryAfter)
    {
        retryAfter = 0;
        // CLOCK_MONOTONIC, on which all processes of the machine agree.
        if (client is not { } known || _table.TryTake(known.Value, Stopwatch.GetTimestamp(), _interval, _burst, out long wait)) return true;
        retryAfter = (int)((wait + RateTable.TicksPerSecond - 1) / RateTable.TicksPerSecond); // at least 1, for it is never 0
        return false;
    }

    public void Dispose()
    {
        if (_isOwn) _table.Dispose();
    }
}
