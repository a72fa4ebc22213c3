using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>
/// The table of options: what the parser knows and how each one reaches <see cref="WsgiServerOptions"/>.
/// </summary>
/// <remarks>
/// Every option takes text and may be repeated, the last one wins, as with gunicorn: a Procfile may append to what
/// another one wrote. Turning the text into values is done in <see cref="Values"/>: one place words the refusals.
/// </remarks>
internal sealed class CommandLineOptions
{
    private static readonly WsgiServerOptions s_default = new() { Application = "" };

    internal Argument<string?> Application { get; } = new("MODULE:CALLABLE")
    {
        Description = "The WSGI application: package.module:name, module:factory() or module (application, else app).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    internal Option<string[]> Bind { get; } =
        Text("HOST:PORT", "Address to listen on; may be repeated; port 0 takes a free one "
        + "[0.0.0.0:$PORT when PORT is set, else 127.0.0.1:8000]", "--bind", "-b");

    internal Option<string[]> Chdir { get; } =
        Text("FOLDER", "Change to this folder before loading the application", "--chdir");

    internal Option<string[]> PythonPath { get; } =
        Text("FOLDERS", "Folders to put in front of sys.path, separated by commas; may be repeated", "--pythonpath");

    internal Option<string[]> Python { get; } =
        Text("PATH", "Interpreter or virtual environment [$VIRTUAL_ENV, ./.venv, ./venv, python3 on PATH]", "--python");

    internal Option<string[]> Threads { get; } =
        Text("N", Default("Requests inside the application at once", s_default.Threads), "--threads");

    internal Option<string[]> Workers { get; } = Text("N", "Worker processes; only 1 so far [1]", "--workers", "-w");

    internal Option<string[]> WorkerClass { get; } =
        Text("CLASS", "sync (one thread unless --threads is given) or gthread [gthread]", "--worker-class", "-k");

    internal Option<string[]> Backlog { get; } =
        Text("N", Default("Connections that may wait to be accepted", s_default.Backlog), "--backlog");

    internal Option<string[]> BacklogRequests { get; } =
        Text(
            "N", Default("Requests that may wait for a free thread (503)", s_default.BacklogRequests),
            "--backlog-requests");

    internal Option<string[]> GracefulTimeout { get; } =
        Text(
            "SECONDS", Default("How long a stop waits for requests in flight", s_default.GracefulTimeout),
            "--graceful-timeout");

    internal Option<string[]> KeepAlive { get; } =
        Text(
            "SECONDS", Default("How long a connection may be idle between requests", s_default.KeepAlive),
            "--keep-alive");

    internal Option<string[]> HeadTimeout { get; } =
        Text(
            "SECONDS", Default("How long a request head may take to arrive", s_default.HeadTimeout),
            "--head-timeout");

    internal Option<string[]> ProgressTimeout { get; } =
        Text(
            "SECONDS", Default("How long a body or a response may stand still", s_default.ProgressTimeout),
            "--progress-timeout");

    internal Option<string[]> LimitRequestLine { get; } =
        Text("SIZE", Default("Longest request line (414)", s_default.LimitRequestLine), "--limit-request-line");

    internal Option<string[]> LimitRequestFields { get; } =
        Text("N", Default("Most header fields (431)", s_default.LimitRequestFields), "--limit-request-fields");

    internal Option<string[]> LimitRequestFieldSize { get; } =
        Text(
            "SIZE", Default("Longest header field (431)", s_default.LimitRequestFieldSize),
            "--limit-request-field_size");

    /// <summary>The same for who finds gunicorn's underscore odd; the help shows only gunicorn's spelling.</summary>
    internal Option<string[]> LimitRequestFieldSizeDashed { get; } = new("--limit-request-field-size")
    {
        Arity = ArgumentArity.OneOrMore,
        Hidden = true,
    };

    internal Option<string[]> LimitRequestHead { get; } =
        Text("SIZE", Default("Longest request head (431)", s_default.LimitRequestHead), "--limit-request-head");

    internal Option<string[]> LimitRequestBody { get; } =
        Text(
            "SIZE", Default("Largest request body, 0 for any (413)", s_default.LimitRequestBody),
            "--limit-request-body");

    internal Option<string[]> BodyBuffer { get; } =
        Text(
            "SIZE", Default("Request body held before the application is called", s_default.BodyBuffer),
            "--body-buffer");

    internal Option<string[]> ResponseBuffer { get; } =
        Text(
            "SIZE", Default("Response that may wait for a slow client", s_default.ResponseBuffer),
            "--response-buffer");

    internal Option<string[]> WorkerTmpDir { get; } =
        Text("FOLDER", "Accepted: there is no heartbeat file to put there", "--worker-tmp-dir");

    internal Option<bool> Wire { get; } = new("--wire")
    {
        Description = "Print each request and response head, as curl -v does",
        Arity = ArgumentArity.Zero,
    };

    internal Option<string[]> LogLevel { get; } =
        Text("LEVEL", "debug, info, warning, error or critical [info]", "--log-level");

    internal Option<bool> Version { get; } = new("--version", "-v")
    {
        Description = "Print the version",
        Arity = ArgumentArity.Zero,
    };

    internal Option<bool> Help { get; } = new("--help", "-h")
    {
        Description = "Print this text",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>The command with these options in the order that <c>--help</c> shows.</summary>
    internal Command ToCommand()
    {
        // Not a RootCommand: that brings a --help and a --version with other spellings and other text.
        var command = new Command("seriema", "Serves Python WSGI applications.");
        command.Arguments.Add(Application);
        foreach (Option option in (ReadOnlySpan<Option>)[
            Bind, Chdir, PythonPath, Python, Threads, Workers, WorkerClass, LogLevel, Wire, GracefulTimeout, KeepAlive,
            HeadTimeout, ProgressTimeout, Backlog, BacklogRequests, LimitRequestLine, LimitRequestFields,
            LimitRequestFieldSize, LimitRequestFieldSizeDashed,
            LimitRequestHead, LimitRequestBody, BodyBuffer, ResponseBuffer, WorkerTmpDir, Version, Help])
        {
            command.Options.Add(option);
        }
        return command;
    }

    /// <summary>The options of the server that <paramref name="parsed"/> asks for.</summary>
    /// <exception cref="SettingsException">A value is not what its option takes.</exception>
    /// <exception cref="FolderException">A folder cannot be used.</exception>
    internal WsgiServerOptions ToServerOptions(
        ParseResult parsed, string application, IReadOnlyList<string> args, Func<string, string?> environment,
        TextWriter error, ILoggerFactory loggerFactory)
    {
        string? chdir = Folders.Existing(Chdir.Name, Last(parsed, Chdir));
        WorkerSettings workers = WorkerSettings.Of(Last(parsed, Workers), Last(parsed, WorkerClass));
        return new WsgiServerOptions
        {
            Application = application,
            Bind = Addresses(parsed, environment),
            ChangeDirectory = chdir,
            PythonPath = Folders.Paths(PythonPath.Name, parsed.GetValue(PythonPath), chdir),
            Python = Folders.Interpreter(Python.Name, Last(parsed, Python)),
            Arguments = ["seriema", .. args],
            Threads = Count(parsed, Threads, workers.IsSync ? 1 : s_default.Threads),
            GracefulTimeout = Seconds(parsed, GracefulTimeout, s_default.GracefulTimeout),
            Backlog = Count(parsed, Backlog, s_default.Backlog),
            BacklogRequests = Count(parsed, BacklogRequests, s_default.BacklogRequests),
            KeepAlive = Seconds(parsed, KeepAlive, s_default.KeepAlive),
            HeadTimeout = Seconds(parsed, HeadTimeout, s_default.HeadTimeout),
            ProgressTimeout = Seconds(parsed, ProgressTimeout, s_default.ProgressTimeout),
            LimitRequestLine = Size(parsed, LimitRequestLine, s_default.LimitRequestLine),
            LimitRequestFields = Count(parsed, LimitRequestFields, s_default.LimitRequestFields),
            LimitRequestFieldSize = Size(
                parsed, LimitRequestFieldSize,
                Size(parsed, LimitRequestFieldSizeDashed, s_default.LimitRequestFieldSize)),
            LimitRequestHead = Size(parsed, LimitRequestHead, s_default.LimitRequestHead),
            LimitRequestBody = Last(parsed, LimitRequestBody) is string body
                ? Values.Size(LimitRequestBody.Name, body, long.MaxValue) : s_default.LimitRequestBody,
            BodyBuffer = Size(parsed, BodyBuffer, s_default.BodyBuffer),
            ResponseBuffer = Size(parsed, ResponseBuffer, s_default.ResponseBuffer),
            Wire = parsed.GetValue(Wire) ? error : null,
            LoggerFactory = loggerFactory,
        };
    }

    /// <summary>The last value given; null when there is none.</summary>
    internal static string? Last(ParseResult parsed, Option<string[]> option) =>
        parsed.GetValue(option) is { Length: > 0 } all ? all[^1] : null;

    private IReadOnlyList<string> Addresses(ParseResult parsed, Func<string, string?> environment)
    {
        if (parsed.GetValue(Bind) is { Length: > 0 } given) return given;
        // gunicorn's rule, and what platforms with Procfiles rely on.
        string? port = environment("PORT");
        return string.IsNullOrEmpty(port) ? s_default.Bind : [$"0.0.0.0:{Values.Count("$PORT", port)}"];
    }

    private static int Count(ParseResult parsed, Option<string[]> option, int otherwise) =>
        Last(parsed, option) is string text ? Values.Count(option.Name, text) : otherwise;

    private static int Size(ParseResult parsed, Option<string[]> option, int otherwise) =>
        Last(parsed, option) is string text ? (int)Values.Size(option.Name, text, int.MaxValue) : otherwise;

    private static TimeSpan Seconds(ParseResult parsed, Option<string[]> option, TimeSpan otherwise) =>
        Last(parsed, option) is string text ? Values.Seconds(option.Name, text) : otherwise;

    private static Option<string[]> Text(
        string helpName, string description, string name, params string[] aliases) => new(name, aliases)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    private static string Default(string description, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{description} [{value}]");

    private static string Default(string description, TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{description} [{value.TotalSeconds}]");
}
