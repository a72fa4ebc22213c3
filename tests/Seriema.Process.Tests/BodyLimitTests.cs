using Seriema.Process.Tests.Arbiter;

namespace Seriema.Process.Tests;

/// <summary>A Content-Length over the limit is answered at once, whoever the request would have been for.</summary>
public sealed class BodyLimitTests : IDisposable
{
    private readonly TemporaryFile _folder = new();
    private readonly ServerProcess _server;

    public BodyLimitTests()
    {
        string files = Directory.CreateDirectory(_folder.Beside("files")).FullName;
        File.WriteAllText(Path.Combine(files, "a.txt"), "file");
        _server = ServerProcess.Start(
            "conformance:application", "--limit-request-body", "1000", "--static", $"/files={files}", "--mount", "/sub=conformance:application");
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("POST /echo HTTP/1.1", "")]
    [InlineData("POST /echo HTTP/1.1", "Expect: 100-continue\r\n")]
    [InlineData("POST /echo HTTP/1.0", "")]
    [InlineData("POST /echo HTTP/1.0", "Connection: keep-alive\r\n")]
    [InlineData("PUT /files/a.txt HTTP/1.1", "")]
    [InlineData("GET /files/a.txt HTTP/1.1", "Expect: 100-continue\r\n")]
    [InlineData("POST /sub/echo HTTP/1.1", "")]
    [InlineData("POST /sub/echo HTTP/1.1", "Expect: 100-continue\r\n")]
    [InlineData("POST /none HTTP/1.1", "")]
    public void No_byte_of_the_body_is_waited_for(string line, string fields)
    {
        foreach (string length in (string[])["1001", "99999999999999999999999"])
        {
            using WireClient client = _server.Connect();
            client.Send($"{line}\r\nHost: a\r\nContent-Length: {length}\r\n{fields}\r\n");
            WireResponse response = client.ReadResponse();
            Assert.Equal((413, "close"), (response.Status, response.Field("Connection")));
            client.FinishSending();
            Assert.Equal("", client.ReadToEnd());
        }
    }

    [Theory]
    [InlineData("/echo")]
    [InlineData("/sub/echo")]
    public void A_body_of_just_the_limit_is_taken(string path)
    {
        using WireClient client = _server.Connect();
        client.SendRequest("POST", path, [], new string('x', 1000));
        Assert.Equal(1000, client.ReadResponse().Body.Length);
    }
}
