namespace Seriema.Transport.Tests;

/// <summary>The socket between arbiter and worker, and the words on it.</summary>
public sealed class ControlChannelTests
{
    [Fact]
    public void Messages_arrive_one_by_one_and_whole()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel first = ours, second = theirs;
        Assert.Equal(ControlReceive.Nothing, second.TryReceive(out _));
        Assert.True(first.Send("ready 3.11.2"));
        Assert.True(first.Send("going since äöü\nsecond line"));
        Assert.True(second.WaitReadable(0));
        Assert.Equal([(ControlReceive.Message, "ready 3.11.2"), (ControlReceive.Message, "going since äöü\nsecond line")], [Receive(second), Receive(second)]);
        Assert.Equal((ControlReceive.Nothing, ""), Receive(second));
        Assert.False(second.WaitReadable(0));
    }

    [Fact]
    public void The_end_of_the_other_side_is_told_after_its_last_words()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel second = theirs;
        ours.Send("going");
        ours.Dispose();
        Assert.Equal((ControlReceive.Message, "going"), Receive(second));
        Assert.Equal((ControlReceive.Ended, ""), Receive(second));
        Assert.True(second.WaitReadable(-1));
        Assert.False(second.Send("drain"));
        Assert.False(ours.Send("after its own end"));
        Assert.Equal(ControlReceive.Ended, ours.TryReceive(out _));
    }

    [Fact]
    public void A_long_message_loses_its_end_and_nothing_else()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel first = ours, second = theirs;
        Assert.True(first.Send(new string('x', ControlChannel.MaxMessage + 5)));
        Assert.Equal(new string('x', ControlChannel.MaxMessage), Receive(second).Message);
    }

    [Fact]
    public void Who_does_not_read_does_not_block_who_writes()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel first = ours, second = theirs;
        int sent = 0;
        while (first.Send(new string('x', 1000))) Assert.True(++sent < 100_000, "The queue never fills.");
        Assert.True(sent > 0);
        Assert.Equal(ControlReceive.Message, second.TryReceive(out _));
    }

    [Fact]
    public void A_heartbeat_says_the_same_on_both_sides()
    {
        WorkerCounters counters = new(12, 3_000_000_000, 4, 5, 6, 7_000_000_000);
        Assert.Equal("beat 12 3000000000 4 5 6 7000000000", ControlWords.Beat(counters));
        Assert.True(ControlWords.TryParseBeat(ControlWords.Beat(counters), out WorkerCounters parsed));
        Assert.Equal(counters, parsed);
    }

    [Theory]
    [InlineData("beat")]
    [InlineData("beat 1 2 3 4 5")]
    [InlineData("beat 1 2 3 4 5 6 7")]
    [InlineData("beat 1 2 3 4 5 -6")]
    [InlineData("beat 1 2 3000000000 4 5 6")]
    [InlineData("bear 1 2 3 4 5 6")]
    public void What_is_no_heartbeat_is_refused(string message) => Assert.False(ControlWords.TryParseBeat(message, out _));

    [Fact]
    public void A_failure_carries_status_and_text()
    {
        string message = ControlWords.Failed(3, "Traceback\n  File\nseriema: cannot import\n");
        Assert.True(ControlWords.TryParseFailed(message, out int status, out string? text));
        Assert.Equal((3, "Traceback\n  File\nseriema: cannot import\n"), (status, text));
        Assert.Equal("failed", ControlWords.KindOf(message));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("failed 3")]
    [InlineData("failed\ntext")]
    [InlineData("failed 0\ntext")]
    [InlineData("failed 256\ntext")]
    [InlineData("failed x\ntext")]
    public void What_is_no_failure_is_refused(string message) => Assert.False(ControlWords.TryParseFailed(message, out _, out _));

    [Theory]
    [InlineData("drain", "drain", "")]
    [InlineData("ready 3.11.2", "ready", "3.11.2")]
    [InlineData("replace max requests (1000)", "replace", "max requests (1000)")]
    public void The_first_word_is_the_kind(string message, string kind, string rest) =>
        Assert.Equal((kind, rest), (ControlWords.KindOf(message), ControlWords.RestOf(message)));

    private static (ControlReceive Kind, string Message) Receive(ControlChannel channel)
    {
        ControlReceive kind = channel.TryReceive(out string message);
        return (kind, message);
    }
}
