using System.Globalization;
using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Shows what is wrong with a rejected request: the bytes of the mistake, and the request line that they belong to.</summary>
/// <remarks>
/// Whoever owns the exchange. Not the head from its start: the mistake may be far behind it, and what stands before is
/// often a secret. The values of fields that are secrets are never shown.
/// </remarks>
internal static class Offence
{
    // Behind a byte that may not be there: enough to see what it was meant to be.
    private const int ShownBehind = 8;

    // Of a body, from the byte that breaks its framing on.
    private const int ShownOfBody = 16;

    internal static string Show(HttpExchange exchange)
    {
        RequestInput input = exchange.Input;
        bool isHeadWhole = !input.Head.IsEmpty;
        ReadOnlySpan<byte> head = isHeadWhole ? input.Head : input.Unread;
        int start = StartOfRequestLine(head);
        int mistakeAt = exchange.Parser.Reason == RejectReason.None ? 0 : exchange.Parser.MistakeAt;
        StringBuilder text = new();
        if (isHeadWhole && exchange.BodyReader.Reason != RejectReason.None)
        {
            LogText.AppendQuoted(text, input.LastOfBody(ShownOfBody));
            text.Append(" in the body of ");
        }
        else if (!isHeadWhole && mistakeAt > start)
        {
            AppendField(text, LineAt(head, mistakeAt));
            text.Append(" in ");
        }
        LogText.AppendQuoted(text, LineAt(head, start));
        return text.ToString();
    }

    // RFC 9112 §2.2: empty lines may come before it.
    private static int StartOfRequestLine(ReadOnlySpan<byte> head)
    {
        int start = head.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        return start < 0 ? head.Length : start;
    }

    // Without its CRLF, and not much further than to another control character.
    private static ReadOnlySpan<byte> LineAt(ReadOnlySpan<byte> head, int start)
    {
        ReadOnlySpan<byte> line = head[start..];
        int end = line.IndexOf("\r\n"u8);
        if (end >= 0) line = line[..end];
        int stop = line.IndexOfAny(Grammar.ControlsButTab);
        return stop < 0 ? line : line[..Math.Min(stop + 1 + ShownBehind, line.Length)];
    }

    private static void AppendField(StringBuilder text, ReadOnlySpan<byte> line)
    {
        int shown = ShownOf(line);
        LogText.AppendQuoted(text, line[..shown]);
        if (shown < line.Length) text.Append(CultureInfo.InvariantCulture, $" and {line.Length - shown} bytes");
    }

    // Of a secret the name, whatever follows it: a mistake behind the name must not show the value.
    private static int ShownOf(ReadOnlySpan<byte> line)
    {
        if (line is [Grammar.Sp or Grammar.Tab, ..]) return 1; // a fold, perhaps of such a value; this is the mistake
        foreach (string name in (ReadOnlySpan<string>)["Authorization", "Proxy-Authorization", "Cookie"])
        {
            if (line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name)) return name.Length;
        }
        return line.Length;
    }
}
