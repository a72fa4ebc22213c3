namespace Seriema.Worker;

/// <summary>Exchanges that no connection uses. Any thread.</summary>
/// <remarks>
/// An exchange keeps about 20 KiB. After a rush the pool keeps some of them and drops the rest; since serving a request
/// allocates nothing, nothing would ever make the collector run, so the pool asks for it once the rush is over.
/// </remarks>
internal sealed class ExchangePool(Worker worker)
{
    private const int MaxKept = 256;

    // 20 MiB of them: less is not worth stopping every thread for some milliseconds.
    private const int ManyDropped = 1024;

    private readonly Stack<HttpExchange> _free = new();
    private readonly Lock _gate = new();
    private int _dropped; // since the last collection
    private int _droppedBefore; // at the last look

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
        exchange.Shrink();
        lock (_gate)
        {
            if (_free.Count < MaxKept)
            {
                _free.Push(exchange);
                return;
            }
            _dropped++;
        }
        exchange.Release();
    }

    /// <summary>The loop, about once a second: collects what a rush left, when it is over.</summary>
    internal void OnSecond()
    {
        lock (_gate)
        {
            bool isOver = _dropped == _droppedBefore;
            _droppedBefore = _dropped;
            if (!isOver || _dropped < ManyDropped) return;
            _dropped = _droppedBefore = 0;
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive); // the memory goes back to the machine
    }
}
