using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class AcceptEncodingTests
{
    private const ContentCodings All =
        ContentCodings.Brotli | ContentCodings.Zstd | ContentCodings.Gzip | ContentCodings.Identity;

    [Theory]
    // RFC 9110 §12.5.3: the examples, and what a browser sends
    [InlineData("compress, gzip", "Gzip")]
    [InlineData("", "Identity")]
    [InlineData("*", "Brotli")]
    [InlineData("compress;q=0.5, gzip;q=1.0", "Gzip")]
    [InlineData("gzip;q=1.0, identity; q=0.5, *;q=0", "Gzip")]
    [InlineData("gzip, deflate, br, zstd", "Brotli")]
    // weights first, then the order of the server
    [InlineData("gzip, zstd;q=0.9, br;q=0.8", "Gzip")]
    [InlineData("gzip;q=0.5, zstd;q=0.501, br;q=0.5", "Zstd")]
    [InlineData("identity, gzip", "Gzip")]
    [InlineData("identity, gzip;q=0.9", "Identity")]
    [InlineData("br;q=0.3, *;q=0.8", "Zstd")]
    [InlineData("gzip;q=0.001", "Gzip")]
    // exclusions
    [InlineData("gzip;q=0", "Identity")]
    [InlineData("gzip;q=0.000, br;q=0.", "Identity")]
    [InlineData("*;q=0", "None")]
    [InlineData("identity;q=0", "None")]
    [InlineData("identity;q=0, *;q=0", "None")]
    [InlineData("*;q=0, identity", "Identity")]
    [InlineData("*;q=0, zstd;q=0.1", "Zstd")]
    [InlineData("identity;q=0, deflate", "None")]
    [InlineData("gzip, gzip;q=0", "Identity")]
    [InlineData("gzip;q=0, gzip", "Identity")]
    // names
    [InlineData("GZip", "Gzip")]
    [InlineData("x-gzip", "Gzip")]
    [InlineData("brotli", "Identity")]
    [InlineData("gzipped, brr", "Identity")]
    // syntax: whitespace, case and empty elements are allowed; another weight is no consent
    [InlineData(" ,\tgzip\t; \tQ=1.000 ,", "Gzip")]
    [InlineData("gzip;q=1.001", "Identity")]
    [InlineData("gzip;q=2", "Identity")]
    [InlineData("gzip;q=0.1234", "Identity")]
    [InlineData("gzip;q=.5", "Identity")]
    [InlineData("gzip;q=-1", "Identity")]
    [InlineData("gzip;q=", "Identity")]
    [InlineData("gzip;q", "Identity")]
    [InlineData("gzip;", "Identity")]
    [InlineData("gzip;q=1;a=b", "Identity")]
    [InlineData("gzip;a=b;q=1", "Identity")]
    [InlineData("gzip;q =1", "Identity")]
    [InlineData("gzip;q=1x", "Identity")]
    [InlineData("gzip;q=0,5", "Identity")]
    [InlineData("gzip br", "Identity")]
    public void The_best_of_all_codings(string value, string expected) =>
        Assert.Equal(expected, Choose(All, $"Accept-Encoding: {value}\r\n").ToString());

    [Theory]
    [InlineData("gzip, br", ContentCodings.Gzip | ContentCodings.Identity, ContentCodings.Gzip)]
    [InlineData("br", ContentCodings.Gzip | ContentCodings.Identity, ContentCodings.Identity)]
    [InlineData("br, *;q=0", ContentCodings.Gzip | ContentCodings.Identity, ContentCodings.None)]
    [InlineData("gzip", ContentCodings.Identity, ContentCodings.Identity)]
    [InlineData("gzip", ContentCodings.Brotli, ContentCodings.None)]
    [InlineData("gzip", ContentCodings.None, ContentCodings.None)]
    public void The_best_of_what_is_there(string value, object available, object expected) =>
        Assert.Equal(expected, Choose((ContentCodings)available, $"Accept-Encoding: {value}\r\n"));

    [Fact]
    public void Without_the_field_the_file_itself_is_sent_or_else_whatever_there_is()
    {
        Assert.Equal(ContentCodings.Identity, Choose(All, ""));
        Assert.Equal(ContentCodings.Zstd, Choose(ContentCodings.Zstd | ContentCodings.Gzip, ""));
    }

    [Fact]
    public void Several_lines_are_one_list()
    {
        Assert.Equal(ContentCodings.Gzip, Choose(All, "Accept-Encoding: br;q=0.5\r\nAccept-Encoding: gzip\r\n"));
        const string Excluded = "Accept-Encoding: *;q=0.1, gzip;q=0, br;q=0, zstd;q=0\r\n";
        Assert.Equal(ContentCodings.Identity, Choose(All, "Accept-Encoding: gzip\r\n" + Excluded));
    }

    private static ContentCodings Choose(ContentCodings available, string fields)
    {
        byte[] request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, new RequestParser(new HttpLimits()).Read(request, head, out _));
        return AcceptEncoding.Choose(head, request, available);
    }
}
