using System.Text.Json;

namespace Seriema.Process.Tests;

/// <summary>No str of the application becomes more than the place it is given for: read from the wire as it is.</summary>
public sealed class SplittingTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private const string Injected = "X-Injected: 1";

    private static readonly string[] s_ends =
    [
        "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\n ", "\0", "\v", "\f", "\x1c", "\x1e", "\x7f",
        // What ends a line for str.splitlines(), or has CR and LF in its low bytes, and is no Latin-1.
        "\u2028", "\u2029", "\u010d\u010a", "\u560d\u560a", "\ud83d\ude0a", "\uff0a",
    ];

    private readonly ServerProcess _server = shared.Server;

    public static TheoryData<string> Places => ["status", "name", "value", "length", "connection", "trailer", "coding", "cookie"];

    [Theory, MemberData(nameof(Places))]
    public void No_str_ends_its_line(string place)
    {
        foreach ((string end, bool isSly) in s_ends.SelectMany(end => new[] { (end, false), (end, true) }))
        {
            string evil = $"x{end}{Injected}";
            (string, string)[] headers = place switch
            {
                "name" => [("X-A" + end + Injected, "v")],
                "value" => [("X-A", evil), ("X-B", "b")],
                "length" => [("Content-Length", "4" + end + Injected)],
                "connection" => [("Connection", "close" + end + Injected)],
                "trailer" => [("Trailer", evil)],
                "coding" => [("Transfer-Encoding", "chunked" + end + Injected)],
                "cookie" => [("Set-Cookie", "a=b" + end + Injected)],
                _ => [],
            };
            string wire = Respond(place == "status" ? "200 OK" + end + Injected : "200 OK", headers, isSly);
            // No application gets that far by mistake: the response is refused as a whole.
            Assert.StartsWith("HTTP/1.1 500 Internal Server Error\r\n", wire, StringComparison.Ordinal);
            Assert.DoesNotContain("Injected", wire, StringComparison.Ordinal);
            Assert.Equal(2, wire.Split("HTTP/1.1 ").Length);
        }
    }

    [Theory]
    [InlineData("100 Continue")]
    [InlineData("101 Switching Protocols")]
    [InlineData("103 Early Hints")]
    [InlineData("199 X")]
    [InlineData("600 X")]
    [InlineData("2000 X")]
    [InlineData("200OK")]
    [InlineData(" 200 OK")]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("\u0662\u0660\u0660 OK")]
    public void Only_a_final_status_starts_a_response(string status)
    {
        string wire = Respond(status, [("Link", "</a.css>")], isSly: false);
        Assert.StartsWith("HTTP/1.1 500 ", wire, StringComparison.Ordinal);
        Assert.Equal(2, wire.Split("HTTP/1.1 ").Length);
    }

    [Fact]
    public void What_is_no_line_end_in_HTTP_goes_out_as_it_is()
    {
        string wire = Respond("200 \u0085\u00e9", [("X-A", "a\u0085\u009bb\tc"), ("X-Long", new string('y', 20_000))], isSly: false);
        Assert.StartsWith("HTTP/1.1 200 \u0085\u00e9\r\nX-A: a\u0085\u009bb\tc\r\nX-Long: yyy", wire, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\ndone", wire, StringComparison.Ordinal);
    }

    [Fact]
    public void The_framing_is_the_servers_alone()
    {
        string wire = Respond(
            "200 OK", [("Transfer-Encoding", "gzip, chunked"), ("Trailer", "X-A"), ("TE", "trailers"), ("Upgrade", "h2c"), ("Keep-Alive", "max=1"), ("X-A", "a")],
            isSly: false);
        string[] names = [.. wire[..wire.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n").Skip(1).Select(line => line.Split(':')[0])];
        Assert.Equal(["X-A", "Date", "Server", "Content-Length", "Connection"], names);
    }

    private string Respond(string status, (string Name, string Value)[] headers, bool isSly)
    {
        using WireClient client = _server.Connect();
        string body = JsonSerializer.Serialize(new
        {
            status,
            headers = headers.Select(header => new[] { header.Name, header.Value }),
            sly = isSly,
        });
        client.SendRequest("POST", "/respond", ["Connection: close"], body);
        return client.ReadToEnd();
    }
}
