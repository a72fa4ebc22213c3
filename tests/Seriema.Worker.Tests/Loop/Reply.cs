using System.Text;
using Seriema.Protocol;
using Seriema.Wsgi;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Answers as the gateway gives them, for applications written as delegates.</summary>
internal static class Reply
{
    internal static string Path(WsgiExchange exchange) =>
        Encoding.Latin1.GetString(exchange.Head.Path.Of(exchange.HeadBytes));

    /// <summary>200 with the body, and its length when that is told.</summary>
    internal static void With(WsgiExchange exchange, string body, bool hasLength = true)
    {
        Head(exchange, hasLength ? body.Length : -1);
        _ = Body(exchange, body);
        exchange.Complete();
    }

    internal static void Head(WsgiExchange exchange, long length, params (string Name, string Value)[] fields)
    {
        exchange.StartHead(200, "OK"u8);
        foreach ((string name, string value) in fields)
        {
            Assert.NotEqual(FieldVerdict.BadValue, exchange.AddField(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));
        }
        exchange.EndHead(length);
    }

    /// <summary>Writes all of it, flushing when the buffer is full; false when the client is gone.</summary>
    internal static bool Body(WsgiExchange exchange, string body)
    {
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(body);
        while (!rest.IsEmpty)
        {
            int taken = exchange.Write(rest, out _);
            rest = rest[taken..];
            if (taken == 0 && !exchange.Flush()) return false;
        }
        return true;
    }

    /// <summary>Reads the whole body, waiting for it; null when it does not come whole.</summary>
    internal static string? Read(WsgiExchange exchange)
    {
        StringBuilder body = new();
        while (true)
        {
            body.Append(Encoding.Latin1.GetString(exchange.BufferedBody));
            exchange.ConsumeBody(exchange.BufferedBody.Length);
            if (exchange.IsBodyComplete) return body.ToString();
            if (exchange.FillBody() != BodyResult.Ok) return null;
        }
    }
}
