using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>What the corpus cannot say: representations without a validator, methods, allocation.</summary>
public sealed class PreconditionsTests
{
    private const long Modified = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT
    private const long Now = 1795262400;

    [Theory]
    [InlineData("If-None-Match: \"a\"", "200")]
    [InlineData("If-None-Match: *", "304")]
    [InlineData("If-Match: \"a\"", "412")]
    [InlineData("If-Match: *", "200")]
    [InlineData("If-None-Match: \"\"", "200")]
    [InlineData("Range: bytes=0-1\r\nIf-Range: \"\"", "200")]
    public void Without_a_tag_only_the_star_matches(string fields, string expected) =>
        Assert.Equal(expected, Answer(new Representation(1000, [], Modified), fields));

    [Theory]
    [InlineData("If-None-Match: W/\"a\"", "304")]
    [InlineData("If-None-Match: \"a\"", "304")]
    [InlineData("If-Match: \"a\"", "412")]
    [InlineData("If-Match: W/\"a\"", "412")]
    [InlineData("Range: bytes=0-1\r\nIf-Range: \"a\"", "200")]
    public void A_weak_tag_of_our_own_never_equals_strongly(string fields, string expected) =>
        Assert.Equal(expected, Answer(new Representation(1000, Encoding.ASCII.GetBytes("W/\"a\""), Modified), fields));

    [Theory]
    [InlineData("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200")]
    [InlineData("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200")]
    [InlineData("Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT", "200")]
    public void Without_Last_Modified_dates_are_ignored_and_If_Range_is_false(string fields, string expected) =>
        Assert.Equal(expected, Answer(new Representation(1000, Encoding.ASCII.GetBytes("\"a\""), null), fields));

    [Fact]
    public void A_date_before_1970_is_a_date()
    {
        Representation old = new(1000, [], ConditionalCase.Seconds("Wed, 31 Dec 1969 23:59:59 GMT"));
        Assert.Equal("304", Answer(old, "If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT"));
        Assert.Equal("200", Answer(old, "If-Modified-Since: Wed, 31 Dec 1969 23:59:58 GMT"));
    }

    [Fact]
    public void The_verdict_names_the_place_of_the_range()
    {
        byte[] request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\nrange:  bytes=0-1 \r\n\r\n");
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, new RequestParser(new HttpLimits()).Read(request, head, out _));
        PreconditionVerdict verdict = Preconditions.Evaluate(head, request, default, null, Now);
        Assert.Equal("bytes=0-1", Encoding.ASCII.GetString(verdict.Range.Of(request)));
    }

    [Fact]
    public void Conditions_codings_and_ranges_allocate_nothing()
    {
        byte[] request = Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\", \"a\"\r\nIf-None-Match: \"b\"\r\nRange: bytes=5-9\r\n"
            + "Accept-Encoding: gzip, br;q=0.5\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
        RequestHead head = new();
        Assert.Equal(ParseStatus.Done, new RequestParser(new HttpLimits()).Read(request, head, out _));
        Evaluate(head, request); // what is compiled or made once
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Evaluate(head, request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Evaluate(RequestHead head, byte[] request)
    {
        PreconditionVerdict verdict = Preconditions.Evaluate(head, request, "\"a\""u8, Modified, Now);
        Span<ByteRange> ranges = stackalloc ByteRange[ByteRanges.MaxRanges];
        RangeOutcome outcome = ByteRanges.Parse(verdict.Range.Of(request), 1000, ranges, out int count);
        ContentCodings coding = AcceptEncoding.Choose(head, request, ContentCodings.Gzip | ContentCodings.Brotli);
        Span<byte> path = stackalloc byte[UrlPath.MaxLength + 1];
        PathVerdict named = UrlPath.Decode("/a/%41.txt"u8, path, false, out int length, out _);
        bool asExpected = outcome == RangeOutcome.Single && count == 1 && ranges[0] == new ByteRange(5, 5)
            && coding == ContentCodings.Gzip && named == PathVerdict.Ok && length == 7;
        if (!asExpected) throw new InvalidOperationException($"{verdict} {outcome} {coding} {named}");
    }

    private static string Answer(Representation representation, string fields) =>
        representation.Answer($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n", Now);
}
