using System.Globalization;

namespace Seriema.Wsgi.Tests;

/// <summary>What must not grow from request to request.</summary>
public sealed class SteadyStateTests(PythonFixture python) : GatewayTest(python, "counting")
{
    private const int Requests = 10_000;

    [Theory]
    [InlineData("/")]
    [InlineData("/generator")]
    [InlineData("/write")]
    [InlineData("/read")]
    [InlineData("/keep")]
    [InlineData("/raise")]
    [InlineData("/bad_header")]
    [InlineData("/file_wrapper")]
    public void Reference_counts_stay(string path)
    {
        var exchange = new FakeExchange(
            $"POST {path} HTTP/1.1\r\nHost: example.org\r\nX-Counted: yes\r\nCookie: a=1\r\nCookie: b=2\r\nContent-Length: 7\r\n\r\n");
        exchange.Request(System.Text.Encoding.Latin1.GetString(exchange.HeadBytes), "one\ntwo");
        Repeat(exchange, 10);
        BodyOf(Get("/counts"));
        (string counts, int blocks) = Counts();
        Repeat(exchange, Requests);
        (string countsAfter, int blocksAfter) = Counts();
        Assert.Equal(counts, countsAfter);
        // A leak of one object a request shows as at least so many blocks; Python's own caches move by a few.
        Assert.True(blocksAfter - blocks < Requests / 10, $"{blocksAfter - blocks} more blocks of Python's memory");
    }

    private (string Counts, int Blocks) Counts()
    {
        string[] body = BodyOf(Get("/counts")).Split("] ");
        return (body[0], int.Parse(body[1], CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("/", "")]
    [InlineData("/path/with%20space?query=1", "Accept: */*\r\nAccept-Encoding: gzip, br\r\nUser-Agent: test/1.0\r\nCookie: a=b\r\nX-Custom: x\r\n")]
    public void A_get_allocates_nothing_managed(string path, string fields)
    {
        var exchange = new FakeExchange($"GET {path} HTTP/1.1\r\nHost: example.org\r\n{fields}\r\n");
        long allocated = long.MaxValue;
        // The runtime itself allocates now and then while it compiles what is hot; a request that did would show in all.
        for (int round = 0; round < 5 && allocated != 0; round++)
        {
            Repeat(exchange, 1000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(exchange, 1000);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated == 0, $"{allocated.ToString(CultureInfo.InvariantCulture)} bytes in 1000 requests");
    }

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n")]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.1:4711, 10.0.0.1\r\nX-Forwarded-Prefix: /app\r\nX-Forwarded-Host: example.org:8443\r\n")]
    [InlineData("Forwarded: for=9.9.9.9\r\n")]
    public void A_get_from_a_proxy_allocates_nothing_managed(string fields)
    {
        var exchange = new FakeExchange($"GET /path HTTP/1.1\r\nHost: example.org\r\n{fields}\r\n") { Policy = ForwardedTests.Policy("10.0.0.0/8") };
        long allocated = long.MaxValue;
        for (int round = 0; round < 5 && allocated != 0; round++)
        {
            Repeat(exchange, 1000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(exchange, 1000);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated == 0, $"{allocated.ToString(CultureInfo.InvariantCulture)} bytes in 1000 requests");
    }

    private void Repeat(FakeExchange exchange, int count)
    {
        for (int i = 0; i < count; i++)
        {
            exchange.Again();
            Thread.Call(exchange);
        }
    }
}
