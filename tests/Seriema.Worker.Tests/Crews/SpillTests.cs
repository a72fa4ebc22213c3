using System.Net;
using System.Net.Sockets;
using System.Text;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Bodies and responses that are too large for memory, on a real kernel: they go through files, and hold no thread.</summary>
public sealed class SpillTests
{
    private const int Large = 24 << 20; // more than both ends' kernels hold

    [Fact]
    public void A_large_body_reaches_the_application_when_it_is_whole()
    {
        using LiveServer server = Server(Echo);
        using Client client = server.Connect();
        using Client other = server.Connect();
        string body = Pattern(300_000);
        client.Send($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n" + body[..^1]);
        LoopDriver.Await(() => server.Worker.SpillSpace.Used > 200_000, "the file");
        Assert.Equal("-1 ", other.Ask("/")); // by the only thread
        client.Send(body[^1..]);
        Assert.Equal((200, $"{body.Length} {body}"), client.Receive());
        Assert.Equal("-1 ", client.Ask("/"));
        Assert.Equal((0, 1), (server.Worker.SpillSpace.Used, server.MostInside));
        server.Stop();
    }

    [Fact]
    public void A_large_chunked_body_has_its_length_when_it_is_whole()
    {
        using LiveServer server = Server(Echo);
        using Client client = server.Connect();
        string body = Pattern(100_000);
        StringBuilder chunks = new("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < body.Length; at += 5000) chunks.Append("1388\r\n").Append(body, at, 5000).Append("\r\n");
        client.Send(chunks + "0\r\n\r\n" + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((200, $"{body.Length} {body}"), client.Receive());
        Assert.Equal((200, "-1 "), client.Receive());
        Assert.Equal(0, server.Worker.SpillSpace.Used);
        server.Stop();
    }

    [Theory]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(81920)] // the memory's bound and one step of the file
    [InlineData(81921)]
    public void A_body_may_be_just_as_large_as_what_memory_holds(int length)
    {
        using LiveServer server = Server(Echo);
        using Client client = server.Connect();
        string body = Pattern(length);
        client.Send($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}");
        Assert.Equal((200, $"{length} {body}"), client.Receive());
        server.Stop();
    }

    [Fact]
    public void A_body_that_finds_no_room_is_answered_with_503_and_the_room_is_free_again()
    {
        using LiveServer server = Server(Echo, tempFiles: 100_000);
        using Client client = server.Connect();
        client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n" + Pattern(200_000));
        Assert.Equal(503, client.Receive().Status);
        LoopDriver.Await(() => server.Worker.SpillSpace.Used == 0, "the room");
        using Client next = server.Connect();
        next.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + Pattern(50_000));
        Assert.Equal(200, next.Receive().Status);
        server.Stop();
    }

    [Fact]
    public void A_body_that_can_never_have_room_is_refused_by_its_length()
    {
        using LiveServer server = Server(Echo, tempFiles: 100_000);
        using Client client = server.Connect();
        client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
        Assert.Equal(413, client.Receive().Status);
        server.Stop();
    }

    [Fact]
    public void The_file_of_a_body_that_is_not_read_goes_when_the_application_returns()
    {
        using LiveServer server = Server((_, exchange) => Reply.With(exchange, Pattern(1 << 20)), responseBuffer: 4 << 20);
        using Socket slow = Slow(server, "/", $"Content-Length: 300000\r\n\r\n{Pattern(300_000)}");
        LoopDriver.Await(() => server.MostInside == 1, "the call");
        LoopDriver.Await(() => server.Worker.SpillSpace.Used == 0, "the end of the body's file");
        Assert.Equal(1, server.Worker.Connections.Count); // the response is still being taken
        server.Worker.ForceStop();
    }

    [Fact]
    public void The_file_of_a_client_that_leaves_is_gone_with_it()
    {
        using LiveServer server = Server(Echo);
        using Client client = server.Connect();
        client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + Pattern(200_000));
        LoopDriver.Await(() => server.Worker.SpillSpace.Used > 0, "the file");
        client.Reset();
        LoopDriver.Await(() => server.Worker.SpillSpace.Used == 0, "its end");
        server.Stop();
    }

    [Fact]
    public void A_large_response_to_a_client_that_does_not_read_yet_lets_the_thread_go()
    {
        string body = Pattern(Large);
        using LiveServer server = Server((_, exchange) =>
        {
            if (Reply.Path(exchange) == "/large") Reply.With(exchange, body, hasLength: false);
            else Reply.With(exchange, "small");
        });
        using Socket slow = Slow(server, "/large");
        using Client other = server.Connect();
        Assert.Equal("small", other.Ask("/")); // by the only thread, so the large one is done with
        Assert.InRange(server.Worker.SpillSpace.Used, 1, Large + 100_000);
        Assert.Equal(body, Unchunked(slow));
        LoopDriver.Await(() => server.Worker.SpillSpace.Used == 0, "the file's end");
        server.Stop();
    }

    [Fact]
    public void A_response_that_is_read_while_it_is_written_is_whole()
    {
        string body = Pattern(Large);
        using LiveServer server = Server((_, exchange) =>
        {
            Reply.Head(exchange, -1);
            for (int at = 0; at < body.Length; at += 40_000) // as an application that yields block after block
            {
                Assert.True(Reply.Body(exchange, body[at..Math.Min(at + 40_000, body.Length)]) && exchange.Flush());
            }
            exchange.Complete();
        });
        using Socket slow = Slow(server, "/");
        LoopDriver.Await(() => server.Worker.SpillSpace.Used > 0, "the file");
        Assert.Equal(body, Unchunked(slow));
        server.Stop();
    }

    [Fact]
    public void A_client_that_leaves_its_response_behind_frees_its_file()
    {
        using LiveServer server = Server((_, exchange) => Reply.With(exchange, Pattern(Large)));
        using (Socket slow = Slow(server, "/"))
        {
            LoopDriver.Await(() => server.Worker.SpillSpace.Used > 0, "the file");
        }
        LoopDriver.Await(() => server.Worker.SpillSpace.Used == 0, "its end");
        server.Stop();
    }

    [Fact]
    public void Without_room_for_a_response_its_client_is_cut_when_others_wait_for_the_thread()
    {
        using LiveServer server = Server(
            (_, exchange) => Reply.With(exchange, Reply.Path(exchange) == "/large" ? Pattern(Large) : "small"), tempFiles: 1);
        using Socket slow = Slow(server, "/large");
        LoopDriver.Await(() => server.MostInside == 1, "the call");
        using Client other = server.Connect();
        Assert.Equal("small", other.Ask("/"));
        Assert.Contains(server.Log.Lines, line => line.Text.StartsWith("closed with response-timeout", StringComparison.Ordinal));
        server.Stop();
    }

    [Fact]
    public void When_files_are_nearly_full_the_slowest_gives_way()
    {
        string body = Pattern(Large);
        using LiveServer server = Server(
            (_, exchange) => Reply.With(exchange, Reply.Path(exchange) == "/large" ? body : "small", hasLength: Reply.Path(exchange) != "/large"),
            tempFiles: 32 << 20);
        using Socket still = Slow(server, "/large");
        LoopDriver.Await(() => server.Worker.SpillSpace.Used > 20 << 20, "the first file");
        using Socket late = Slow(server, "/large");
        using Client other = server.Connect();
        Assert.Equal("small", other.Ask("/"));
        Assert.Equal(body, Unchunked(late));
        Assert.Contains(server.Log.Lines, line => line.Text.StartsWith("closed with temp-files-full", StringComparison.Ordinal));
        server.Stop();
    }

    [Fact]
    public void While_memory_is_short_each_body_and_response_holds_little()
    {
        string body = Pattern(400_000);
        using LiveServer server = new(
            LoopDriver.Options(tempFiles: 1 << 30, bufferMemory: 1), (_, exchange) => Echo(null!, exchange)); // always short
        using Client client = server.Connect();
        client.Send($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n" + body[..^1]);
        LoopDriver.Await(() => server.Worker.SpillSpace.Used > body.Length - 40_000, "nearly all of it in the file");
        client.Send(body[^1..]);
        Assert.Equal((200, $"{body.Length} {body}"), client.Receive());
        server.Stop();
    }

    private static LiveServer Server(Action<AppThread, HttpExchange> application, long tempFiles = 1L << 30, int responseBuffer = 65536) =>
        new(LoopDriver.Options(bodyBuffer: 16384, responseBuffer: responseBuffer, tempFiles: tempFiles), application);

    /// <summary>The length that the application is told, and the body.</summary>
    private static void Echo(AppThread thread, HttpExchange exchange)
    {
        long length = exchange.Head.HasBody ? exchange.HeldBodyLength : -1;
        Reply.With(exchange, $"{length} {Reply.Read(exchange)}");
    }

    /// <summary>No part of it looks like another.</summary>
    private static string Pattern(int length) =>
        string.Create(length, 0, static (text, _) =>
        {
            uint state = 1;
            for (int i = 0; i < text.Length; i++)
            {
                state = (state * 1664525) + 1013904223;
                text[i] = (char)('a' + (state >> 24) % 26);
            }
        });

    /// <summary>A client that has asked and does not read, with a small buffer in its kernel.</summary>
    private static Socket Slow(LiveServer server, string path, string rest = "\r\n")
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192, ReceiveTimeout = 30_000 };
        socket.Connect(server.EndPoint);
        socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{rest}"));
        return socket;
    }

    private static string Unchunked(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[65536];
        for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer)) all.Write(buffer, 0, count);
        string text = Encoding.Latin1.GetString(all.ToArray());
        StringBuilder body = new();
        int at = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        while (true)
        {
            int end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            int size = int.Parse(text.AsSpan(at, end - at), System.Globalization.NumberStyles.HexNumber, null);
            if (size == 0) return body.ToString();
            body.Append(text, end + 2, size);
            at = end + 2 + size + 2;
        }
    }
}
