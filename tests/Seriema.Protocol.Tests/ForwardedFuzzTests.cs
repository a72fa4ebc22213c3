using System.Globalization;
using System.Net;
using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Whatever a client and its proxies write, what comes of it can stand in an environ.</summary>
public sealed class ForwardedFuzzTests
{
    private const int Seed = 20261121;
    private const int Requests = 200_000;

    private static readonly string[] s_pieces =
    [
        "192.0.2.1", "10.0.0.1", "010.0.0.1", "2001:db8::1", "[2001:db8::1]", "[", "]", ":", ":80", ":0", ":65536", "::ffff:10.0.0.1", "::", "%", "%2f",
        "unknown", "_x", "unix:", ",", ", ", ";", "=", "\"", "\\", " ", "\t", "for=", "For=", "proto=", "host=", "by=", "\"[::1]:1\"", "http", "https", "wss",
        "example.org", "a@b", "/", "//", "/a", "/..", "/.", "/%c3%a9", "/%00", "\\\\", "\u00e9", "80", "443", "8443", "99999", "\u0080", "*", "localhost",
    ];

    private static readonly string[] s_names =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"];

    [Theory]
    [InlineData("x-forwarded-for,x-forwarded-proto,x-forwarded-host,x-forwarded-port,x-forwarded-prefix")]
    [InlineData("forwarded")]
    public void Nothing_but_addresses_hosts_and_paths_comes_of_any_fields(string named)
    {
        Assert.Null(AddressList.Parse(["10.0.0.0/8"], out AddressList proxies));
        Assert.Null(ForwardedPolicy.ParseFields(named.Split(','), out ForwardedFields fields));
        ForwardedHead forwarded = new(new ForwardedPolicy(proxies, fields));
        Random random = new(Seed);
        RequestParser parser = new(new HttpLimits());
        RequestHead head = new();
        int accepted = 0;
        for (int i = 0; i < Requests; i++)
        {
            byte[] bytes = Make(random);
            parser.Reset();
            if (parser.Read(bytes, head, out _) != ParseStatus.Done || !forwarded.Read(head, bytes)) continue;
            accepted++;
            string? problem = ProblemOf(forwarded, head, bytes);
            Assert.True(problem is null, $"{problem}, seed {Seed}: {VisibleBytes.Show(bytes)}");
        }
        Assert.InRange(accepted, Requests / 50, Requests); // else the pieces test nothing
    }

    private static byte[] Make(Random random)
    {
        StringBuilder text = new("GET / HTTP/1.1\r\nHost: h:8\r\n");
        for (int lines = random.Next(1, 4); lines > 0; lines--)
        {
            text.Append(s_names[random.Next(s_names.Length)]).Append(": ");
            for (int pieces = random.Next(1, 7); pieces > 0; pieces--) text.Append(s_pieces[random.Next(s_pieces.Length)]);
            text.Append("\r\n");
        }
        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    private static string? ProblemOf(ForwardedHead forwarded, RequestHead head, byte[] bytes)
    {
        string address = Encoding.Latin1.GetString(forwarded.Address);
        if (address.Length > 0 && (!IPAddress.TryParse(address, out IPAddress? parsed) || parsed.ToString() != address)) return $"address {address}";
        if (!forwarded.HasClient && address.Length > 0) return "an address of nobody";
        if (!IsPort(forwarded.Port) || !IsPort(forwarded.ServerPort)) return "a port";
        if (Authority.Check(forwarded.Host, RejectReason.BadHost) != RejectReason.None) return "a host";
        if (forwarded.Host.Length > 261 || forwarded.ServerName.Length > 255) return "a long host";
        string prefix = Encoding.Latin1.GetString(forwarded.Prefix);
        if (prefix.Length > 0 && !IsPrefix(prefix)) return $"prefix {prefix}";
        for (int i = 0; i < head.FieldCount; i++)
        {
            Field field = head.GetField(i);
            if (forwarded.Shows(i, field.Known, out int skipped) && skipped > field.Value.Of(bytes).Length) return "a field cut beyond its end";
        }
        return null;
    }

    private static bool IsPrefix(string prefix) =>
        prefix[0] == '/' && prefix[1..].Split('/').All(segment => segment is not ("" or "." or "..")) && !prefix.Any(c => c < ' ' || c == '\\');

    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535);
}
