namespace Seriema.Worker;

/// <summary>Exchanges that no connection uses. Any thread.</summary>
/// <remarks>An exchange keeps about 20 KiB; after a rush the pool keeps only some of them.</remarks>
internal sealed class ExchangePool(Worker worker)
{
    private const int MaxKept = 256;

    private readonly Stack<HttpExchange> _free = new();
    private readonly Lock _gate = new();

    internal HttpExchange Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out HttpExchange? exchange)) return exchange;
        }
        return new HttpExchange(worker);
    }

    internal void Return(HttpExchange exchange)
    {
        exchange.Detach();
        lock (_gate)
        {
            if (_free.Count < MaxKept) _free.Push(exchange);
        }
    }
}
