namespace Seriema.Protocol;

/// <summary>The dates of RFC 9110 §5.6.7; what is written is always <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
internal static class HttpDate
{
    internal const int Length = 29;

    private static ReadOnlySpan<byte> DayNames => "SunMonTueWedThuFriSat"u8;

    private static ReadOnlySpan<byte> MonthNames => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>Writes 29 bytes. The caller keeps them for a second: the text changes no more often.</summary>
    internal static void Format(Span<byte> dest29, DateTime utc)
    {
        Span<byte> text = dest29[..Length];
        DayNames.Slice((int)utc.DayOfWeek * 3, 3).CopyTo(text);
        ", "u8.CopyTo(text[3..]);
        Two(text[5..], utc.Day);
        text[7] = Grammar.Sp;
        MonthNames.Slice((utc.Month - 1) * 3, 3).CopyTo(text[8..]);
        text[11] = Grammar.Sp;
        Two(text[12..], utc.Year / 100);
        Two(text[14..], utc.Year % 100);
        text[16] = Grammar.Sp;
        Two(text[17..], utc.Hour);
        text[19] = (byte)':';
        Two(text[20..], utc.Minute);
        text[22] = (byte)':';
        Two(text[23..], utc.Second);
        " GMT"u8.CopyTo(text[25..]);
    }

    /// <summary>Reads any of the three forms, letter by letter as the grammar has them.</summary>
    /// <param name="text">The field's value without the whitespace around it.</param>
    /// <param name="now">Seconds since 1970; decides the century of a year with two digits.</param>
    /// <param name="seconds">Seconds since 1970; before that year negative.</param>
    /// <remarks>
    /// A day that does not exist, or another weekday than the named one, is no date (RFC 5322 §3.3): whoever wrote it
    /// meant something that cannot be known, and every condition with an invalid date is ignored.
    /// </remarks>
    internal static bool TryParse(ReadOnlySpan<byte> text, long now, out long seconds)
    {
        seconds = 0;
        return text.Length switch
        {
            Length => TryParseFixed(text, out seconds),
            24 => TryParseAsctime(text, out seconds),
            >= 30 and <= 33 => TryParseRfc850(text, now, out seconds), // Monday to Wednesday
            _ => false,
        };
    }

    // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
    private static bool TryParseFixed(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        return text[3..5].SequenceEqual(", "u8) && text[7] == Grammar.Sp && text[11] == Grammar.Sp
            && text[16] == Grammar.Sp && text[25..].SequenceEqual(" GMT"u8)
            && TryNumber(text[5..7], out int day) && TryNumber(text[12..16], out int year)
            && TryTime(text[17..25], out int time)
            && TryCombine(text[..3], year, text[8..11], day, time, out seconds);
    }

    // asctime-date: Sun Nov  6 08:49:37 1994
    private static bool TryParseAsctime(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        ReadOnlySpan<byte> day = text[8] == Grammar.Sp ? text[9..10] : text[8..10];
        return text[3] == Grammar.Sp && text[7] == Grammar.Sp && text[10] == Grammar.Sp && text[19] == Grammar.Sp
            && TryNumber(day, out int dayNumber) && TryNumber(text[20..], out int year)
            && TryTime(text[11..19], out int time)
            && TryCombine(text[..3], year, text[4..7], dayNumber, time, out seconds);
    }

    // rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
    private static bool TryParseRfc850(ReadOnlySpan<byte> text, long now, out long seconds)
    {
        seconds = 0;
        ReadOnlySpan<byte> dayName = text[..^24];
        text = text[^24..];
        if (!text.StartsWith(", "u8) || text[4] != '-' || text[8] != '-' || text[11] != Grammar.Sp) return false;
        if (!text.EndsWith(" GMT"u8) || !IsLongDayName(dayName)) return false;
        if (!TryNumber(text[2..4], out int day) || !TryNumber(text[9..11], out int shortYear)) return false;
        if (!TryTime(text[12..20], out int time)) return false;

        // RFC 9110 §5.6.7: more than 50 years ahead means the last past year with these two digits.
        DateTime limit = DateTime.UnixEpoch.AddSeconds(now).AddYears(50);
        int year = limit.Year - (((limit.Year % 100) - shortYear + 100) % 100);
        if (IsAfter(limit, year, text[5..8], day, time)) year -= 100;
        return TryCombine(dayName[..3], year, text[5..8], day, time, out seconds);
    }

    private static bool IsAfter(DateTime limit, int year, ReadOnlySpan<byte> monthName, int day, int time)
    {
        int month = IndexOfName(MonthNames, monthName) + 1;
        return year == limit.Year
            && (month, day, (double)time).CompareTo((limit.Month, limit.Day, limit.TimeOfDay.TotalSeconds)) > 0;
    }

    private static bool IsLongDayName(ReadOnlySpan<byte> name)
    {
        // A name with the space in it would be found too, and the byte behind the last one is not there.
        // Corpus: modified-since-rfc850-space-behind-the-day.txt.
        if (name.Contains(Grammar.Sp)) return false;
        ReadOnlySpan<byte> names = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday "u8;
        int at = names.IndexOf(name);
        return at >= 0 && names[at + name.Length] == Grammar.Sp && (at == 0 || names[at - 1] == Grammar.Sp);
    }

    private static bool TryCombine(
        ReadOnlySpan<byte> dayName, int year, ReadOnlySpan<byte> monthName, int day, int time, out long seconds)
    {
        seconds = 0;
        int month = IndexOfName(MonthNames, monthName) + 1;
        if (month == 0 || year is 0 or > 9999 || day == 0 || day > DateTime.DaysInMonth(year, month)) return false;
        DateTime date = new(year, month, day, 0, 0, 0, DateTimeKind.Utc);
        if (IndexOfName(DayNames, dayName) != (int)date.DayOfWeek) return false;
        seconds = ((date.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) + time;
        return true;
    }

    // 08:49:37; 60 is a leap second (RFC 9110 §5.6.7), counted as the first of the next minute.
    private static bool TryTime(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text[2] != ':' || text[5] != ':') return false;
        if (!TryNumber(text[..2], out int hour) || !TryNumber(text[3..5], out int minute)) return false;
        if (!TryNumber(text[6..], out int second) || hour > 23 || minute > 59 || second > 60) return false;
        seconds = (((hour * 60) + minute) * 60) + second;
        return true;
    }

    private static int IndexOfName(ReadOnlySpan<byte> names, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < names.Length; i += 3)
        {
            if (names.Slice(i, 3).SequenceEqual(name)) return i / 3;
        }
        return -1;
    }

    // Only ever given one to four bytes.
    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (byte b in digits)
        {
            if (!char.IsAsciiDigit((char)b)) return false;
            number = (number * 10) + b - '0';
        }
        return true;
    }

    private static void Two(Span<byte> dest, int number)
    {
        dest[0] = (byte)('0' + (number / 10));
        dest[1] = (byte)('0' + (number % 10));
    }
}
