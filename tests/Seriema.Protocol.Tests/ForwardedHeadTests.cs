using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>What the fields of a trusted peer say. Proxies are 10.0.0.0/8 and 2001:db8:aaaa::/48; the client's own Host is h:8.</summary>
public sealed class ForwardedHeadTests
{
    private const string Five = "x-forwarded-for,x-forwarded-proto,x-forwarded-host,x-forwarded-port,x-forwarded-prefix";

    [Theory]
    // who the client is
    [InlineData("", "-")]
    [InlineData("X-Forwarded-For: 192.0.2.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1:4711", "192.0.2.1 4711")]
    [InlineData("X-Forwarded-For: 2001:DB8::1", "2001:db8::1")]
    [InlineData("X-Forwarded-For: [2001:db8::1]", "2001:db8::1")]
    [InlineData("X-Forwarded-For: [2001:db8::1]:4711", "2001:db8::1 4711")]
    [InlineData("X-Forwarded-For: ::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1, 10.0.0.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1, 10.0.0.1,2001:db8:aaaa::1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-For: 10.0.0.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 10.0.0.3, 10.0.0.2", "10.0.0.3")]
    [InlineData("X-Forwarded-For: , 192.0.2.1,,\t", "192.0.2.1")]
    [InlineData("X-Forwarded-For:", "-")]
    [InlineData("X-Forwarded-For: garbage, 192.0.2.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1, unknown", "unknown")]
    [InlineData("X-Forwarded-For: 1.1.1.1, unix:", "unknown")]
    [InlineData("X-Forwarded-For: 1.1.1.1, _hidden, 10.0.0.1", "unknown")]
    [InlineData("X-Forwarded-For: 192.0.2.1, garbage", "malformed")]
    [InlineData("X-Forwarded-For: garbage, 10.0.0.1", "malformed")]
    [InlineData("X-Forwarded-For: 192.0.2.1:", "malformed")]
    [InlineData("X-Forwarded-For: 192.0.2.1:0", "malformed")]
    [InlineData("X-Forwarded-For: 192.0.2.1:65536", "malformed")]
    [InlineData("X-Forwarded-For: 010.0.0.1", "malformed")]
    [InlineData("X-Forwarded-For: [192.0.2.1]", "malformed")]
    [InlineData("X-Forwarded-For: [2001:db8::1", "malformed")]
    [InlineData("X-Forwarded-For: fe80::1%eth0", "malformed")]
    [InlineData("X-Forwarded-For: localhost", "malformed")]
    [InlineData("X-Forwarded-For: \"192.0.2.1\"", "malformed")]
    // scheme, host and port
    [InlineData("X-Forwarded-Proto: https", "- https port=8")]
    [InlineData("X-Forwarded-Proto: HTTP", "- http port=8")]
    [InlineData("X-Forwarded-Proto: wss", "- https port=8")]
    [InlineData("X-Forwarded-Proto: ws", "- http port=8")]
    [InlineData("X-Forwarded-Proto: gopher", "malformed")]
    [InlineData("X-Forwarded-Proto: https://", "malformed")]
    [InlineData("X-Forwarded-Proto: http, https", "- https port=8")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 10.0.0.1\nX-Forwarded-Proto: https, http", "192.0.2.1 https port=8")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 10.0.0.1\nX-Forwarded-Proto: gopher, https, http", "192.0.2.1 https port=8")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 10.0.0.1\nX-Forwarded-Proto: https", "192.0.2.1 https port=8")]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1\nX-Forwarded-Proto: http\nX-Forwarded-Proto: https", "192.0.2.1 https port=8")]
    [InlineData("X-Forwarded-Host: example.org", "- host=example.org name=example.org port=80")]
    [InlineData("X-Forwarded-Host: example.org\nX-Forwarded-Proto: https", "- https host=example.org name=example.org port=443")]
    [InlineData("X-Forwarded-Host: example.org:8443\nX-Forwarded-Proto: https", "- https host=example.org:8443 name=example.org port=8443")]
    [InlineData("X-Forwarded-Host: [::1]:81", "- host=[::1]:81 name=[::1] port=81")]
    [InlineData("X-Forwarded-Host: [::1]", "- host=[::1] name=[::1] port=80")]
    [InlineData("X-Forwarded-Host: evil.example, example.org", "- host=example.org name=example.org port=80")]
    [InlineData("X-Forwarded-Host: a b", "malformed")]
    [InlineData("X-Forwarded-Host: user@example.org", "malformed")]
    [InlineData("X-Forwarded-Host: example.org/path", "malformed")]
    [InlineData("X-Forwarded-Host: example.org:99999", "malformed")]
    [InlineData("X-Forwarded-Port: 8443", "- host=h:8443 port=8443")]
    [InlineData("X-Forwarded-Port: 443\nX-Forwarded-Proto: https", "- https host=h port=443")]
    [InlineData("X-Forwarded-Port: 444\nX-Forwarded-Proto: https\nX-Forwarded-Host: example.org:1", "- https host=example.org:444 name=example.org port=444")]
    [InlineData("X-Forwarded-Port: 0", "malformed")]
    [InlineData("X-Forwarded-Port: 8443x", "malformed")]
    // prefix
    [InlineData("X-Forwarded-Prefix: /app", "- prefix=/app")]
    [InlineData("X-Forwarded-Prefix: /a/b/", "- prefix=/a/b")]
    [InlineData("X-Forwarded-Prefix: /caf%C3%A9", "- prefix=/caf\u00c3\u00a9")]
    [InlineData("X-Forwarded-Prefix: /", "-")]
    [InlineData("X-Forwarded-Prefix: app", "malformed")]
    [InlineData("X-Forwarded-Prefix: //evil.example", "malformed")]
    [InlineData("X-Forwarded-Prefix: /\\evil.example", "malformed")]
    [InlineData("X-Forwarded-Prefix: /a/../b", "malformed")]
    [InlineData("X-Forwarded-Prefix: /a%2fb", "malformed")]
    [InlineData("X-Forwarded-Prefix: /%0d%0aX", "malformed")]
    [InlineData("X-Forwarded-Prefix: /%zz", "malformed")]
    public void X_Forwarded_fields_say_this(string fields, string expected) => Assert.Equal(expected, Read(Five, fields));

    [Theory]
    [InlineData("Forwarded: for=192.0.2.1", "192.0.2.1")]
    [InlineData("Forwarded: For=\"192.0.2.1:4711\"", "192.0.2.1 4711")]
    [InlineData("Forwarded: for=\"[2001:db8::1]\"", "2001:db8::1")]
    [InlineData("Forwarded: for=\"[2001:db8::1]:4711\"", "2001:db8::1 4711")]
    [InlineData("Forwarded: for=\"[2001:db8::1]:_port\"", "2001:db8::1")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https;by=203.0.113.43;host=example.org", "192.0.2.1 https host=example.org name=example.org port=443")]
    [InlineData("Forwarded: for=192.0.2.1 ; proto=https", "192.0.2.1 https port=8")]
    [InlineData("Forwarded: for=1.1.1.1, for=192.0.2.1;proto=https, for=10.0.0.1;proto=http", "192.0.2.1 https port=8")]
    [InlineData("Forwarded: for=1.1.1.1;proto=http, for=192.0.2.1, for=10.0.0.1;proto=https", "192.0.2.1 https port=8")]
    [InlineData("Forwarded: for=1.1.1.1\nForwarded: for=192.0.2.1", "192.0.2.1")]
    [InlineData("Forwarded: proto=https", "- https port=8")]
    [InlineData("Forwarded: for=unknown", "unknown")]
    [InlineData("Forwarded: for=\"unknown:4711\"", "unknown")]
    [InlineData("Forwarded: for=_hidden;by=_gate", "unknown")]
    [InlineData("Forwarded: for=192.0.2.1;;proto=https;", "192.0.2.1 https port=8")]
    [InlineData("Forwarded: for=192.0.2.1;ext=\"a\\\"b,c;d\"", "192.0.2.1")]
    [InlineData("Forwarded: for=192.0.2.1;secret=x, ,", "192.0.2.1")]
    [InlineData("Forwarded:", "-")]
    // an open quote would swallow what the proxy appends
    [InlineData("Forwarded: for=\", for=192.0.2.1", "malformed")]
    [InlineData("Forwarded: for=1.1.1.1;x=\", for=\"[2001:db8::1]\"", "malformed")]
    [InlineData("Forwarded: for=\"1.1.1.1\\", "malformed")]
    [InlineData("Forwarded: for=2001:db8::1", "malformed")]
    [InlineData("Forwarded: for=[2001:db8::1]", "malformed")]
    [InlineData("Forwarded: for=\"2001:db8::1\"", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1:4711", "malformed")]
    [InlineData("Forwarded: for=", "malformed")]
    [InlineData("Forwarded: for=\"\"", "malformed")]
    [InlineData("Forwarded: for", "malformed")]
    [InlineData("Forwarded: for =192.0.2.1", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1;for=192.0.2.2", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1 proto=https", "malformed")]
    [InlineData("Forwarded: for=\"192.0.2.\\1\"", "malformed")]
    [InlineData("Forwarded: for=garbage", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1;proto=gopher", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1;host=\"a b\"", "malformed")]
    [InlineData("Forwarded: for=192.0.2.1;host=\"\"", "malformed")]
    public void Forwarded_says_this(string fields, string expected) => Assert.Equal(expected, Read("forwarded", fields));

    [Theory]
    [InlineData("x-forwarded-for", "X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https\nX-Forwarded-Host: evil\nForwarded: for=9.9.9.9;host=evil", "192.0.2.1")]
    [InlineData("x-forwarded-proto", "X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https", "- https port=8")]
    [InlineData("forwarded", "X-Forwarded-For: garbage\nX-Forwarded-Proto: https\nForwarded: for=192.0.2.1", "192.0.2.1")]
    [InlineData("", "X-Forwarded-For: garbage\nX-Forwarded-Proto: https\nForwarded: for=\"", "-")]
    public void A_field_that_is_not_named_says_nothing(string named, string fields, string expected) => Assert.Equal(expected, Read(named, fields));

    [Theory]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1 , 10.0.0.1", "192.0.2.1 , 10.0.0.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 1.1.1.1\nX-Forwarded-For: evil,192.0.2.1\nX-Forwarded-For: 10.0.0.1", "192.0.2.1|10.0.0.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https\nForwarded: for=9.9.9.9", "192.0.2.1|https")]
    public void The_application_sees_what_proxies_have_written(string fields, string expected) =>
        Assert.Equal(expected, Shown("x-forwarded-for,x-forwarded-proto", fields));

    [Fact]
    public void The_application_sees_of_Forwarded_what_proxies_have_written() => Assert.Equal(
        "for=192.0.2.1;proto=https, for=10.0.0.1",
        Shown("forwarded", "Forwarded: for=1.1.1.1;host=evil, for=192.0.2.1;proto=https, for=10.0.0.1\nX-Forwarded-For: 9.9.9.9"));

    [Fact]
    public void A_chain_without_end_is_refused_and_not_kept()
    {
        string proxies = string.Concat(Enumerable.Repeat(", for=10.0.0.1", 31));
        Assert.Equal("192.0.2.1", Read("forwarded", "Forwarded: for=1.1.1.1, for=192.0.2.1" + proxies));
        Assert.Equal("malformed", Read("forwarded", "Forwarded: for=192.0.2.1, for=10.0.0.1" + proxies));
    }

    [Theory]
    [InlineData("forwarded,x-forwarded-for", "exclude each other")]
    [InlineData("x-real-ip", "is none of")]
    public void Fields_that_cannot_be_named_together_are_refused(string names, string problem) =>
        Assert.Contains(problem, ForwardedPolicy.ParseFields(names.Split(','), out _), StringComparison.Ordinal);

    [Fact]
    public void One_request_leaves_nothing_to_the_next()
    {
        ForwardedHead forwarded = Make(Five);
        string all = "X-Forwarded-For: 192.0.2.1:1\nX-Forwarded-Proto: https\nX-Forwarded-Host: a:1\nX-Forwarded-Prefix: /p";
        Assert.Equal("192.0.2.1 1 https host=a:1 name=a port=1 prefix=/p", Read(forwarded, all));
        Assert.Equal("-", Read(forwarded, ""));
        Assert.Equal("192.0.2.2", Read(forwarded, "X-Forwarded-For: 192.0.2.2"));
    }

    private static ForwardedHead Make(string named)
    {
        Assert.Null(AddressList.Parse(["10.0.0.0/8", "2001:db8:aaaa::/48"], out AddressList proxies));
        Assert.Null(ForwardedPolicy.ParseFields(named.Split(',', StringSplitOptions.RemoveEmptyEntries), out ForwardedFields honoured));
        return new ForwardedHead(new ForwardedPolicy(proxies, honoured));
    }

    private static (RequestHead Head, byte[] Bytes) Parse(string fields)
    {
        string lines = fields.Length == 0 ? "" : fields.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n";
        byte[] bytes = Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: h:8\r\n{lines}\r\n");
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, new RequestParser(new HttpLimits()).Read(bytes, head, out _));
        return (head, bytes);
    }

    private static string Read(string named, string fields) => Read(Make(named), fields);

    private static string Read(ForwardedHead forwarded, string fields)
    {
        (RequestHead head, byte[] bytes) = Parse(fields);
        if (!forwarded.Read(head, bytes)) return "malformed";
        StringBuilder text = new(!forwarded.HasClient ? "-" : forwarded.Address.IsEmpty ? "unknown" : Text(forwarded.Address));
        if (!forwarded.Port.IsEmpty) text.Append(' ').Append(Text(forwarded.Port));
        if (forwarded.IsHttps is { } isHttps) text.Append(isHttps ? " https" : " http");
        if (!forwarded.Host.IsEmpty) text.Append(" host=").Append(Text(forwarded.Host));
        if (!forwarded.ServerName.IsEmpty) text.Append(" name=").Append(Text(forwarded.ServerName));
        if (!forwarded.ServerPort.IsEmpty) text.Append(" port=").Append(Text(forwarded.ServerPort));
        if (!forwarded.Prefix.IsEmpty) text.Append(" prefix=").Append(Text(forwarded.Prefix));
        return text.ToString();
    }

    private static string Shown(string named, string fields)
    {
        ForwardedHead forwarded = Make(named);
        (RequestHead head, byte[] bytes) = Parse(fields);
        Assert.True(forwarded.Read(head, bytes));
        List<string> shown = [];
        for (int i = 0; i < head.FieldCount; i++)
        {
            Field field = head.GetField(i);
            if (ForwardedPolicy.Of(field.Known) == ForwardedFields.None) continue;
            if (forwarded.Shows(i, field.Known, out int skipped)) shown.Add(Text(field.Value.Of(bytes)[skipped..]));
        }
        return string.Join('|', shown);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
