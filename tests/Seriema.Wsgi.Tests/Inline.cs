namespace Seriema.Wsgi.Tests;

/// <summary>Calls an application that is given as source text, once.</summary>
internal static class Inline
{
    /// <param name="source">Statements that define <c>app</c>.</param>
    /// <param name="log">Where the gateway logs.</param>
    /// <param name="exchange">The request; a GET of / when null.</param>
    internal static FakeExchange Run(string source, LogRecorder log, FakeExchange? exchange = null)
    {
        using PythonModule module = new(source);
        exchange ??= new FakeExchange();
        using Gateway gateway = module.Gateway("app", log);
        using GatewayThread thread = gateway.NewThread();
        thread.Call(exchange);
        return exchange;
    }
}
