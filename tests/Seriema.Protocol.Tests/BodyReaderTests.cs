using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class BodyReaderTests
{
    [Fact]
    public void A_request_without_body_is_complete_at_once()
    {
        BodyReader reader = Start(new RequestHead());
        Assert.True(reader.IsComplete);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(ParseStatus.Done, reader.Read("next"u8, new byte[9], out int consumed, out int written));
        Assert.Equal((0, 0), (consumed, written));
    }

    [Fact]
    public void Remaining_counts_down_by_length_and_is_unknown_when_chunked()
    {
        BodyReader reader = Start(new RequestHead { ContentLength = 5 });
        Assert.Equal(5, reader.Remaining);
        Assert.Equal(ParseStatus.NeedMore, reader.Read("abc"u8, new byte[9], out _, out int written));
        Assert.Equal((3, 2L, 3L), (written, reader.Remaining, reader.Received));

        reader = Start(new RequestHead { IsChunked = true });
        Assert.Equal(-1, reader.Remaining);
        Assert.Equal(ParseStatus.Done, reader.Read("1\r\na\r\n0\r\n\r\n"u8, new byte[9], out _, out _));
        Assert.Equal((0L, 1L), (reader.Remaining, reader.Received));
    }

    [Fact]
    public void A_full_output_stops_the_data_but_not_the_framing_behind_it()
    {
        BodyReader reader = Start(new RequestHead { IsChunked = true });
        byte[] output = new byte[4];
        ReadOnlySpan<byte> wire = "6\r\nabcdef\r\n0\r\n\r\n"u8;
        Assert.Equal(ParseStatus.NeedMore, reader.Read(wire, output, out int consumed, out int written));
        Assert.Equal((7, 4), (consumed, written));
        Assert.Equal(ParseStatus.Done, reader.Read(wire[consumed..], output.AsSpan(0, 2), out consumed, out written));
        Assert.Equal((9, 2), (consumed, written));
        Assert.Equal("efcd", Encoding.ASCII.GetString(output));
    }

    [Fact]
    public void Without_room_for_output_the_data_waits()
    {
        BodyReader reader = Start(new RequestHead { IsChunked = true });
        Assert.Equal(ParseStatus.NeedMore, reader.Read("1\r\na"u8, default, out int consumed, out int written));
        Assert.Equal((3, 0), (consumed, written));
    }

    [Fact]
    public void Bytes_are_decoded_in_place()
    {
        byte[] buffer = "5;ext\r\nhello\r\n7\r\n, world\r\n0\r\nX: y\r\n\r\n"u8.ToArray();
        BodyReader reader = Start(new RequestHead { IsChunked = true });
        Assert.Equal(ParseStatus.Done, reader.Read(buffer, buffer, out int consumed, out int written));
        Assert.Equal(buffer.Length, consumed);
        Assert.Equal("hello, world", Encoding.ASCII.GetString(buffer, 0, written));
    }

    [Fact]
    public void A_mistake_behind_good_data_still_delivers_the_data_and_stays()
    {
        BodyReader reader = Start(new RequestHead { IsChunked = true });
        Assert.Equal(ParseStatus.Rejected, reader.Read("2\r\nhi\r\nx\r\n"u8, new byte[9], out _, out int written));
        Assert.Equal((2, RejectReason.BadChunkSize), (written, reader.Reason));
        Assert.Equal(ParseStatus.Rejected, reader.Read("0\r\n\r\n"u8, new byte[9], out _, out _));
        Assert.False(reader.IsComplete);
    }

    [Fact]
    public void The_limit_counts_all_chunks_together()
    {
        BodyReader reader = new(new HttpLimits { Body = 5 });
        reader.Start(new RequestHead { IsChunked = true });
        Assert.Equal(ParseStatus.Rejected, reader.Read("3\r\nabc\r\n3\r\n"u8, new byte[9], out _, out _));
        Assert.Equal(RejectReason.BodyTooLarge, reader.Reason);
    }

    [Fact]
    public void A_reader_starts_afresh_for_each_request()
    {
        BodyReader reader = Start(new RequestHead { IsChunked = true });
        reader.Read("2;a\r\nhi\r\nx"u8, new byte[9], out _, out _);
        reader.Start(new RequestHead { IsChunked = true });
        Assert.Equal(RejectReason.None, reader.Reason);
        Assert.Equal(ParseStatus.Done, reader.Read("1\r\na\r\n0\r\n\r\n"u8, new byte[9], out _, out int written));
        Assert.Equal((1, 1L), (written, reader.Received));
    }

    [Fact]
    public void The_trailer_limit_holds_to_the_byte()
    {
        byte[] wire = "0\r\nX: abc\r\n\r\n"u8.ToArray(); // a section of 10 bytes
        foreach (int limit in (int[])[8, 9, 10, 11])
        {
            BodyReader reader = new(new HttpLimits { TrailerSize = limit });
            reader.Start(new RequestHead { IsChunked = true });
            ParseStatus status = reader.Read(wire, default, out _, out _);
            Assert.True(status == (limit < 10 ? ParseStatus.Rejected : ParseStatus.Done), $"{limit}: {status}");
        }
    }

    private static BodyReader Start(RequestHead head)
    {
        BodyReader reader = new(new HttpLimits());
        reader.Start(head);
        return reader;
    }
}
