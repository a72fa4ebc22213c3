namespace Seriema.Wsgi.Tests;

public sealed class BodyInputTests(PythonFixture python) : GatewayTest(python, "conformance")
{
    private const string Lines = "first\nsecond\n\nlast";

    [Theory]
    [InlineData("/echo", Lines)]
    [InlineData("/read_all", "18 b''")]
    [InlineData("/read_sizes?size=7", @"[b'first\ns', b'econd\n\n', b'last']")]
    [InlineData("/read_sizes?size=1000000000000000000000", "[b'first\\nsecond\\n\\nlast']")]
    [InlineData("/lines", @"[b'first\n', b'second\n', b'\n', b'last']")]
    [InlineData("/readline", @"[b'first\n', b'second\n', b'\n', b'last']")]
    [InlineData("/readline?size=4", @"[b'firs', b't\n', b'seco', b'nd\n', b'\n', b'last']")]
    [InlineData("/readline?size=6", @"[b'first\n', b'second', b'\n', b'\n', b'last']")]
    [InlineData("/readlines", @"[[b'first\n', b'second\n', b'\n', b'last'], b'']")]
    [InlineData("/readlines?hint=7", @"[[b'first\n', b'second\n'], b'\nlast']")]
    [InlineData("/readlines?hint=0", @"[[b'first\n', b'second\n', b'\n', b'last'], b'']")]
    [InlineData("/mixed_reads", @"[b'fi', b'rst\n', b'', b'second\n', b'\nlast']")]
    [InlineData("/thread_reads", @"[b'first\nsecond\n\nlast']")]
    public void Reading_does_not_depend_on_how_the_body_arrives(string path, string expected)
    {
        Assert.Equal(expected, BodyOf(Post(path, Lines)));
        Assert.Equal(expected, BodyOf(Post(path, ["", .. Lines.Select(c => c.ToString())])));
        for (int cut = 0; cut <= Lines.Length; cut++)
        {
            string body = BodyOf(Post(path, Lines[..cut], Lines[cut..]));
            Assert.True(expected == body, $"{path} cut at {cut}: {body}, expected {expected}");
        }
    }

    [Theory]
    [InlineData("/read_all", "0 b''")]
    [InlineData("/read_sizes", "[]")]
    [InlineData("/lines", "[]")]
    [InlineData("/readline", "[]")]
    [InlineData("/readlines", "[[], b'']")]
    public void Without_a_body_every_method_is_at_the_end(string path, string expected)
    {
        Assert.Equal(expected, BodyOf(Get(path)));
    }

    [Fact]
    public void A_chunked_body_reads_to_its_end_without_a_length()
    {
        var exchange = new FakeExchange();
        exchange.Request("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "one ", "two ", "three");
        Assert.Equal("one two three", BodyOf(Call(exchange)));
    }

    [Fact]
    public void A_large_body_in_many_pieces_is_whole()
    {
        string[] pieces = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), 1000 + i))];
        Assert.Equal(string.Concat(pieces), BodyOf(Post("/echo", pieces)));
    }

    [Theory]
    [InlineData("/read_all", nameof(BodyResult.TimedOut), 408)]
    [InlineData("/lines", nameof(BodyResult.Malformed), 400)]
    [InlineData("/readline", nameof(BodyResult.TooLarge), 413)]
    public void A_body_that_breaks_off_is_an_error_and_never_an_end(string path, string failure, int status)
    {
        var exchange = new FakeExchange { BodyEnd = Enum.Parse<BodyResult>(failure) };
        exchange.Request(PostHead(path, 100), "only the beg");
        FakeResponse response = Call(exchange).Response();
        Assert.Equal((status, "close"), (response.Status, response["Connection"]));
        Assert.Contains($"failed ({failure}), answered with {status}", Assert.Single(Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/read_all")]
    [InlineData("/read_sizes")]
    [InlineData("/lines")]
    public void A_client_that_leaves_in_its_body_ends_the_request_quietly(string path)
    {
        var exchange = new FakeExchange { BodyEnd = BodyResult.ClientGone };
        exchange.Request(PostHead(path, 100), "only the beg");
        Assert.True(Call(exchange).IsAborted);
        Assert.Contains("the client left", Assert.Single(Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void The_gil_is_free_while_the_body_is_waited_for()
    {
        var exchange = new FakeExchange { OnFill = TakeTheGilOnAnotherThread };
        exchange.Request(PostHead("/echo", 6), "one", "two");
        Assert.Equal("onetwo", BodyOf(Call(exchange)));
    }

    [Fact]
    public void The_gil_is_free_while_the_response_is_sent()
    {
        var exchange = new FakeExchange("GET /lazy_gen HTTP/1.1\r\nHost: a\r\n\r\n") { OnFlush = TakeTheGilOnAnotherThread };
        Assert.Equal("lazy generator", BodyOf(Call(exchange)));
    }

    private static void TakeTheGilOnAnotherThread()
    {
        var other = new Thread(() =>
        {
            using (CPython.GilScope.Enter()) { }
            CPython.PythonThread.Detach();
        });
        other.Start();
        Assert.True(other.Join(TimeSpan.FromSeconds(10)), "the GIL was not free");
    }
}
