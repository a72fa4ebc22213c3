using System.Globalization;
using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>A rejection as an ordinary response, behind which the connection may go on. Loop thread; nothing is allocated.</summary>
internal static class LoopAnswer
{
    /// <param name="exchange">Its request has no body.</param>
    /// <param name="rejection">The status, and the text that is the body.</param>
    /// <param name="retryAfter">Seconds for Retry-After (RFC 9110 §10.2.3).</param>
    internal static void Send(HttpExchange exchange, Rejection rejection, int retryAfter)
    {
        Span<byte> number = stackalloc byte[11]; // every int
        _ = retryAfter.TryFormat(number, out int digits, provider: CultureInfo.InvariantCulture);
        Span<byte> text = stackalloc byte[256]; // longer than any of them
        text = text[..Encoding.ASCII.GetBytes(rejection.Text, text)];
        exchange.StartHead(rejection.Status, ReasonPhrases.Of(rejection.Status));
        exchange.AddField("Content-Type"u8, "text/plain; charset=utf-8"u8);
        exchange.AddField("Retry-After"u8, number[..digits]);
        exchange.EndHead(text.Length);
        if (exchange.BodyAllowed) _ = exchange.Write(text, out _); // no response buffer is smaller
        exchange.Complete();
    }
}
