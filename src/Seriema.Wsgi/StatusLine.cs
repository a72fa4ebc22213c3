using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>Reads the status that an application gives to <c>start_response</c>. The GIL is held.</summary>
internal static class StatusLine
{
    /// <summary>Starts the exchange's head with <c>"DDD"</c> or <c>"DDD reason"</c>.</summary>
    /// <remarks>
    /// Laxer than PEP 3333, which wants a reason: RFC 9112 §4 lets it be empty. Only final statuses: a 1xx would be
    /// taken for an interim response, and the client would wait for another.
    /// </remarks>
    /// <returns>False with a Python error set.</returns>
    internal static bool TryStart(WsgiExchange exchange, PyBorrowed status)
    {
        if (!Python.PyUnicode_Check(status))
        {
            Raise.TypeError($"the status is {Text.TypeName(status)}, not str (PEP 3333)");
            return false;
        }
        bool isLatin1 = Text.TryLatin1(status, out PyOwned holder, out ReadOnlySpan<byte> text);
        using (holder)
        {
            string? mistake = !isLatin1 ? "has characters outside Latin-1" : MistakeIn(text);
            if (mistake is not null)
            {
                string shown = isLatin1 ? Text.Quote(text) : PyStrings.ToText(status);
                Raise.ValueError($"the status {shown} {mistake} (PEP 3333)");
                return false;
            }
            exchange.StartHead(CodeOf(text), text.Length > 4 ? text[4..] : default);
            return true;
        }
    }

    private static string? MistakeIn(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3 || text[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (text.Length > 3 && text[3] != ' '))
        {
            return "is not three digits, a space and a reason";
        }
        if (CodeOf(text) is < 200 or > 599) return "is not from 200 to 599";
        return ResponseWriter.IsReason(text) ? null : "has control characters";
    }

    private static int CodeOf(ReadOnlySpan<byte> text) =>
        ((text[0] - '0') * 100) + ((text[1] - '0') * 10) + (text[2] - '0');
}
