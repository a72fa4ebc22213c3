using System.Globalization;

namespace Seriema.Site.Tests;

/// <summary>What a request for a known file costs beside its bytes.</summary>
public sealed class SteadyStateTests : SiteTest
{
    [Theory]
    [InlineData(200, "/small.txt", "Accept: */*")]
    [InlineData(200, "/large.txt", "Accept: */*")]
    [InlineData(200, "/coded.js", "Accept-Encoding: gzip, deflate, br, zstd")]
    [InlineData(200, "/folder/", "Accept-Encoding: gzip, deflate, br, zstd")]
    [InlineData(200, "/sm%61ll.txt?v=1", "Accept-Encoding: gzip, deflate, br, zstd")]
    [InlineData(206, "/large.txt", "Range: bytes=10-19")]
    [InlineData(206, "/small.txt", "Range: bytes=-5")]
    [InlineData(304, "/small.txt", "If-None-Match: *")]
    [InlineData(304, "/large.txt", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT")]
    [InlineData(0, "/nothing.txt", "Accept: */*")]
    [InlineData(0, "/nothing/at/all.txt", "Accept: */*")]
    [InlineData(0, "/.git/config", "Accept: */*")]
    public void A_get_of_a_known_path_allocates_nothing_managed(int status, string path, string field)
    {
        WriteLarge("small.txt", 10_000);
        WriteLarge("large.txt", 50_000);
        foreach (string suffix in (string[])["", ".br", ".gz"]) Write("coded.js" + suffix, "content");
        Write("folder/index.html", "content");
        TestExchange exchange = Request("GET", path, field);
        Repeat(exchange, 10);
        if (status != 0) Assert.Equal(status, exchange.Response().Status);
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

    private void Repeat(TestExchange exchange, int count)
    {
        for (int i = 0; i < count; i++)
        {
            exchange.Again();
            Site.TryServe(exchange);
        }
    }
}
