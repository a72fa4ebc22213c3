using Microsoft.Extensions.Logging;

namespace Seriema.Arbiter.Tests;

/// <summary>Keeps what is logged. Any thread.</summary>
internal sealed class LogRecorder : ILoggerFactory, ILogger
{
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    internal (LogLevel Level, string Text)[] Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add((logLevel, formatter(state, exception)));
            Monitor.PulseAll(_lines);
        }
    }

    /// <summary>Waits until a line with the text is there.</summary>
    internal void WaitFor(string text, TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_lines)
        {
            while (!_lines.Exists(line => line.Text.Contains(text, StringComparison.Ordinal)))
            {
                long left = deadline - Environment.TickCount64;
                Assert.True(left > 0 && Monitor.Wait(_lines, (int)left), $"'{text}' is not in:\n{string.Join('\n', _lines)}");
            }
        }
    }

    public void Dispose()
    {
    }
}
