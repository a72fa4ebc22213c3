using System.Globalization;
using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Shows what is wrong with a rejected request: the bytes of the mistake, and the request line that they belong to.</summary>
/// <remarks>
/// Whoever owns the exchange. Not the head from its start: the mistake may be far behind it, and what stands before is
/// often a secret. Of secrets the values are never shown.
/// </remarks>
internal static class Offence
{
    // Behind a byte that may not be there: enough to see what it was meant to be.
    private const int ShownBehind = 8;

    // Of a body, from the byte that breaks its framing on.
    private const int ShownOfBody = 16;

    // Signature, version, family and length of version 2 of the PROXY protocol.
    private const int BinaryHeader = 16;

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
        LogText.AppendQuoted(text, Secrets.HideInLine(LineAt(head, start)));
        return text.ToString();
    }

    /// <summary>The request line of a head that nothing is wrong with, or what stands in place of one.</summary>
    internal static string ShowRequestLine(ReadOnlySpan<byte> head) =>
        LogText.Escape(Secrets.HideInLine(LineAt(head, StartOfRequestLine(head))));

    /// <summary>What came where a PROXY header must: its first line, or of a binary one all but the addresses.</summary>
    internal static string ShowProxyHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\r\n"u8)) return LogText.Escape(bytes[..Math.Min(BinaryHeader, bytes.Length)]);
        int end = bytes.IndexOf((byte)'\n');
        return LogText.Escape(Secrets.HideInLine(end < 0 ? bytes : bytes[..(end + 1)]));
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
        // A line that begins with a space is a fold, perhaps of a secret; that it is there is the mistake.
        int shown = line is [Grammar.Sp or Grammar.Tab, ..] ? 1 : Secrets.ShownOfField(line);
        LogText.AppendQuoted(text, shown < line.Length ? line[..shown] : Secrets.HideInLine(line));
        if (shown < line.Length) text.Append(CultureInfo.InvariantCulture, $" and {line.Length - shown} bytes");
    }
}
