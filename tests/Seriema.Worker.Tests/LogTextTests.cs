using System.Text;

namespace Seriema.Worker.Tests;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("GET / HTTP/1.1", "GET / HTTP/1.1")]
    [InlineData("a\r\nb", @"a\r\nb")]
    [InlineData("\t", @"\x09")]
    [InlineData("\0\x1f\x7f", @"\x00\x1f\x7f")]
    [InlineData("\x1b[31m", @"\x1b[31m")] // would colour a terminal
    [InlineData("\\r", @"\\r")] // not to be taken for a CR
    [InlineData("\xe4\xff", @"\xe4\xff")]
    [InlineData("\x9b", @"\x9b")] // CSI in one byte
    [InlineData(" ~", " ~")]
    public void Bytes_become_one_harmless_line(string bytes, string text)
    {
        Assert.Equal(text, LogText.Escape(Encoding.Latin1.GetBytes(bytes)));
    }

    [Fact]
    public void No_byte_becomes_a_control_character()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        StringBuilder text = new();
        LogText.AppendEscaped(text, all);
        Assert.DoesNotContain(text.ToString(), c => c is < ' ' or > '~');
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a\"b", @"""a\""b""")]
    [InlineData("\\\"", @"""\\\""""")] // a backslash of the client's does not undo ours
    [InlineData("a\r\nb\x1b\xe9", @"""a\r\nb\x1b\xe9""")]
    public void Quoted_bytes_cannot_end_their_quotation(string bytes, string text)
    {
        StringBuilder quoted = new("\""); // what stands before is left alone
        LogText.AppendQuoted(quoted, Encoding.Latin1.GetBytes(bytes));
        Assert.Equal("\"" + text, quoted.ToString());
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(201, "...")]
    [InlineData(100_000, "...")]
    public void A_long_text_is_cut(int length, string end)
    {
        Assert.Equal(new string('x', 200) + end, LogText.Escape(Encoding.ASCII.GetBytes(new string('x', length))));
    }
}
