namespace Seriema.Worker.Tests;

public sealed class OptionsCheckTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, (string Setting, WsgiServerOptions Options)> s_bad = new()
    {
        ["no application"] = ("MODULE:CALLABLE", new() { Application = "" }),
        ["blank application"] = ("MODULE:CALLABLE", new() { Application = " " }),
        ["no address"] = ("--bind", new() { Application = "a", Bind = [] }),
        ["threads 0"] = ("--threads", new() { Application = "a", Threads = 0 }),
        ["threads -1"] = ("--threads", new() { Application = "a", Threads = -1 }),
        ["threads 4097"] = ("--threads", new() { Application = "a", Threads = 4097 }),
        ["backlog 0"] = ("--backlog", new() { Application = "a", Backlog = 0 }),
        ["queue 0"] = ("--backlog-requests", new() { Application = "a", BacklogRequests = 0 }),
        ["queue timeout -1"] = ("--queue-timeout", new() { Application = "a", QueueTimeout = -s_second }),
        ["health path without slash"] = ("--health-path", new() { Application = "a", HealthPath = "health" }),
        ["empty health path"] = ("--health-path", new() { Application = "a", HealthPath = "" }),
        ["health path with query"] = ("--health-path", new() { Application = "a", HealthPath = "/health?full=1" }),
        ["health path with space"] = ("--health-path", new() { Application = "a", HealthPath = "/he alth" }),
        ["health path that splits a request"] = ("--health-path", new() { Application = "a", HealthPath = "/\r\nX:1" }),
        ["max requests -1"] = ("--max-requests", new() { Application = "a", MaxRequests = -1 }),
        ["jitter -1"] = ("--max-requests-jitter", new() { Application = "a", MaxRequestsJitter = -1 }),
        ["keep-alive requests -1"] = ("--keep-alive-requests", new() { Application = "a", KeepAliveRequests = -1 }),
        ["connections -1"] = ("--worker-connections", new() { Application = "a", WorkerConnections = -1 }),
        ["client connections -1"] = ("--limit-client-connections", new() { Application = "a", LimitClientConnections = -1 }),
        ["rate -1"] = ("--limit-request-rate", new() { Application = "a", LimitRequestRate = -1 }),
        ["rate NaN"] = ("--limit-request-rate", new() { Application = "a", LimitRequestRate = double.NaN }),
        ["rate too low"] = ("--limit-request-rate", new() { Application = "a", LimitRequestRate = 0.0009 }),
        ["rate too high"] = ("--limit-request-rate", new() { Application = "a", LimitRequestRate = 1_000_001 }),
        ["burst -1"] = ("--limit-request-burst", new() { Application = "a", LimitRequestBurst = -1 }),
        ["burst too large"] = ("--limit-request-burst", new() { Application = "a", LimitRequestBurst = 100_001 }),
        ["line 15"] = ("--limit-request-line", new() { Application = "a", LimitRequestLine = 15 }),
        ["line too long"] = ("--limit-request-line", new() { Application = "a", LimitRequestLine = (1 << 20) + 1 }),
        ["fields 0"] = ("--limit-request-fields", new() { Application = "a", LimitRequestFields = 0 }),
        ["fields 32769"] = ("--limit-request-fields", new() { Application = "a", LimitRequestFields = 32769 }),
        ["field size 15"] = ("--limit-request-field_size", new() { Application = "a", LimitRequestFieldSize = 15 }),
        ["head 63"] = ("--limit-request-head", new() { Application = "a", LimitRequestHead = 63 }),
        ["body -1"] = ("--limit-request-body", new() { Application = "a", LimitRequestBody = -1 }),
        ["body buffer 0"] = ("--body-buffer", new() { Application = "a", BodyBuffer = 0 }),
        ["response buffer 4095"] = ("--response-buffer", new() { Application = "a", ResponseBuffer = 4095 }),
        ["keep-alive 0"] = ("--keep-alive", new() { Application = "a", KeepAlive = TimeSpan.Zero }),
        ["head timeout 0"] = ("--head-timeout", new() { Application = "a", HeadTimeout = TimeSpan.Zero }),
        ["progress timeout -1"] = ("--progress-timeout", new() { Application = "a", ProgressTimeout = -s_second }),
        ["buffer memory of 1000"] = ("--buffer-memory", new() { Application = "a", BufferMemory = 1000 }),
        ["temp files -1"] = ("--limit-temp-files", new() { Application = "a", LimitTempFiles = -1 }),
        ["min body rate -1"] = ("--min-body-rate", new() { Application = "a", MinBodyRate = -1 }),
        ["min response rate of 2 TiB"] = ("--min-response-rate", new() { Application = "a", MinResponseRate = 2L << 40 }),
        ["timeout -1"] = ("--timeout", new() { Application = "a", Timeout = -s_second }),
        ["timeout of 50 days"] = ("--timeout", new() { Application = "a", Timeout = TimeSpan.FromDays(50) }),
        ["timeout grace -1"] = ("--timeout-grace", new() { Application = "a", TimeoutGrace = -s_second }),
        ["graceful timeout -1"] = ("--graceful-timeout", new() { Application = "a", GracefulTimeout = -s_second }),
        ["forwarded from a name"] = ("--forwarded-allow-ips", new() { Application = "a", ForwardedAllowIps = ["proxy.example"] }),
        ["forwarded from a host's network"] = ("--forwarded-allow-ips", new() { Application = "a", ForwardedAllowIps = ["10.0.0.1/8"] }),
        ["both families"] = ("--forwarded-headers", new() { Application = "a", ForwardedHeaders = ["forwarded", "x-forwarded-for"] }),
        ["an unknown field"] = ("--forwarded-headers", new() { Application = "a", ForwardedHeaders = ["x-real-ip"] }),
        ["PROXY from everywhere"] = ("--proxy-allow-ips", new() { Application = "a", ProxyAllowIps = ["::/0"] }),
        // A Task.Delay, which the stop waits with, takes no more than 2^32 - 2 milliseconds.
        ["graceful timeout of 50 days"] = ("--graceful-timeout", new() { Application = "a", GracefulTimeout = TimeSpan.FromDays(50) }),
    };

    private static readonly Dictionary<string, WsgiServerOptions> s_good = new()
    {
        ["defaults"] = new() { Application = "a" },
        ["one thread"] = new() { Application = "a", Threads = 1 },
        ["most threads"] = new() { Application = "a", Threads = 4096 },
        ["no body limit"] = new() { Application = "a", LimitRequestBody = 0 },
        ["no limits on clients"] = new() { Application = "a", WorkerConnections = 0, LimitClientConnections = 0 },
        ["a low rate"] = new() { Application = "a", LimitRequestRate = 0.001, LimitRequestBurst = 100_000 },
        ["a high rate"] = new() { Application = "a", LimitRequestRate = 1_000_000 },
        ["no waiting"] = new() { Application = "a", GracefulTimeout = TimeSpan.Zero },
        ["for ever"] = new() { Application = "a", KeepAlive = TimeSpan.MaxValue, HeadTimeout = TimeSpan.MaxValue, ProgressTimeout = TimeSpan.MaxValue },
        ["no deadline"] = new() { Application = "a", Timeout = TimeSpan.Zero, TimeoutGrace = TimeSpan.Zero },
        ["a day"] = new() { Application = "a", GracefulTimeout = TimeSpan.FromDays(1) },
        ["no queue timeout"] = new() { Application = "a", QueueTimeout = TimeSpan.Zero },
        ["health path"] = new() { Application = "a", HealthPath = "/-/health%20check;v=1" },
        ["recycling"] = new() { Application = "a", MaxRequests = int.MaxValue, MaxRequestsJitter = int.MaxValue },
        ["no proxies"] = new() { Application = "a", ForwardedAllowIps = [], ForwardedHeaders = [], ProxyAllowIps = [] },
        ["any proxy"] = new() { Application = "a", ForwardedAllowIps = ["*", "10.0.0.0/8"], ForwardedHeaders = ["Forwarded"] },
        ["smallest buffers"] = new() { Application = "a", BodyBuffer = 1, ResponseBuffer = 4096 },
    };

    public static TheoryData<string> Bad => [.. s_bad.Keys];

    public static TheoryData<string> Good => [.. s_good.Keys];

    [Theory, MemberData(nameof(Bad))]
    public void What_cannot_be_served_with_is_refused_by_name(string which)
    {
        (string setting, WsgiServerOptions options) = s_bad[which];
        SettingsException error = Assert.Throws<SettingsException>(() => OptionsCheck.Check(options));
        Assert.Equal(setting, error.Setting);
        Assert.StartsWith($"{setting} {error.Value}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Good))]
    public void What_can_be_served_with_is_taken(string which) => OptionsCheck.Check(s_good[which]);
}
