using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>
/// Writes records in gunicorn's form, each with one write: <c>[time] [pid] [LEVEL] message</c>. Any thread.
/// </summary>
/// <remarks>Synchronous: the last words before a crash are the ones that matter.</remarks>
internal sealed class StreamLogger(TextWriter output, LogLevel minimum, int pid, TimeProvider clock) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var record = new StringBuilder(128);
        DateTimeOffset now = clock.GetLocalNow();
        int offsetMinutes = Math.Abs(now.Offset.Minutes); // "zzz" would put a colon before them
        record.Append(CultureInfo.InvariantCulture, $"[{now:yyyy-MM-dd HH:mm:ss zz}{offsetMinutes:00}] ");
        record.Append(CultureInfo.InvariantCulture, $"[{pid}] [{Name(logLevel)}] ");
        LogText.Append(record, formatter(state, exception));
        if (exception is not null)
        {
            // Critical is a fault of the server's own, and its stack what a report of it needs. Elsewhere it helps nobody
            // who has asked for no C# in the log.
            string text = minimum <= LogLevel.Debug || logLevel == LogLevel.Critical
                ? exception.ToString()
                : $"{exception.GetType().Name}: {exception.Message}";
            LogText.Append(record, "\n" + text);
        }
        output.Write(record.Append('\n').ToString());
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };
}
