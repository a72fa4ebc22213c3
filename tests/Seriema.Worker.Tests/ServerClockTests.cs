using System.Globalization;
using System.Text;

namespace Seriema.Worker.Tests;

public sealed class ServerClockTests
{
    [Fact]
    public void The_date_is_that_of_the_last_look()
    {
        DateTime before = Seconds(DateTime.UtcNow);
        ServerClock clock = new();
        clock.Update();
        DateTime after = Seconds(DateTime.UtcNow);
        string text = Encoding.ASCII.GetString(clock.Date);
        DateTime date = DateTime.ParseExact(
            text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        Assert.InRange(date, before, after);
        Assert.EndsWith(" GMT", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_was_shown_never_changes()
    {
        ServerClock clock = new();
        ReadOnlySpan<byte> shown = clock.Date;
        string text = Encoding.ASCII.GetString(shown);
        long started = ServerClock.Now;
        while (Encoding.ASCII.GetString(clock.Date) == text)
        {
            Assert.True(ServerClock.Now - started < 20_000, "the second never ended");
            clock.Update();
        }
        Assert.Equal(text, Encoding.ASCII.GetString(shown));
    }

    private static DateTime Seconds(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
