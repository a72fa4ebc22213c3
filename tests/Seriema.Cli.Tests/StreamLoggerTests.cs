using System.Text;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli.Tests;

public sealed class StreamLoggerTests
{
    private readonly StringBuilder _output = new();

    [Theory]
    [InlineData(LogLevel.Trace, "DEBUG")]
    [InlineData(LogLevel.Debug, "DEBUG")]
    [InlineData(LogLevel.Information, "INFO")]
    [InlineData(LogLevel.Warning, "WARNING")]
    [InlineData(LogLevel.Error, "ERROR")]
    [InlineData(LogLevel.Critical, "CRITICAL")]
    public void A_record_has_gunicorns_form(LogLevel level, string name)
    {
        Log(LogLevel.Trace, TimeSpan.Zero, level, "message");
        Assert.Equal($"[2026-11-21 03:00:00 +0000] [42] [{name}] message\n", _output.ToString());
    }

    [Theory]
    [InlineData(330, "08:30:00 +0530")]
    [InlineData(-210, "23:30:00 -0330")]
    public void The_time_is_local_with_its_offset(int offsetMinutes, string expected)
    {
        Log(LogLevel.Information, TimeSpan.FromMinutes(offsetMinutes), LogLevel.Information, "x");
        Assert.Contains(expected + "]", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_below_the_level_are_not_written()
    {
        Log(LogLevel.Warning, TimeSpan.Zero, LogLevel.Information, "x");
        Assert.Equal("", _output.ToString());
    }

    [Theory]
    [InlineData("a\n[2026-11-21 03:00:00 +0000] [42] [INFO] forged", "a\n    [2026-11-21 03:00:00 +0000] [42] [INFO] forged")]
    [InlineData("a\r[42] [INFO] forged", "a\\r[42] [INFO] forged")]
    [InlineData("Traceback:\n  File \"x.py\"\r\nKeyError\n", "Traceback:\n      File \"x.py\"\n    KeyError")]
    [InlineData("\x1b[2J\a\0\x7f\x9b", "\\x1b[2J\\x07\\x00\\x7f\\x9b")]
    [InlineData("a\u2028b\u202ec", "a\\u2028b\\u202ec")]
    [InlineData("tab\tand \u00fc \u4e2d", "tab\tand \u00fc \u4e2d")]
    public void No_message_can_look_like_another_record(string message, string expected)
    {
        Log(LogLevel.Information, TimeSpan.Zero, LogLevel.Information, message);
        Assert.Equal($"[2026-11-21 03:00:00 +0000] [42] [INFO] {expected}\n", _output.ToString());
    }

    [Fact]
    public void An_exception_shows_its_stack_at_debug_level_and_when_the_server_failed()
    {
        Exception failure = Assert.Throws<InvalidOperationException>(Fail);
        Log(LogLevel.Information, TimeSpan.Zero, LogLevel.Error, "failed", failure);
        Assert.Equal(
            "[2026-11-21 03:00:00 +0000] [42] [ERROR] failed\n    InvalidOperationException: no\n    [x]\n", _output.ToString());
        Log(LogLevel.Debug, TimeSpan.Zero, LogLevel.Error, "failed", failure);
        Assert.Contains("\n       at ", _output.ToString(), StringComparison.Ordinal);
        _output.Clear();
        Log(LogLevel.Information, TimeSpan.Zero, LogLevel.Critical, "failed", failure);
        Assert.Contains("\n       at ", _output.ToString(), StringComparison.Ordinal);
    }

    private void Log(LogLevel minimum, TimeSpan offset, LogLevel level, string message, Exception? failure = null) =>
        new StreamLogger(new StringWriter(_output), minimum, 42, new FixedClock(offset)).Log(level, 0, message, failure, (text, _) => text);

    private static void Fail() => throw new InvalidOperationException("no\n[x]");

    private sealed class FixedClock(TimeSpan offset) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.CreateCustomTimeZone("test", offset, null, null);

        public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 3, 0, 0, TimeSpan.Zero);
    }
}
