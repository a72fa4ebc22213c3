using System.Globalization;

namespace Seriema.Worker;

/// <summary>Refuses options that cannot be served with, before anything is started.</summary>
internal static class OptionsCheck
{
    // A thread has 16 MiB of address space and Python a state for it; more than this is a typing error.
    private const int MaxThreads = 4096;

    // Bytes a second: beyond it no network is meant.
    private const long MaxRate = 1L << 40;

    // The stop waits with Task.Delay, which takes at most 2^32 - 2 milliseconds.
    internal const int LongestStop = 4_000_000;

    // One request in a quarter of an hour, and more than a worker can answer.
    private const double LeastRate = 0.001;
    private const double MostRate = 1_000_000;

    /// <exception cref="SettingsException">Names the first option that is wrong.</exception>
    /// <param name="isWhole">False for the options of one line of a configuration file: what they lack stands in others.</param>
    internal static void Check(WsgiServerOptions options, bool isWhole = true)
    {
        SiteCheck.Check(options, isWhole);
        _ = ProxySettings.Of(options);
        if (options.Bind.Count == 0) throw new SettingsException("--bind", "''", "at least one address is needed");
        InRange("--threads", options.Threads, 1, MaxThreads);
        InRange("--backlog", options.Backlog, 1, int.MaxValue);
        InRange("--backlog-requests", options.BacklogRequests, 1, int.MaxValue);
        InRange("--max-requests", options.MaxRequests, 0, int.MaxValue);
        InRange("--max-requests-jitter", options.MaxRequestsJitter, 0, int.MaxValue);
        InRange("--keep-alive-requests", options.KeepAliveRequests, 0, int.MaxValue);
        InRange("--worker-connections", options.WorkerConnections, 0, int.MaxValue);
        InRange("--limit-client-connections", options.LimitClientConnections, 0, int.MaxValue);
        InRange("--limit-request-burst", options.LimitRequestBurst, 0, 100_000);
        if (options.LimitRequestRate is not (0 or (>= LeastRate and <= MostRate)))
        {
            throw Bad("--limit-request-rate", options.LimitRequestRate, $"must be 0, or from {LeastRate} to {MostRate} requests a second");
        }
        InRange("--limit-request-line", options.LimitRequestLine, 16, 1 << 20);
        InRange("--limit-request-fields", options.LimitRequestFields, 1, 32768);
        InRange("--limit-request-field_size", options.LimitRequestFieldSize, 16, 1 << 20);
        InRange("--limit-request-head", options.LimitRequestHead, 64, 16 << 20);
        InRange("--limit-request-body", options.LimitRequestBody, 0, long.MaxValue);
        InRange("--body-buffer", options.BodyBuffer, 1, 1 << 30);
        InRange("--response-buffer", options.ResponseBuffer, 4096, 1 << 30);
        InRange("--min-body-rate", options.MinBodyRate, 0, MaxRate);
        InRange("--min-response-rate", options.MinResponseRate, 0, MaxRate);
        InRange("--buffer-memory", options.BufferMemory, 1 << 20, long.MaxValue);
        InRange("--limit-temp-files", options.LimitTempFiles, 0, long.MaxValue);
        Positive("--keep-alive", options.KeepAlive);
        Positive("--head-timeout", options.HeadTimeout);
        Positive("--progress-timeout", options.ProgressTimeout);
        NotNegative("--timeout", options.Timeout);
        NotNegative("--timeout-grace", options.TimeoutGrace);
        NotNegative("--queue-timeout", options.QueueTimeout);
        if (options.HealthPath is { } path) CheckHealthPath(path);
        double stop = options.GracefulTimeout.TotalSeconds;
        if (stop < 0) throw Bad("--graceful-timeout", stop, "must not be negative");
        if (stop > LongestStop) throw Bad("--graceful-timeout", stop, $"must be at most {LongestStop} seconds");
    }

    private static void CheckHealthPath(string path)
    {
        if (!path.StartsWith('/')) throw new SettingsException("--health-path", path, "must begin with /");
        // It is compared with the path of a request as it came, and sent as one.
        int wrong = path.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (wrong < 0) wrong = path.AsSpan().IndexOfAny('?', '#');
        if (wrong >= 0) throw new SettingsException("--health-path", path, $"is no path: '{path[wrong]}' cannot stand in one as it is");
    }

    internal static void InRange(string name, long value, long least, long most)
    {
        if (value < least || value > most) throw Bad(name, value, $"must be from {least} to {most}");
    }

    private static void Positive(string name, TimeSpan time)
    {
        if (time <= TimeSpan.Zero) throw Bad(name, time.TotalSeconds, "must be more than 0 seconds");
    }

    private static void NotNegative(string name, TimeSpan time)
    {
        if (time < TimeSpan.Zero) throw Bad(name, time.TotalSeconds, "must not be negative");
        if (time.TotalSeconds > LongestStop) throw Bad(name, time.TotalSeconds, $"must be at most {LongestStop} seconds");
    }

    private static SettingsException Bad<T>(string name, T value, string problem)
        where T : IFormattable =>
        new(name, value.ToString(null, CultureInfo.InvariantCulture), problem);
}
