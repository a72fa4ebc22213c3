using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>Text of the command line to typed values. Any thread.</summary>
/// <remarks>
/// Only what the text can be is decided here; which values the server takes, the server itself decides.
/// </remarks>
internal static class Values
{
    /// <summary>A whole number.</summary>
    internal static int Count(string option, string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            throw Refuse(option, text, "not a whole number");
        }
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Refuse(option, text, "far too large");
    }

    /// <summary>Bytes: a whole number, with <c>k</c>, <c>m</c> or <c>g</c> for powers of 1024.</summary>
    internal static long Size(string option, string text, long most)
    {
        char suffix = text.Length == 0 ? '0' : char.ToLowerInvariant(text[^1]);
        int shift = suffix switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            throw Refuse(option, text, "not a size in bytes (a suffix k, m or g is allowed)");
        }
        // Compared before the shift, which keeps the product inside a long.
        return value <= most >> shift ? value << shift : throw Refuse(option, text, "far too large");
    }

    /// <summary>Seconds, with a fraction if wanted.</summary>
    internal static TimeSpan Seconds(string option, string text)
    {
        const decimal most = 86_400 * 365; // a year: longer is a typing error, and timers stay far from their range
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(text, style, CultureInfo.InvariantCulture, out decimal seconds))
        {
            throw Refuse(option, text, "not a number of seconds");
        }
        if (Math.Abs(seconds) > most) throw Refuse(option, text, "longer than a year");
        return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
    }

    /// <summary>How often in a second: a whole number, with <c>/s</c>, or with <c>/m</c> for how often in a minute; 0 alone is no limit.</summary>
    internal static double Rate(string option, string text)
    {
        const int seconds = 60;
        bool isMinutes = text.EndsWith("/m", StringComparison.Ordinal);
        bool hasUnit = isMinutes || text.EndsWith("/s", StringComparison.Ordinal);
        ReadOnlySpan<char> digits = hasUnit ? text.AsSpan(0, text.Length - 2) : text;
        // 0/m may be meant as none at all, which no server is for.
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || (count == 0 && hasUnit))
        {
            throw Refuse(option, text, "not a rate such as 10, 10/s or 300/m (0 sets no limit)");
        }
        return isMinutes ? (double)count / seconds : count;
    }

    /// <summary>Permission bits: octal, also as Python (<c>0o22</c>) and C (<c>022</c>) write it.</summary>
    internal static int Octal(string option, string text)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        int value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7') throw Refuse(option, text, "not an octal number");
            value = (value << 3) | (digit - '0');
            if (value > 0x1FF) throw Refuse(option, text, "more than the permission bits 0 to 777");
        }
        return digits.IsEmpty ? throw Refuse(option, text, "not an octal number") : value;
    }

    /// <summary>gunicorn's names of the levels.</summary>
    internal static LogLevel Level(string option, string text) => text.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "critical" => LogLevel.Critical,
        _ => throw Refuse(option, text, "not one of debug, info, warning, error, critical"),
    };

    /// <summary>The refusal of <paramref name="text"/>; an empty one is shown as quotes.</summary>
    internal static SettingsException Refuse(string option, string text, string problem) =>
        new(option, text.Length == 0 ? "''" : text, problem);
}
