using BenchmarkDotNet.Attributes;

namespace Microbench;

/// <summary>A kept-alive GET through the whole server: socket, loop, parser, gateway, application, response, socket.</summary>
/// <remarks>
/// Client and server wait for each other, so the time is that of a round trip and not what a request costs; bench/run
/// measures that. What counts here is the last column: the server's threads are in it, and it must be empty.
/// </remarks>
public class Server
{
    private KeptAliveClient? _client;

    [Params(Requests.Minimal, Requests.Browser)]
    public string Request { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _client = new KeptAliveClient(HelloServer.Address, Requests.Bytes(Request));

    [GlobalCleanup]
    public void Cleanup() => _client?.Dispose();

    [Benchmark]
    public void KeptAliveGet() => _client!.Exchange();
}
