using System.Text;

namespace Seriema.Process.Tests;

/// <summary>A million requests leave nothing behind.</summary>
public sealed class LeakTests
{
    private const int Requests = 1_000_000;
    private const int Batch = 500;

    [Fact]
    public void References_and_memory_are_flat_after_a_million_requests()
    {
        // Each thread holds its own constant environ; with one thread their number cannot change in between.
        using ServerProcess server = ServerProcess.Start("counted:application", "--threads", "1");
        using WireClient client = server.Connect();
        Serve(client, 100_000); // caches fill, the JIT settles, allocators take what they keep
        string counts = server.Get("/counts").Body;
        long before = ProcessTree.ResidentKilobytes(server.WorkerId);
        Serve(client, Requests);
        long after = ProcessTree.ResidentKilobytes(server.WorkerId);
        Assert.Equal(counts, server.Get("/counts").Body);
        // 1 MiB is a byte a request: a leak of any object is sixteen times that at least.
        Assert.True(after - before < 4096, $"{before} kB before, {after} kB after {Requests} requests");
    }

    private static void Serve(WireClient client, int requests)
    {
        byte[] batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(
            "GET /path?query HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nCookie: a=1\r\nCookie: b=2\r\nX-Odd: \u00e9\r\n\r\n".Replace("\u00e9", "e", StringComparison.Ordinal), Batch)));
        for (int sent = 0; sent < requests; sent += Batch)
        {
            client.Send(batch);
            client.SkipResponses(Batch, "0123456789"u8);
        }
    }
}
