using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>Says at debug level which of gunicorn's settings were accepted without changing anything.</summary>
internal static partial class GunicornNotes
{
    internal static void Log(
        ILogger logger, ParseResult parsed, CommandLineOptions options, int threads, Func<string, string?> environment)
    {
        if (CommandLineOptions.Last(parsed, options.WorkerClass) is string workerClass)
        {
            WorkerClass(logger, workerClass, threads);
        }
        if (CommandLineOptions.Last(parsed, options.WorkerTmpDir) is not null) WorkerTmpDir(logger);
        if (environment("WEB_CONCURRENCY") is { Length: > 0 } workers) WebConcurrency(logger, workers);
        if (environment("GUNICORN_CMD_ARGS") is { Length: > 0 }) CommandArguments(logger);
    }

    [LoggerMessage(1, LogLevel.Debug, "--worker-class {Name}: one worker process, threads {Threads}")]
    private static partial void WorkerClass(ILogger logger, string name, int threads);

    [LoggerMessage(2, LogLevel.Debug, "--worker-tmp-dir: there is no heartbeat file, nothing is written there")]
    private static partial void WorkerTmpDir(ILogger logger);

    [LoggerMessage(3, LogLevel.Debug, "WEB_CONCURRENCY={Workers} is not read: there is one worker process")]
    private static partial void WebConcurrency(ILogger logger, string workers);

    [LoggerMessage(4, LogLevel.Debug, "GUNICORN_CMD_ARGS is not read")]
    private static partial void CommandArguments(ILogger logger);
}
