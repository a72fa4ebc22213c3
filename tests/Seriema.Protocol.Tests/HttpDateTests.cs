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

    private const long Now = 1795262400; // Sat, 21 Nov 2026 12:00:00 GMT
    private const long Example = 784111777;

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", Example)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", Example)]
    [InlineData("Sun Nov  6 08:49:37 1994", Example)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    [InlineData("Wed, 31 Dec 1969 23:59:59 GMT", -1)]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT", -62135596800)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799)]
    [InlineData("Fri, 31 Dec 9999 23:59:60 GMT", 253402300800)] // beyond what DateTime holds
    [InlineData("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800)]
    [InlineData("Thu, 29 Feb 2024 00:00:00 GMT", 1709164800)]
    [InlineData("Thu Feb 29 00:00:00 2024", 1709164800)]
    [InlineData("Wednesday, 01-Jan-25 00:00:00 GMT", 1735689600)]
    public void All_three_forms_are_read(string text, long expected)
    {
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out long seconds), text);
        Assert.Equal(expected, seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT ")]
    [InlineData(" Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 EST")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 gmt")]
    [InlineData("Sun; 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sum, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Now 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 anF 1994 08:49:37 GMT")] // between two names
    [InlineData("Sun,  6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:60:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:61 GMT")]
    [InlineData("Sun, 06 Nov 1994 08.49.37 GMT")]
    [InlineData("Sun, 06 Nov 1994 +8:49:37 GMT")]
    [InlineData("Sun, 00 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 31 Nov 1994 08:49:37 GMT")]
    [InlineData("Wed, 29 Feb 2023 00:00:00 GMT")]
    [InlineData("Sat, 01 Jan 0000 00:00:00 GMT")]
    [InlineData("Sunday, 6-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Monday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sundays, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday , 06-Nov-94 08:49:37 GMT")]
    [InlineData("unday , 06-Nov-94 08:49:37 GMT")]
    [InlineData("day Mon, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov 06 08:49:37 1994 ")]
    [InlineData("Sun Nov 6  08:49:37 1994")]
    [InlineData("Sun Nov  6 08:49:37 94  ")]
    [InlineData("Sun Nov-06 08:49:37 1994")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void Anything_else_is_no_date(string text) =>
        Assert.False(HttpDate.TryParse(Encoding.Latin1.GetBytes(text), Now, out _), text);

    // RFC 9110 §5.6.7: the border is 50 years to the second.
    [Theory]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 76, 11, 21, 12, 0, 0, 2076)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 76, 11, 21, 12, 0, 1, 1976)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 76, 11, 22, 0, 0, 0, 1976)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 76, 10, 31, 23, 59, 59, 2076)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 77, 1, 1, 0, 0, 0, 1977)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 26, 11, 21, 12, 0, 0, 2026)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 0, 1, 1, 0, 0, 0, 2000)]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", 99, 12, 31, 0, 0, 0, 1999)]
    [InlineData("Fri, 01 Jan 2049 00:00:00 GMT", 99, 1, 1, 0, 0, 0, 2099)]
    [InlineData("Fri, 01 Jan 2049 00:00:00 GMT", 99, 1, 1, 0, 0, 1, 1999)]
    [InlineData("Thu, 01 Jan 2099 00:00:00 GMT", 10, 1, 1, 0, 0, 0, 2110)]
    public void A_year_of_two_digits_is_at_most_50_years_ahead(
        string now, int shortYear, int month, int day, int hour, int minute, int second, int expected)
    {
        DateTime date = new(expected, month, day, hour, minute, second, DateTimeKind.Utc);
        Assert.Equal(shortYear, expected % 100);
        string text = date.ToString("dddd, dd-MMM-yy HH:mm:ss", CultureInfo.InvariantCulture) + " GMT";
        long clock = ConditionalCase.Seconds(now);
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), clock, out long seconds), text);
        Assert.Equal(date, DateTime.UnixEpoch.AddSeconds(seconds));
    }

    [Fact]
    public void What_is_written_is_read_back_in_every_form()
    {
        Random random = new(9110);
        for (int i = 0; i < 3000; i++)
        {
            long expected = random.NextInt64(315532800, 3155760000); // 1980 to 2070: less than 50 years ahead
            DateTime date = DateTime.UnixEpoch.AddSeconds(expected);
            string asctime = date.ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);
            if (asctime[8] == '0') asctime = asctime[..8] + " " + asctime[9..];
            string rfc850 = date.ToString("dddd, dd-MMM-yy HH:mm:ss", CultureInfo.InvariantCulture) + " GMT";
            foreach (string text in (string[])[Format(date), rfc850, asctime])
            {
                Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out long seconds), text);
                Assert.True(expected == seconds, text);
            }
        }
    }

    // Whatever one changed byte makes of a date, it is another date or none, and never an exception.
    [Fact]
    public void One_other_byte_never_reads_as_the_same_date()
    {
        foreach (string form in (string[])
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
        {
            for (int at = 0; at < form.Length; at++)
            {
                for (int b = 0; b < 256; b++)
                {
                    byte[] text = Encoding.ASCII.GetBytes(form);
                    if (text[at] == b) continue;
                    text[at] = (byte)b;
                    bool isSame = HttpDate.TryParse(text, Now, out long seconds) && seconds == Example;
                    // asctime's day may have its zero: a client's mistake that hurts no one.
                    Assert.True(!isSame || (at == 8 && b == '0'), $"{form} with {b:X2} at {at}");
                }
            }
        }
    }

    private static string Format(DateTime utc)
    {
        byte[] text = new byte[HttpDate.Length];
        HttpDate.Format(text, utc);
        return Encoding.ASCII.GetString(text);
    }
}
