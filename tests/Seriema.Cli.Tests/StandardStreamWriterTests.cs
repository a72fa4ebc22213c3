using System.Text;

namespace Seriema.Cli.Tests;

public sealed class StandardStreamWriterTests
{
    [Fact]
    public void Each_line_is_one_write_of_UTF_8_without_a_mark()
    {
        var stream = new Recorder();
        using var writer = new StandardStreamWriter(stream);
        writer.WriteLine("Grüße");
        writer.Write("");
        writer.WriteLine("x".AsSpan());
        writer.WriteLine();
        Assert.Equal(["Grüße\n", "x\n", "\n"], stream.Writes);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced()
    {
        var stream = new Recorder();
        using var writer = new StandardStreamWriter(stream);
        writer.Write("a\ud800b");
        Assert.Equal(["a\ufffdb"], stream.Writes);
    }

    [Fact]
    public void A_closed_pipe_is_no_reason_to_fail()
    {
        using var writer = new StandardStreamWriter(new Recorder { IsBroken = true });
        writer.WriteLine("lost");
    }

    private sealed class Recorder : MemoryStream
    {
        internal List<string> Writes { get; } = [];

        internal bool IsBroken { get; init; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsBroken) throw new IOException("Broken pipe");
            Writes.Add(Encoding.UTF8.GetString(buffer));
        }
    }
}
