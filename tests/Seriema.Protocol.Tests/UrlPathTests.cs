using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class UrlPathTests
{
    [Theory]
    [InlineData("/", "", true)]
    [InlineData("", "", true)] // RFC 9110 §4.2.3
    [InlineData("/a", "a", false)]
    [InlineData("/a/", "a", true)]
    [InlineData("/a/b.txt", "a/b.txt", false)]
    [InlineData("/a/b/", "a/b", true)]
    [InlineData("/%41%4a%6A", "AJj", false)]
    [InlineData("/a%20b+c", "a b+c", false)] // a plus sign is a space in forms only
    [InlineData("/a%3Fb%23c", "a?b#c", false)]
    [InlineData("/a;b=c", "a;b=c", false)]
    [InlineData("/%25", "%", false)]
    [InlineData("/%252e%252e", "%2e%2e", false)] // once, and not again
    [InlineData("/%c3%a9", "\u00c3\u00a9", false)] // UTF-8 stays the bytes it is
    [InlineData("/\u00c3\u00a9", "\u00c3\u00a9", false)]
    [InlineData("/%c0%ae%c0%ae/x", "\u00c0\u00ae\u00c0\u00ae/x", false)] // overlong dots are no dots
    [InlineData("/%ff", "\u00ff", false)] // no UTF-8, and a valid name for Linux
    [InlineData("/a.", "a.", false)]
    [InlineData("/a..b", "a..b", false)]
    [InlineData("/~user", "~user", false)]
    [InlineData("/a/ ", "a/ ", false)]
    [InlineData("/%E2%80%A6", "\u00e2\u0080\u00a6", false)] // an ellipsis is no three dots
    public void A_path_becomes_a_name_below_the_root(string path, string expected, bool endsWithSlash)
    {
        PathVerdict verdict = Decode(path, false, out string name, out bool slash);
        Assert.Equal(PathVerdict.Ok, verdict);
        Assert.Equal(expected, name);
        Assert.Equal(endsWithSlash, slash);
    }

    [Theory]
    [InlineData("/..", "DotSegment")]
    [InlineData("/../a", "DotSegment")]
    [InlineData("/a/../b", "DotSegment")]
    [InlineData("/a/..", "DotSegment")]
    [InlineData("/a/../", "DotSegment")]
    [InlineData("/.", "DotSegment")]
    [InlineData("/a/./b", "DotSegment")]
    [InlineData("/%2e%2e/a", "DotSegment")]
    [InlineData("/%2E%2e", "DotSegment")]
    [InlineData("/.%2e", "DotSegment")]
    [InlineData("/%2e.", "DotSegment")]
    [InlineData("/%2e", "DotSegment")]
    [InlineData("/a/%2e%2e", "DotSegment")]
    [InlineData("/..%2f..%2fetc", "EncodedSlash")]
    [InlineData("/%2e%2e%2fetc", "EncodedSlash")]
    [InlineData("/a%2Fb", "EncodedSlash")]
    [InlineData("/%2f", "EncodedSlash")]
    [InlineData("/..%5c..", "Backslash")]
    [InlineData("/a\\b", "Backslash")]
    [InlineData("/a%5Cb", "Backslash")]
    [InlineData("/a%00.txt", "Control")]
    [InlineData("/%0a", "Control")]
    [InlineData("/%1f", "Control")]
    [InlineData("/%7F", "Control")]
    [InlineData("/a\0b", "Control")]
    [InlineData("//", "EmptySegment")]
    [InlineData("//a", "EmptySegment")]
    [InlineData("//evil.example/%2e%2e", "EmptySegment")] // the redirect to it would lead to another host
    [InlineData("/a//b", "EmptySegment")]
    [InlineData("/a//", "EmptySegment")]
    [InlineData("/.git/config", "DotName")]
    [InlineData("/a/.htaccess", "DotName")]
    [InlineData("/%2egit", "DotName")]
    [InlineData("/...", "DotName")]
    [InlineData("/.well-known/x", "DotName")]
    [InlineData("/%", "BadEncoding")]
    [InlineData("/%4", "BadEncoding")]
    [InlineData("/a%4/b", "BadEncoding")] // the two digits stand in one name
    [InlineData("/%zz", "BadEncoding")]
    [InlineData("/%4g", "BadEncoding")]
    [InlineData("/% 41", "BadEncoding")]
    [InlineData("/%u0041", "BadEncoding")]
    [InlineData("/%+4", "BadEncoding")]
    [InlineData("*", "NotAbsolute")]
    [InlineData("a", "NotAbsolute")]
    [InlineData("../a", "NotAbsolute")]
    [InlineData("%2fa", "NotAbsolute")]
    public void What_names_no_file_below_the_root_is_refused(string path, string expected) =>
        Assert.Equal(expected, Decode(path, false, out _, out _).ToString());

    [Theory]
    [InlineData("/.well-known/acme", "Ok")]
    [InlineData("/.well-known", "Ok")]
    [InlineData("/%2ewell-known/x", "Ok")]
    [InlineData("/.well-known/.git", "DotName")]
    [InlineData("/.well-known/../x", "DotSegment")]
    [InlineData("/a/.well-known/x", "DotName")]
    [InlineData("/.Well-Known/x", "DotName")]
    [InlineData("/.well-known2", "DotName")]
    [InlineData("/.git", "DotName")]
    public void Well_known_names_are_allowed_at_the_root_only(string path, string expected) =>
        Assert.Equal(expected, Decode(path, true, out _, out _).ToString());

    [Fact]
    public void A_name_has_at_most_255_bytes_after_decoding()
    {
        Assert.Equal(PathVerdict.Ok, Decode("/" + Repeat("%41", 255), false, out string name, out _));
        Assert.Equal(255, name.Length);
        Assert.Equal(PathVerdict.NameTooLong, Decode("/" + Repeat("%41", 256), false, out _, out _));
        Assert.Equal(PathVerdict.NameTooLong, Decode("/a/" + Repeat("b", 256) + "/c", false, out _, out _));
    }

    [Fact]
    public void A_path_has_at_most_4095_bytes()
    {
        string most = Repeat("/" + Repeat("a", 254), 16) + "/" + Repeat("a", 15); // 4080 and 16 with their slashes
        Assert.Equal(PathVerdict.Ok, Decode(most, false, out string name, out _));
        Assert.Equal(4095, name.Length);
        Assert.Equal(PathVerdict.Ok, Decode(most + "/", false, out _, out bool endsWithSlash));
        Assert.True(endsWithSlash);
        foreach (string more in (string[])["a", "/a", "%41", "/" + Repeat("a", 5000)])
        {
            Assert.Equal(PathVerdict.TooLong, Decode(most + more, false, out _, out _));
        }
    }

    // Every byte in the place of a name's one character, raw and encoded: what Linux could open, and nothing else.
    [Fact]
    public void Every_byte_is_judged_alike_raw_and_encoded()
    {
        for (int b = 0; b < 256; b++)
        {
            bool isName = b is >= 0x20 and not (0x7F or '/' or '\\' or '.');
            string encoded = $"/a/%{b:X2}";
            Assert.True(isName == (Decode(encoded, false, out string name, out _) == PathVerdict.Ok), encoded);
            if (isName) Assert.Equal("a/" + (char)b, name);
            if (b is '/' or '%') continue; // raw, these two are syntax
            Assert.True(isName == (Decode("/a/" + (char)b, false, out _, out _) == PathVerdict.Ok), $"raw {b:X2}");
        }
    }

    [Fact]
    public void Whatever_comes_the_result_stays_below_the_root()
    {
        string[] pieces =
            ["/", "/", ".", "..", "%2e", "%2f", "%5c", "%", "a", "b", "%00", "\\", "%25", "\u00ff", "%c0%ae"];
        int firstSeed = Environment.TickCount & 0x3FFFFFFF;
        int accepted = 0;
        for (int seed = firstSeed; seed < firstSeed + 50_000; seed++)
        {
            Random random = new(seed);
            string path = "/" + string.Concat(random.GetItems(pieces, random.Next(8)));
            if (Decode(path, random.Next(2) == 0, out string name, out _) != PathVerdict.Ok) continue;
            accepted++;
            bool isSafe = name.Length == 0
                || Array.TrueForAll(name.Split('/'), part => part.Length > 0 && part[0] != '.');
            Assert.True(isSafe && !name.Contains('\0', StringComparison.Ordinal), $"seed {seed}: {path} became {name}");
        }
        Assert.True(accepted > 1000, $"{accepted} of 50000 accepted from seed {firstSeed} on.");
    }

    private static PathVerdict Decode(string path, bool allowWellKnown, out string name, out bool endsWithSlash)
    {
        byte[] dest = new byte[UrlPath.MaxLength + 1];
        Array.Fill(dest, (byte)'!');
        PathVerdict verdict = UrlPath.Decode(
            Encoding.Latin1.GetBytes(path), dest, allowWellKnown, out int length, out endsWithSlash);
        name = Encoding.Latin1.GetString(dest, 0, length);
        if (verdict == PathVerdict.Ok) Assert.Equal(0, dest[length]);
        else Assert.Equal(0, length);
        return verdict;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
