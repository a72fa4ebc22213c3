using System.Globalization;
using System.Text;

namespace Seriema.Worker;

/// <summary>Makes bytes from the network safe to show: one line, no control characters.</summary>
internal static class LogText
{
    // A line of a log is for people; more of a rejected request than this tells them nothing.
    private const int MaxShown = 200;

    internal static string Escape(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        AppendEscaped(text, bytes.Length > MaxShown ? bytes[..MaxShown] : bytes);
        if (bytes.Length > MaxShown) text.Append("...");
        return text.ToString();
    }

    /// <summary>In quotation marks, which the bytes cannot end: what follows in the line is the server's word.</summary>
    internal static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        int start = text.Length;
        AppendEscaped(text, bytes.Length > MaxShown ? bytes[..MaxShown] : bytes);
        text.Replace("\"", "\\\"", start, text.Length - start).Append(bytes.Length > MaxShown ? "...\"" : "\"");
    }

    internal static void AppendEscaped(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            switch (b)
            {
                case (byte)'\r': text.Append("\\r"); break;
                case (byte)'\n': text.Append("\\n"); break;
                case (byte)'\\': text.Append("\\\\"); break;
                case >= 0x20 and < 0x7F: text.Append((char)b); break;
                default: text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"); break;
            }
        }
    }
}
