using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>Text of the command line to typed values; each refusal names the option and quotes the text. Any thread.</summary>
internal static class Values
{
    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal static int Count(string option, string text, int least, int most)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            throw Refuse(option, text, "is not a whole number");
        }
        if (value < least || value > most)
        {
            throw Refuse(option, text, $"is not between {least} and {most}");
        }
        return value;
    }

    /// <summary>Bytes: a whole number, with <c>k</c>, <c>m</c> or <c>g</c> for powers of 1024.</summary>
    internal static long Size(string option, string text, long least, long most)
    {
        int shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            throw Refuse(option, text, "is not a size in bytes (a suffix k, m or g is allowed)");
        }
        // Comparing before the shift keeps the product inside a long.
        if (value > most >> shift || value << shift < least)
        {
            throw Refuse(option, text, $"is not between {least} and {most} bytes");
        }
        return value << shift;
    }

    /// <summary>Seconds, with a fraction if wanted.</summary>
    internal static TimeSpan Seconds(string option, string text, bool zeroAllowed)
    {
        const decimal most = 86_400 * 365; // a year: longer is a typing error, and timers stay far from their range
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds))
        {
            throw Refuse(option, text, "is not a number of seconds");
        }
        if (seconds > most) throw Refuse(option, text, "is longer than a year");
        TimeSpan value = TimeSpan.FromMilliseconds((double)(seconds * 1000));
        if (value == TimeSpan.Zero && !zeroAllowed) throw Refuse(option, text, "must be more than 0");
        return value;
    }

    /// <summary>gunicorn's names of the levels.</summary>
    internal static LogLevel Level(string option, string text) => text.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "critical" => LogLevel.Critical,
        _ => throw Refuse(option, text, "is not one of debug, info, warning, error, critical"),
    };

    /// <summary>Checks the form of an address; the server resolves the name.</summary>
    internal static string Bind(string option, string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal) || text.StartsWith("fd://", StringComparison.Ordinal))
        {
            throw Refuse(option, text, "is not supported yet: only HOST:PORT is");
        }
        int colon = text.LastIndexOf(':');
        ReadOnlySpan<char> host = colon < 0 ? text : text.AsSpan(0, colon);
        if (colon < 0 || host.EndsWith(":") || text.EndsWith(']'))
        {
            throw Refuse(option, text, "has no port: write HOST:PORT, [IPv6]:PORT or :PORT");
        }
        // "::1:8000" is an IPv6 address of its own, so nobody can tell where its port begins.
        if (host.Contains(':') && !(host[0] == '[' && host[^1] == ']'))
        {
            throw Refuse(option, text, "needs brackets around the IPv6 address: [IPv6]:PORT");
        }
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw Refuse(option, text, "has no port between 0 and 65535");
        }
        return text;
    }

    /// <summary>The refusal of <paramref name="text"/>, in the one form that all of them have.</summary>
    internal static UsageException Refuse(string option, string text, string why) => new($"{option}: '{text}' {why}");
}
