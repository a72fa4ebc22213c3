using System.Text;

namespace Seriema.Wsgi.Tests;

public sealed class UrlPrefixTests
{
    [Theory]
    [InlineData("/", "")]
    [InlineData("/flask", "/flask")]
    [InlineData("/flask/", "/flask")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/v1.0", "/v1.0")]
    [InlineData("/a b", "/a b")]
    [InlineData("/\u00e9", "/\u00c3\u00a9")]
    public void A_prefix_loses_its_last_slash(string text, string expected)
    {
        Assert.Null(UrlPrefix.Parse(text, out byte[] prefix));
        Assert.Equal(expected, Encoding.Latin1.GetString(prefix));
    }

    [Theory]
    [InlineData("")]
    [InlineData("flask")]
    [InlineData("//")]
    [InlineData("//flask")]
    [InlineData("/a//b")]
    [InlineData("/a/./b")]
    [InlineData("/a/..")]
    [InlineData("/a%20b")]
    [InlineData("/a?b")]
    [InlineData("/a#b")]
    [InlineData("/a\nb")]
    [InlineData("/a\0")]
    public void What_no_request_could_match_is_refused(string text) => Assert.NotNull(UrlPrefix.Parse(text, out _));

    [Theory]
    [InlineData("/flask", "/flask", true)]
    [InlineData("/flask", "/flask/", true)]
    [InlineData("/flask", "/flask/x", true)]
    [InlineData("/flask", "/flasky", false)]
    [InlineData("/flask", "/Flask", false)]
    [InlineData("/flask", "/flas", false)]
    [InlineData("/flask", "//flask", false)]
    [InlineData("/flask", "/", false)]
    [InlineData("/flask", "*", false)]
    [InlineData("", "/anything", true)]
    [InlineData("", "*", true)]
    [InlineData("", "", true)]
    public void A_prefix_counts_in_whole_segments(string prefix, string path, bool expected) =>
        Assert.Equal(expected, UrlPrefix.IsPrefixOf(Encoding.Latin1.GetBytes(prefix), Encoding.Latin1.GetBytes(path)));
}
