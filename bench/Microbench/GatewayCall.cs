using BenchmarkDotNet.Attributes;
using Seriema.CPython;
using Seriema.Wsgi;

namespace Microbench;

/// <summary>One request through the gateway and the application, from a parsed head to a framed response, in memory.</summary>
public class GatewayCall
{
    private Gateway? _gateway;
    private GatewayThread? _thread;
    private MemoryExchange? _exchange;

    [Params(Requests.Minimal, Requests.Browser)]
    public string Request { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        HelloServer.EnsureStarted();
        _gateway = Gateway.Load(new GatewayOptions { Application = HelloServer.Application });
        _thread = _gateway.NewThread();
        _exchange = new MemoryExchange(Requests.Bytes(Request));
        Call();
        if (!_exchange.Sent.EndsWith("Hello, World!"u8)) throw new InvalidOperationException("the application did not say hello");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _thread?.Dispose();
        _gateway?.Dispose();
        PythonThread.Detach(); // every benchmark has a thread of its own
    }

    [Benchmark]
    public void Call()
    {
        _exchange!.Again();
        _thread!.Call(_exchange);
    }
}
