using System.Globalization;
using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Shows every head that goes over the wire: requests with <c>&gt;</c>, responses with <c>&lt;</c>, as curl -v does.</summary>
/// <remarks>
/// Any thread; a head is written in one piece. Bytes that could steer a terminal are shown as escapes, and of secrets only
/// that they are there: what was switched on to look at one request is often left on, and sent to somebody.
/// </remarks>
internal sealed class WireLog(TextWriter writer, bool showsSecrets)
{
    private readonly Lock _gate = new();

    internal void Request(Connection connection, ReadOnlySpan<byte> head) => Show(connection, '>', head);

    internal void Response(Connection connection, ReadOnlySpan<byte> head) => Show(connection, '<', head);

    private void Show(Connection connection, char direction, ReadOnlySpan<byte> head)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"* {Encoding.ASCII.GetString(connection.Remote.Address)}:{Encoding.ASCII.GetString(connection.Remote.Port)}\n");
        bool isStartLine = true;
        while (!head.IsEmpty)
        {
            int end = head.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? head : head[..end];
            text.Append(direction).Append(' ');
            LogText.AppendEscaped(text, showsSecrets ? line : isStartLine ? Secrets.HideInLine(line) : Secrets.HideInField(line));
            text.Append('\n');
            isStartLine = false;
            head = end < 0 ? [] : head[(end + 2)..];
        }
        lock (_gate)
        {
            writer.Write(text.ToString());
            writer.Flush();
        }
    }
}
