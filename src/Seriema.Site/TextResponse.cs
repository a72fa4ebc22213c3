using System.Globalization;
using System.Text;
using Seriema.Protocol;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>Answers with a status and a line of text that says it.</summary>
internal static class TextResponse
{
    internal static void Send(WsgiExchange exchange, int status, ReadOnlySpan<byte> name = default, ReadOnlySpan<byte> value = default)
    {
        ReadOnlySpan<byte> reason = ReasonPhrases.Of(status);
        byte[] text = [.. Encoding.ASCII.GetBytes(status.ToString(CultureInfo.InvariantCulture)), (byte)' ', .. reason, (byte)'\n'];
        exchange.StartHead(status, reason);
        exchange.AddField("Content-Type"u8, "text/plain; charset=utf-8"u8);
        if (!name.IsEmpty) exchange.AddField(name, value);
        exchange.EndHead(text.Length);
        if (exchange.BodyAllowed) Body.Send(exchange, text);
        exchange.Complete();
    }
}
