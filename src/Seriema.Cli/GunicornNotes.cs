using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>Says at debug level which of gunicorn's settings were accepted without changing anything.</summary>
internal static partial class GunicornNotes
{
    internal static void Log(
        ILogger logger, ParsedLine line, int threads, Func<string, string?> environment)
    {
        if (line.Result.Last(line.Options.Serving.WorkerClass) is string workerClass)
        {
            WorkerClass(logger, workerClass, threads);
        }
        if (line.Result.Last(line.Options.Processes.WorkerTmpDir) is not null) WorkerTmpDir(logger);
        if (environment("GUNICORN_CMD_ARGS") is { Length: > 0 }) CommandArguments(logger);
    }

    [LoggerMessage(1, LogLevel.Debug, "--worker-class {Name}: threads {Threads}")]
    private static partial void WorkerClass(ILogger logger, string name, int threads);

    [LoggerMessage(2, LogLevel.Debug, "--worker-tmp-dir: there is no heartbeat file, nothing is written there")]
    private static partial void WorkerTmpDir(ILogger logger);

    [LoggerMessage(3, LogLevel.Debug, "GUNICORN_CMD_ARGS is not read")]
    private static partial void CommandArguments(ILogger logger);
}
