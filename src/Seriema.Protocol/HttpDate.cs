namespace Seriema.Protocol;

/// <summary>The fixed-length date of RFC 9110 §5.6.7: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
internal static class HttpDate
{
    internal const int Length = 29;

    /// <summary>Writes 29 bytes. The caller keeps them for a second: the text changes no more often.</summary>
    internal static void Format(Span<byte> dest29, DateTime utc)
    {
        Span<byte> text = dest29[..Length];
        "SunMonTueWedThuFriSat"u8.Slice((int)utc.DayOfWeek * 3, 3).CopyTo(text);
        ", "u8.CopyTo(text[3..]);
        Two(text[5..], utc.Day);
        text[7] = Grammar.Sp;
        "JanFebMarAprMayJunJulAugSepOctNovDec"u8.Slice((utc.Month - 1) * 3, 3).CopyTo(text[8..]);
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

    private static void Two(Span<byte> dest, int number)
    {
        dest[0] = (byte)('0' + (number / 10));
        dest[1] = (byte)('0' + (number % 10));
    }
}
