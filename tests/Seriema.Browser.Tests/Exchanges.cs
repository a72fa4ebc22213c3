using Seriema.Process.Tests;

namespace Seriema.Browser.Tests;

/// <summary>Reads from the server's log what a browser asked for, which is not always what its page used.</summary>
internal sealed class Exchanges(ServerProcess server)
{
    private int _mark = server.Log.Mark;
    private int _asked;

    /// <summary>All since the last time, with their answers; without icons, whose time nobody knows.</summary>
    internal List<Exchange> Take()
    {
        // What was answered before this request stands in the log before it.
        string last = $"/no-such-page-{++_asked}";
        Assert.Equal(404, server.Get(last).Status);
        int end = server.Log.WaitFor($"^> GET {last} ", _mark).Line.Number;
        List<Exchange> exchanges = Read([.. server.Log.All("", _mark).Select(found => found.Line).Where(line => line.Number < end && !line.IsOutput)]);
        _mark = server.Log.WaitFor("^< HTTP/1.1 404 ", end).Line.Number + 1;
        return [.. exchanges.Where(exchange => !Visit.IsIcon(exchange.Path))];
    }

    // A head is "* client", then its lines; on one connection an answer follows its request.
    private static List<Exchange> Read(ProcessLine[] lines)
    {
        List<Exchange> exchanges = [];
        Dictionary<string, Exchange> open = [];
        string client = "";
        for (int i = 0; i < lines.Length; i++)
        {
            string text = lines[i].Text;
            if (text.StartsWith("* ", StringComparison.Ordinal))
            {
                client = text;
            }
            else if (text.StartsWith("> GET ", StringComparison.Ordinal))
            {
                IEnumerable<string> fields = lines.Skip(i).Select(line => line.Text).TakeWhile(line => line.StartsWith("> ", StringComparison.Ordinal) && line.Length > 2);
                bool isConditional = fields.Any(field => field.StartsWith("> If-None-Match:", StringComparison.OrdinalIgnoreCase)
                    || field.StartsWith("> If-Modified-Since:", StringComparison.OrdinalIgnoreCase));
                exchanges.Add(open[client] = new Exchange(text.Split(' ')[2], isConditional));
            }
            else if (text.StartsWith("< HTTP/1.1 ", StringComparison.Ordinal))
            {
                // An icon's request may stand before the mark.
                if (open.TryGetValue(client, out Exchange? exchange)) exchange.Status = int.Parse(text.AsSpan("< HTTP/1.1 ".Length, 3), null);
            }
        }
        return exchanges;
    }
}
