using Seriema.Transport;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>Sends bytes as a response's body without ever waiting for the client.</summary>
internal static class Body
{
    /// <summary>Ends the head of a response whose length is known.</summary>
    internal static void EndHead(WsgiExchange exchange, long length)
    {
        // The exchange cannot know that a HEAD's GET would have no content; here it is known (RFC 9110 §8.6).
        if (length == 0 && exchange.Head.IsHead) exchange.AddField("Content-Length"u8, "0"u8);
        exchange.EndHead(length);
    }

    /// <summary>The exchange's buffer takes what it can; the rest goes out as a file would.</summary>
    internal static void Send(WsgiExchange exchange, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = exchange.Write(bytes, out _);
            if (taken == 0) break;
            bytes = bytes[taken..];
        }
        if (bytes.IsEmpty) return;
        int fd = Files.InMemory(bytes);
        if (fd >= 0) exchange.SendFile(fd, 0, bytes.Length); // else it is too short, and Complete says so by closing
    }
}
