using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker.Tests.Loop;

/// <summary>A file that belongs to others too, in one piece and in several.</summary>
public sealed class SharedFileTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(1, -Errno.EINTR, 2, -Errno.EAGAIN, 3, -Errno.EAGAIN)]
    [InlineData(-Errno.EAGAIN, -Errno.EAGAIN)]
    public void It_is_released_once_and_not_closed(params int[] answers)
    {
        Pieces file = new([]);
        using LoopDriver driver = new(application: Send(file, 100));
        Peer peer = driver.Connect().TakesFile(answers);
        driver.Exchange(peer, LoopDriver.Get);
        Finish(driver, peer);
        Assert.Equal([new string('#', 100)], LoopDriver.Bodies(peer));
        Assert.Equal(1, file.Releases);
        Assert.Empty(driver.Sockets.ClosedFiles);
        Assert.Equal((ConnectionState.Idle, 0), (driver.StateOf(peer), peer.Closes));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3, -Errno.EAGAIN, 7, -Errno.EINTR, 1, -Errno.EAGAIN)]
    public void Its_pieces_follow_one_another_however_the_client_takes_them(params int[] answers)
    {
        Pieces file = new([("<one>", 10), ("<two>", 20), ("<end>", 0)]);
        using LoopDriver driver = new(application: Send(file, 0));
        Peer peer = driver.Connect().TakesFile(answers);
        driver.Exchange(peer, LoopDriver.Get);
        Finish(driver, peer);
        Assert.Equal(["<one>" + new string('#', 10) + "<two>" + new string('#', 20) + "<end>"], LoopDriver.Bodies(peer));
        Assert.Equal(1, file.Releases);
        Assert.Equal((ConnectionState.Idle, 0), (driver.StateOf(peer), peer.Closes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-Errno.EAGAIN, -Errno.EPIPE)]
    public void It_is_released_when_it_ends_early_or_the_client_is_gone(params int[] answers)
    {
        Pieces file = new([("<one>", 10), ("<end>", 0)]);
        using LoopDriver driver = new(application: Send(file, 0));
        Peer peer = driver.Connect().TakesFile(answers);
        driver.Exchange(peer, LoopDriver.Get);
        Finish(driver, peer);
        Assert.EndsWith("<one>", peer.Sent, StringComparison.Ordinal);
        Assert.Equal((1, 1), (peer.Closes, file.Releases));
    }

    [Fact]
    public void For_a_HEAD_request_it_is_released_unsent()
    {
        Pieces file = new([]);
        using LoopDriver driver = new(application: Send(file, 100));
        Peer peer = driver.Connect();
        driver.Exchange(peer, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.EndsWith("\r\n\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.Equal(1, file.Releases);
        Assert.Equal(ConnectionState.Idle, driver.StateOf(peer));
    }

    private static void Finish(LoopDriver driver, Peer peer)
    {
        for (int turn = 0; turn < 6 && driver.StateOf(peer) == ConnectionState.Draining; turn++) driver.Writable(peer);
    }

    private static Action<AppThread, HttpExchange> Send(Pieces file, int count) => (_, exchange) =>
    {
        Reply.Head(exchange, count + file.Length);
        exchange.SendFile(file, 0, count, file.Length);
        exchange.Complete();
    };

    private sealed class Pieces((string Text, int Count)[] pieces) : SharedFile
    {
        private int _next;

        internal int Releases { get; private set; }

        internal int Length => pieces.Sum(piece => piece.Text.Length + piece.Count);

        internal override int Descriptor => 4711;

        internal override int Duplicate() => throw new InvalidOperationException("The server sends a shared file itself.");

        internal override void Release() => Releases++;

        internal override bool MoveNext(out ReadOnlySpan<byte> bytes, out long offset, out long count)
        {
            if (_next == pieces.Length) return base.MoveNext(out bytes, out offset, out count);
            bytes = System.Text.Encoding.ASCII.GetBytes(pieces[_next].Text);
            (offset, count) = (1000 * _next, pieces[_next].Count);
            _next++;
            return true;
        }
    }
}
