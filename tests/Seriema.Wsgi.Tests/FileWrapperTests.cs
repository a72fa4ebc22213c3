namespace Seriema.Wsgi.Tests;

public sealed class FileWrapperTests(PythonFixture python) : GatewayTest(python, "conformance")
{
    private static readonly string s_data = string.Concat(Enumerable.Range(0, 100000).Select(i => (char)(i % 256)));

    [Theory]
    [InlineData("/file", 0, 100000, "100000")]
    [InlineData("/file?offset=99990", 99990, 10, "10")]
    [InlineData("/file?offset=100000", 100000, 0, "0")]
    [InlineData("/file?offset=200000", 100000, 0, "0")]
    [InlineData("/file?length=1000&offset=5", 5, 1000, "1000")]
    public void A_plain_file_is_sent_as_a_file(string path, int offset, int count, string length)
    {
        FakeExchange exchange = Get(path);
        Assert.Equal(s_data.Substring(offset, count), BodyOf(exchange));
        Assert.Equal(length, exchange.Response()["Content-Length"]);
        Assert.Equal(1, exchange.SentFiles);
        Assert.Empty(Log.Lines);
    }

    [Fact]
    public void A_file_shorter_than_its_declared_length_is_logged()
    {
        FakeExchange exchange = Get("/file?offset=99990&length=20");
        Assert.True(exchange.IsShort);
        Assert.Contains("has 10 bytes of the 20", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/file_like", "from memory")]
    [InlineData("/gzip_file", "unpacked by iteration")]
    public void Anything_else_is_iterated(string path, string body)
    {
        FakeExchange exchange = Get(path);
        Assert.Equal(body, BodyOf(exchange));
        Assert.Equal(0, exchange.SentFiles);
    }

    [Theory]
    // read ahead by the buffer, but not handed out
    [InlineData("f = open(path, 'rb'); f.read(3)", "", 1, "defghij")]
    [InlineData("f = open(path, 'rb', buffering=0); f.seek(2)", "", 1, "cdefghij")]
    [InlineData("f = open(path, 'r+b'); f.write(b'AB')", "", 1, "cdefghij")]
    [InlineData("import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'temporary'); f.seek(0)", "", 1, "temporary")]
    [InlineData("f = open(path, 'r')", "", 0, null)]
    [InlineData("import io\n  class F(io.FileIO):\n    def read(self, n=-1): return super().read(n).upper()\n  f = F(path)", "", 0, "ABCDEFGHIJ")]
    [InlineData("f = open('/proc/self/stat', 'rb')", "", 0, "*")]
    [InlineData("f = open(path, 'rb')", "write(b'first '); ", 0, "first abcdefghij")]
    public void The_right_bytes_are_sent_and_the_file_is_closed(string open, string before, int files, string? body)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "abcdefghij");
        var log = new LogRecorder();
        FakeExchange exchange = Inline.Run(
            $"kept = []\ndef app(environ, start_response):\n  if kept: assert kept[0].closed\n  path = {Quoted(path)}\n  {open}\n  kept.append(f)\n"
            + $"  write = start_response('200 OK', [])\n  {before}return environ['wsgi.file_wrapper'](f, 4)\n", log);
        File.Delete(path);
        Assert.Equal(files, exchange.SentFiles);
        if (body is null) Assert.Contains("it returned str, not bytes, in its body", log.Text, StringComparison.Ordinal);
        else if (body == "*") Assert.NotEmpty(BodyOf(exchange));
        else Assert.Equal(body, BodyOf(exchange));
    }

    [Fact]
    public void The_file_is_closed_after_the_response()
    {
        FakeExchange exchange = Inline.Run(
            "import io\nclosed = []\nclass B(io.BytesIO):\n  def close(self): closed.append(1); super().close()\n"
            + "def app(environ, start_response):\n  start_response('200 OK', [])\n"
            + "  class W:\n    def __init__(self, i): self.i = i\n    def __iter__(self): return iter(self.i)\n    def close(self): self.i.close(); assert closed == [1]\n"
            + "  return W(environ['wsgi.file_wrapper'](B(b'data')))\n", Log);
        Assert.Equal("data", BodyOf(exchange));
        Assert.Empty(Log.Lines);
    }

    private static string Quoted(string path) => $"'{path}'";
}
