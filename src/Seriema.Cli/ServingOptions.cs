using System.CommandLine;
using Microsoft.Extensions.Logging;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options of one serving process and how each one reaches <see cref="WsgiServerOptions"/>.</summary>
/// <remarks>Turning the text into values is done in <see cref="Values"/>: one place words the refusals.</remarks>
internal sealed class ServingOptions
{
    private static readonly WsgiServerOptions s_default = new();

    internal Option<string[]> Bind { get; } =
        Create("ADDRESS", "HOST:PORT, unix:PATH, unix:@NAME or fd://N to listen on; may be repeated; port 0 takes a "
        + "free one [0.0.0.0:$PORT when PORT is set, else 127.0.0.1:8000]", "--bind", "-b");

    internal Option<string[]> Chdir { get; } =
        Create("FOLDER", "Change to this folder before loading the application", "--chdir");

    internal Option<string[]> PythonPath { get; } =
        Create("FOLDERS", "Folders to put in front of sys.path, separated by commas; may be repeated", "--pythonpath");

    internal Option<string[]> Python { get; } =
        Create("PATH", "Interpreter or virtual environment [$VIRTUAL_ENV, ./.venv, ./venv, python3 on PATH]", "--python");

    internal SiteOptions Site { get; } = new();

    internal ProxyOptions Proxies { get; } = new();

    internal SlowClientOptions SlowClients { get; } = new();

    internal ClientLimitOptions Clients { get; } = new();

    internal Option<string[]> Threads { get; } =
        Create("N", Default("Requests inside the application of one worker at once", s_default.Threads), "--threads");

    internal Option<string[]> WorkerClass { get; } =
        Create("CLASS", "sync (one thread unless --threads is given) or gthread [gthread]", "--worker-class", "-k");

    internal Option<string[]> LimitRequestLine { get; } =
        Create("SIZE", Default("Longest request line (414)", s_default.LimitRequestLine), "--limit-request-line");

    internal Option<string[]> LimitRequestFields { get; } =
        Create("N", Default("Most header fields (431)", s_default.LimitRequestFields), "--limit-request-fields");

    internal Option<string[]> LimitRequestFieldSize { get; } =
        Create(
            "SIZE", Default("Longest header field (431)", s_default.LimitRequestFieldSize),
            "--limit-request-field_size", "--limit-request-field-size"); // the second for who finds gunicorn's underscore odd

    internal Option<string[]> LimitRequestHead { get; } =
        Create("SIZE", Default("Longest request head (431)", s_default.LimitRequestHead), "--limit-request-head");

    internal Option<string[]> LimitRequestBody { get; } =
        Create(
            "SIZE", Default("Largest request body, 0 for any (413)", s_default.LimitRequestBody),
            "--limit-request-body");

    internal Option<string[]> Backlog { get; } =
        Create("N", Default("Connections that may wait to be accepted", s_default.Backlog), "--backlog");

    internal Option<string[]> BacklogRequests { get; } =
        Create(
            "N", Default("Requests that may wait for a free thread (503)", s_default.BacklogRequests),
            "--backlog-requests");

    internal Option<string[]> Timeout { get; } =
        Create(
            "SECONDS", Default("How long a request may be inside the application, 0 for ever (504)", s_default.Timeout),
            "--timeout", "-t");

    internal Option<string[]> TimeoutGrace { get; } =
        Create(
            "SECONDS", Default("How long after that its thread may take to come back, or the worker is replaced",
            s_default.TimeoutGrace), "--timeout-grace");

    internal Option<string[]> QueueTimeout { get; } =
        Create(
            "SECONDS", Default("How long a request may wait for a free thread, 0 for ever (503)", s_default.QueueTimeout),
            "--queue-timeout");

    internal Option<string[]> GracefulTimeout { get; } =
        Create(
            "SECONDS", Default("How long a stop waits for requests in flight", s_default.GracefulTimeout),
            "--graceful-timeout");

    internal Option<string[]> KeepAlive { get; } =
        Create(
            "SECONDS", Default("How long a connection may be idle between requests", s_default.KeepAlive),
            "--keep-alive");

    internal Option<string[]> HeadTimeout { get; } =
        Create(
            "SECONDS", Default("How long a request head may take to arrive", s_default.HeadTimeout),
            "--head-timeout");

    internal Option<string[]> ProgressTimeout { get; } =
        Create(
            "SECONDS", Default("How long a body or a response may stand still", s_default.ProgressTimeout),
            "--progress-timeout");

    internal Option<string[]> HealthPath { get; } =
        Create("PATH", "Must answer 2xx or 3xx before a new worker counts as ready; asked for by clients, it is answered "
        + "before all that wait", "--health-path");

    internal Option<string[]> MaxRequests { get; } =
        Create("N", Default("Requests after which a worker is replaced, 0 for never", s_default.MaxRequests), "--max-requests");

    internal Option<string[]> MaxRequestsJitter { get; } =
        Create(
            "N", Default("Up to so many are added to it, at random for each worker", s_default.MaxRequestsJitter),
            "--max-requests-jitter");

    internal Option<string[]> BodyBuffer { get; } =
        Create(
            "SIZE", Default("Request body held before the application is called", s_default.BodyBuffer),
            "--body-buffer");

    internal Option<string[]> ResponseBuffer { get; } =
        Create(
            "SIZE", Default("Response that may wait for a slow client", s_default.ResponseBuffer),
            "--response-buffer");

    internal Option<bool> Wire { get; } = Flag("Print each request and response head, as curl -v does", "--wire");

    internal Option<bool> WireSecrets { get; } =
        Flag("The same with the values of Authorization, Cookie and the like, which --wire hides", "--wire-secrets");

    /// <summary>The options of the server that <paramref name="parsed"/> asks for.</summary>
    /// <param name="typed">What the user typed, which the application finds in <c>sys.argv</c>.</param>
    /// <exception cref="SettingsException">A value is not what its option takes.</exception>
    /// <exception cref="UnavailableException">A folder cannot be used.</exception>
    internal WsgiServerOptions Read(
        ParseResult parsed, string? application, IReadOnlyList<string> typed, Func<string, string?> environment,
        TextWriter error, ILoggerFactory loggerFactory)
    {
        string? chdir = Folders.Existing(Chdir.Name, parsed.Last(Chdir));
        SiteSettings site = Site.Read(parsed);
        return new WsgiServerOptions
        {
            Application = application,
            Static = site.Static,
            StaticLast = parsed.GetValue(Site.StaticLast),
            Listing = parsed.GetValue(Site.Listing),
            CacheControl = site.CacheControl,
            NotFoundPage = parsed.Last(Site.NotFound),
            StaticOpenFiles = parsed.Count(Site.StaticOpenFiles, s_default.StaticOpenFiles),
            StaticFiles = parsed.Count(Site.StaticFiles, s_default.StaticFiles),
            StaticMemory = parsed.LongSize(Site.StaticMemory, s_default.StaticMemory),
            StaticFileMemory = parsed.Size(Site.StaticFileMemory, s_default.StaticFileMemory),
            Scripts = site.Scripts,
            ScriptSuffix = parsed.Last(Site.ScriptSuffix) ?? s_default.ScriptSuffix,
            Mounts = site.Mounts,
            Development = parsed.GetValue(Site.Development),
            Bind = Addresses(parsed, environment),
            ForwardedAllowIps = Proxies.Allowed(parsed, environment),
            ForwardedHeaders = Proxies.Fields(parsed),
            ProxyProtocol = parsed.GetValue(Proxies.ProxyProtocol),
            ProxyAllowIps = Proxies.Senders(parsed),
            ChangeDirectory = chdir,
            PythonPath = Folders.Paths(PythonPath.Name, parsed.GetValue(PythonPath), chdir),
            Python = Folders.Interpreter(Python.Name, parsed.Last(Python)),
            Arguments = ["seriema", .. typed],
            Threads = parsed.Count(Threads, IsSync(parsed) ? 1 : s_default.Threads),
            Backlog = parsed.Count(Backlog, s_default.Backlog),
            BacklogRequests = parsed.Count(BacklogRequests, s_default.BacklogRequests),
            Timeout = parsed.Seconds(Timeout, s_default.Timeout),
            TimeoutGrace = parsed.Seconds(TimeoutGrace, s_default.TimeoutGrace),
            QueueTimeout = parsed.Seconds(QueueTimeout, s_default.QueueTimeout),
            GracefulTimeout = parsed.Seconds(GracefulTimeout, s_default.GracefulTimeout),
            KeepAlive = parsed.Seconds(KeepAlive, s_default.KeepAlive),
            HeadTimeout = parsed.Seconds(HeadTimeout, s_default.HeadTimeout),
            ProgressTimeout = parsed.Seconds(ProgressTimeout, s_default.ProgressTimeout),
            HealthPath = parsed.Last(HealthPath),
            MaxRequests = parsed.Count(MaxRequests, s_default.MaxRequests),
            MaxRequestsJitter = parsed.Count(MaxRequestsJitter, s_default.MaxRequestsJitter),
            MinBodyRate = parsed.LongSize(SlowClients.MinBodyRate, s_default.MinBodyRate),
            MinResponseRate = parsed.LongSize(SlowClients.MinResponseRate, s_default.MinResponseRate),
            BufferMemory = parsed.LongSize(SlowClients.BufferMemory, s_default.BufferMemory),
            TempDirectory = Folders.Existing(SlowClients.TempDir.Name, parsed.Last(SlowClients.TempDir)),
            LimitTempFiles = parsed.LongSize(SlowClients.LimitTempFiles, s_default.LimitTempFiles),
            KeepAliveRequests = parsed.Count(Clients.KeepAliveRequests, s_default.KeepAliveRequests),
            WorkerConnections = parsed.Count(Clients.WorkerConnections, s_default.WorkerConnections),
            LimitClientConnections = parsed.Count(Clients.ClientConnections, s_default.LimitClientConnections),
            LimitRequestRate = parsed.Last(Clients.RequestRate) is string rate ? Values.Rate(Clients.RequestRate.Name, rate) : s_default.LimitRequestRate,
            LimitRequestBurst = parsed.Count(Clients.RequestBurst, s_default.LimitRequestBurst),
            LimitRequestLine = parsed.Size(LimitRequestLine, s_default.LimitRequestLine),
            LimitRequestFields = parsed.Count(LimitRequestFields, s_default.LimitRequestFields),
            LimitRequestFieldSize = parsed.Size(LimitRequestFieldSize, s_default.LimitRequestFieldSize),
            LimitRequestHead = parsed.Size(LimitRequestHead, s_default.LimitRequestHead),
            LimitRequestBody = parsed.LongSize(LimitRequestBody, s_default.LimitRequestBody),
            BodyBuffer = parsed.Size(BodyBuffer, s_default.BodyBuffer),
            ResponseBuffer = parsed.Size(ResponseBuffer, s_default.ResponseBuffer),
            Wire = parsed.GetValue(Wire) || parsed.GetValue(WireSecrets) ? error : null,
            WireSecrets = parsed.GetValue(WireSecrets),
            LoggerFactory = loggerFactory,
        };
    }

    private bool IsSync(ParseResult parsed) => parsed.Last(WorkerClass) switch
    {
        null or "gthread" => false,
        "sync" => true,
        string other => throw Values.Refuse(WorkerClass.Name, other, "only sync and gthread are supported"),
    };

    private IReadOnlyList<string> Addresses(ParseResult parsed, Func<string, string?> environment)
    {
        if (parsed.GetValue(Bind) is { Length: > 0 } given) return given;
        // gunicorn's rule, and what platforms with Procfiles rely on.
        string? port = environment("PORT");
        return string.IsNullOrEmpty(port) ? s_default.Bind : [$"0.0.0.0:{Values.Count("$PORT", port)}"];
    }
}
