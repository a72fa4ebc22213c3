namespace Seriema.Protocol.Tests;

/// <summary>The corpus is only as good as its reader.</summary>
public sealed class VisibleBytesTests
{
    [Fact]
    public void Escapes_are_bytes_and_line_ends_are_layout() =>
        Assert.Equal([(byte)'a', 13, 10, 9, 0, (byte)'\\', 0xFF], VisibleBytes.Parse("a\\r\\n\n\\t\\0\\\\\\xFF\n"));

    [Fact]
    public void A_repetition_repeats_its_text() =>
        Assert.Equal("ab\nab\nab\n"u8.ToArray(), VisibleBytes.Parse("\\[3:ab\\n]"));

    [Theory]
    [InlineData("\\q")]
    [InlineData("\\")]
    [InlineData("a\tb")]
    [InlineData("a\rb")]
    [InlineData("\u00E9")]
    [InlineData("\\[3ab]")]
    [InlineData("\\[x:ab]")]
    [InlineData("\\xG0")]
    public void Anything_else_fails_the_load(string text) =>
        Assert.Throws<FormatException>(() => VisibleBytes.Parse(text));

    [Fact]
    public void What_is_shown_can_be_read_again()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        foreach (byte[] part in all.Chunk(64)) Assert.Equal(part, VisibleBytes.Parse(VisibleBytes.Show(part)));
    }
}
