using System.Globalization;
using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class HttpDateTests
{
    [Fact]
    public void The_example_of_RFC_9110_5_6_7_comes_out() =>
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", Format(new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc)));

    [Fact]
    public void Every_day_of_a_leap_year_is_what_the_framework_says()
    {
        DateTime start = new(2024, 1, 1, 23, 59, 58, DateTimeKind.Utc);
        for (int day = 0; day < 366; day++)
        {
            DateTime time = start.AddDays(day).AddSeconds(day * 61);
            Assert.Equal(time.ToString("r", CultureInfo.InvariantCulture), Format(time));
        }
    }

    private static string Format(DateTime utc)
    {
        byte[] text = new byte[HttpDate.Length];
        HttpDate.Format(text, utc);
        return Encoding.ASCII.GetString(text);
    }
}
