using System.Text;

namespace Seriema.Worker.Tests;

public sealed class ByteBufferTests
{
    [Fact]
    public void What_is_written_is_read_in_order_whatever_the_pieces()
    {
        Random random = new(20_240_229);
        ByteBuffer buffer = new(16);
        byte next = 0;
        byte expected = 0;
        int length = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int write = random.Next(60);
            Span<byte> room = buffer.Reserve(write);
            Assert.True(room.Length >= write, $"round {round}: {room.Length} bytes of room for {write}");
            for (int i = 0; i < write; i++) room[i] = next++;
            buffer.Advance(write);
            length += write;
            Assert.Equal(length, buffer.Length);

            int read = random.Next(Math.Min(length, 61) + 1);
            for (int i = 0; i < read; i++) Assert.True(buffer.Written[i] == expected++, $"round {round}, byte {i}");
            buffer.Consume(read);
            length -= read;
            Assert.Equal(length == 0, buffer.IsEmpty);
        }
    }

    [Fact]
    public void A_queue_that_never_grows_long_never_grows_in_memory()
    {
        ByteBuffer buffer = new(64);
        Write(buffer, "0123456789");
        int capacity = Capacity(buffer);
        for (int i = 0; i < 10_000; i++)
        {
            Write(buffer, "0123456789");
            buffer.Consume(10);
        }
        Assert.InRange(Capacity(buffer), 0, capacity);
        Assert.Equal("0123456789", Encoding.ASCII.GetString(buffer.Written));
    }

    [Fact]
    public void Truncating_counts_from_the_first_byte_that_is_left()
    {
        ByteBuffer buffer = new(16);
        Write(buffer, "abcdef");
        buffer.Consume(2);
        buffer.Truncate(3);
        Assert.Equal("cde", Encoding.ASCII.GetString(buffer.Written));
        Write(buffer, "xyz");
        Assert.Equal("cdexyz", Encoding.ASCII.GetString(buffer.Written));
    }

    [Fact]
    public void An_unused_buffer_holds_no_array()
    {
        ByteBuffer buffer = new(4096);
        Assert.Equal(0, buffer.Reserve(0).Length);
        Assert.True(buffer.Written.IsEmpty);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(100_000, false)]
    public void Trimming_keeps_a_usual_array_and_gives_a_large_one_back(int written, bool isKept)
    {
        ByteBuffer buffer = new(4096);
        buffer.Advance(buffer.Reserve(written).Length);
        buffer.Trim(8192);
        Assert.True(buffer.IsEmpty);
        Assert.Equal(isKept, Capacity(buffer) > 0);
    }

    /// <summary>The room of an empty buffer is all it has.</summary>
    private static int Capacity(ByteBuffer buffer) => buffer.Reserve(0).Length + buffer.Length;

    private static void Write(ByteBuffer buffer, string text)
    {
        Encoding.ASCII.GetBytes(text, buffer.Reserve(text.Length));
        buffer.Advance(text.Length);
    }
}
