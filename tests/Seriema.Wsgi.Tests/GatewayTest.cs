namespace Seriema.Wsgi.Tests;

/// <summary>One application of tests/apps behind a gateway of its own.</summary>
[Collection("Python")]
public abstract class GatewayTest : IDisposable
{
    private readonly Gateway _gateway;

    protected GatewayTest(PythonFixture python, string application)
    {
        Python = python;
        _gateway = python.Load(application, Log);
        Thread = _gateway.NewThread();
    }

    private protected PythonFixture Python { get; }

    private protected LogRecorder Log { get; } = new();

    private protected GatewayThread Thread { get; }

    private protected Gateway Gateway => _gateway;

    private protected FakeExchange Get(string path) => Call(new FakeExchange($"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n"));

    /// <summary>A POST whose body arrives in the given pieces.</summary>
    private protected FakeExchange Post(string path, params string[] pieces)
    {
        var exchange = new FakeExchange();
        exchange.Request(PostHead(path, pieces.Sum(piece => piece.Length)), pieces);
        return Call(exchange);
    }

    private protected static string PostHead(string path, int length) =>
        $"POST {path} HTTP/1.1\r\nHost: example.org\r\nContent-Length: {length}\r\n\r\n";

    private protected FakeExchange Call(FakeExchange exchange)
    {
        Thread.Call(exchange);
        return exchange;
    }

    /// <summary>The body of a response that must have succeeded.</summary>
    private protected static string BodyOf(FakeExchange exchange)
    {
        FakeResponse response = exchange.Response();
        Assert.True(exchange.IsCompleted && response.Status == 200 && response.IsEnded, $"{response} {exchange.IsAborted}");
        return response.Body;
    }

    public void Dispose()
    {
        Thread.Dispose();
        _gateway.Dispose();
        GC.SuppressFinalize(this);
    }
}
