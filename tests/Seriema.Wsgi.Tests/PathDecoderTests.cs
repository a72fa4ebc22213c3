using System.Text;

namespace Seriema.Wsgi.Tests;

public sealed class PathDecoderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/plain", "/plain")]
    [InlineData("/%41%62", "/Ab")]
    [InlineData("%2f%2F", "//")]
    [InlineData("%00", "\0")]
    [InlineData("%ff%FF", "\u00ff\u00ff")]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%%41", "%A")]
    [InlineData("%4%41", "%4A")]
    [InlineData("%g1%1g", "%g1%1g")]
    [InlineData("a%20b%", "a b%")]
    public void Octets_are_decoded_and_anything_else_stays(string path, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(path);
        byte[] decoded = new byte[bytes.Length];
        Assert.Equal(expected, Encoding.Latin1.GetString(decoded, 0, PathDecoder.Decode(bytes, decoded)));
    }
}
