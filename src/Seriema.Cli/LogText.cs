using System.Globalization;
using System.Text;

namespace Seriema.Cli;

/// <summary>
/// Text as it may stand in a log: nothing a client sends can forge a record or steer a terminal. Any thread.
/// </summary>
/// <remarks>
/// A record begins in the first column with <c>[</c>. Lines after the first (tracebacks) keep their line ends but are
/// indented, so none of them begins there; every other control character is shown as an escape.
/// </remarks>
internal static class LogText
{
    private const string ContinuationIndent = "    ";

    /// <summary>Appends <paramref name="text"/> with its trailing line ends dropped.</summary>
    internal static void Append(StringBuilder record, string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimEnd("\r\n");
        for (int i = 0; i < rest.Length; i++)
        {
            char c = rest[i];
            if (c == '\r' && i + 1 < rest.Length && rest[i + 1] == '\n') continue; // CRLF is one line end
            if (c == '\n') record.Append('\n').Append(ContinuationIndent);
            else if (IsUnsafe(c)) AppendEscape(record, c);
            else record.Append(c);
        }
    }

    private static void AppendEscape(StringBuilder record, char c)
    {
        if (c == '\r') record.Append("\\r");
        else if (c <= '\xff') record.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        else record.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
    }

    // C0 (HT is harmless), DEL and C1 steer terminals; U+2028 and U+2029 end a line for some viewers;
    // the bidirectional controls show a line in another order than it has.
    private static bool IsUnsafe(char c) => c switch
    {
        '\t' => false,
        < ' ' or (>= '\x7f' and <= '\x9f') => true,
        '\u2028' or '\u2029' or '\u200e' or '\u200f' => true,
        (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') => true,
        _ => false,
    };
}
