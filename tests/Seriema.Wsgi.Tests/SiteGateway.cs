namespace Seriema.Wsgi.Tests;

/// <summary>A gateway with mounts and pages, and one thread of it.</summary>
internal sealed class SiteGateway : IDisposable
{
    private readonly PythonFixture _python;

    internal SiteGateway(PythonFixture python, GatewayOptions options)
    {
        _python = python;
        Gateway = Load(options with { LoggerFactory = Log, HasDeadline = true });
        Thread = Gateway.NewThread();
    }

    internal LogRecorder Log { get; } = new();

    internal Gateway Gateway { get; }

    internal GatewayThread Thread { get; }

    internal FakeResponse Get(string path) => Call(Thread, $"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n");

    internal FakeResponse Head(string path) => Call(Thread, $"HEAD {path} HTTP/1.1\r\nHost: example.org\r\n\r\n");

    /// <summary>The response to a request that has to be completed.</summary>
    internal FakeResponse Call(GatewayThread thread, string request)
    {
        var exchange = new FakeExchange(request);
        thread.Call(exchange);
        Assert.True(exchange.IsCompleted, $"{request} {Log.Text}");
        return exchange.Response();
    }

    public void Dispose()
    {
        Thread.Dispose();
        Gateway.Dispose();
    }

    private Gateway Load(GatewayOptions options)
    {
        Gateway? gateway = null;
        _python.OnMain(() => gateway = Gateway.Load(options));
        return gateway!;
    }
}
