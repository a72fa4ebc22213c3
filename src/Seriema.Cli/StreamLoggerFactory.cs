using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>One logger for every category: the log shows none, as gunicorn's does not. Any thread.</summary>
internal sealed class StreamLoggerFactory(TextWriter output, LogLevel minimum, TimeProvider clock) : ILoggerFactory
{
    private readonly StreamLogger _logger = new(output, minimum, Environment.ProcessId, clock);

    public ILogger CreateLogger(string categoryName) => _logger;

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("The command line logs to standard error only.");

    public void Dispose()
    {
    }
}
