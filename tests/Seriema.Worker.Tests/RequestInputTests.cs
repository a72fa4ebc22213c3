using System.Text;

namespace Seriema.Worker.Tests;

public sealed class RequestInputTests
{
    private const string Head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public void There_is_always_room_to_receive_into()
    {
        RequestInput input = new();
        for (int i = 0; i < 9; i++)
        {
            Span<byte> room = input.FreeSpace();
            Assert.False(room.IsEmpty);
            room.Fill((byte)('a' + i));
            input.Received(room.Length);
        }
        Assert.True(input.UnreadLength > 1 << 20);
    }

    [Fact]
    public void Growing_keeps_what_was_received()
    {
        RequestInput input = new();
        Receive(input, Head);
        input.HeadDone(Head.Length);
        string body = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} "));
        Receive(input, body);
        Assert.Equal(Head, Text(input.Head));
        Assert.Equal(body, Text(input.Unread));
    }

    [Fact]
    public void The_head_stays_in_place_while_a_body_passes_through_behind_it()
    {
        RequestInput input = new();
        Receive(input, Head);
        input.HeadDone(Head.Length);
        input.ExpectBody();
        int first = input.FreeSpace().Length;
        Assert.True(first < 16384, $"{first} bytes for a body that has not begun");
        Receive(input, new string('a', first)); // whoever fills it gets more
        input.Consume(first);
        int room = input.FreeSpace().Length;
        Assert.True(room >= 65536 - Head.Length, $"only {room} bytes for a body");
        for (int i = 0; i < 200; i++)
        {
            Receive(input, new string((char)('a' + (i % 26)), 5000));
            Assert.Equal(5000, input.UnreadLength);
            input.Consume(5000);
            Assert.Equal(Head, Text(input.Head));
            Assert.Equal(room, input.FreeSpace().Length); // what is consumed makes room again
        }
    }

    [Fact]
    public void A_body_that_came_with_its_head_survives_the_larger_array()
    {
        RequestInput input = new();
        Receive(input, Head + "abc");
        input.HeadDone(Head.Length);
        input.Consume(1);
        input.ExpectBody();
        Assert.Equal((Head, "bc"), (Text(input.Head), Text(input.Unread)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")]
    public void Bytes_behind_a_request_are_the_start_of_the_next(string next)
    {
        RequestInput input = new();
        Receive(input, Head + "abc" + next);
        input.HeadDone(Head.Length);
        input.Consume(3);
        input.NextRequest();
        Assert.Equal(("", next), (Text(input.Head), Text(input.Unread)));
        Receive(input, "more");
        Assert.Equal(next + "more", Text(input.Unread));
    }

    [Fact]
    public void Bytes_of_the_next_request_may_be_more_than_those_of_this_one()
    {
        RequestInput input = new(); // source and target of the move overlap
        string next = string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i};"));
        Receive(input, Head + next);
        input.HeadDone(Head.Length);
        input.NextRequest();
        Assert.Equal(next, Text(input.Unread));
    }

    [Fact]
    public void Clearing_forgets_all_and_gives_a_large_array_back()
    {
        RequestInput input = new();
        int usual = input.FreeSpace().Length;
        Receive(input, new string('x', 200_000));
        input.Clear();
        Assert.Equal(("", 0), (Text(input.Head), input.UnreadLength));
        Assert.Equal(usual, input.FreeSpace().Length);
    }

    private static void Receive(RequestInput input, string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.ASCII.GetBytes(text);
        while (!bytes.IsEmpty)
        {
            Span<byte> room = input.FreeSpace();
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            input.Received(count);
            bytes = bytes[count..];
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);
}
