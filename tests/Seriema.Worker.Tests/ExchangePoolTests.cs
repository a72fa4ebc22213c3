using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests;

public sealed class ExchangePoolTests
{
    private const int Rush = 2000;

    [Fact]
    public void An_exchange_comes_back_empty_and_is_used_again()
    {
        using LoopDriver driver = new();
        ExchangePool pool = driver.Worker.Exchanges;
        HttpExchange exchange = pool.Rent();
        exchange.Input.FreeSpace()[0] = 1;
        exchange.Input.Received(1);
        exchange.Body.Advance(exchange.Body.Reserve(100_000).Length);
        pool.Return(exchange);
        Assert.Same(exchange, pool.Rent());
        Assert.Equal((0, 0), (exchange.Input.UnreadLength, exchange.Body.Length));
    }

    [Fact]
    public void What_a_rush_left_is_collected_once_it_is_over()
    {
        using LoopDriver driver = new();
        ExchangePool pool = driver.Worker.Exchanges;
        WeakReference dropped = ReturnMany(pool);
        pool.OnSecond(); // more may come
        Assert.True(dropped.IsAlive, "collected while the rush may go on");
        pool.OnSecond();
        Assert.False(dropped.IsAlive, "not collected after the rush");
    }

    [Fact]
    public void What_a_rush_left_does_not_count_as_memory_in_use()
    {
        using LoopDriver driver = new();
        HttpExchange[] exchanges = [.. Enumerable.Range(0, Rush).Select(_ => driver.Worker.Exchanges.Rent())];
        foreach (HttpExchange exchange in exchanges) exchange.Body.Advance(exchange.Body.Reserve(8000).Length);
        long most = driver.Worker.Memory.Used;
        foreach (HttpExchange exchange in exchanges) driver.Worker.Exchanges.Return(exchange);
        Assert.InRange(driver.Worker.Memory.Used, 1, most / 7); // 256 of the 2000 are kept
    }

    // In a method of its own: a local of the test would keep the exchanges alive.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference ReturnMany(ExchangePool pool)
    {
        HttpExchange[] exchanges = [.. Enumerable.Range(0, Rush).Select(_ => pool.Rent())];
        foreach (HttpExchange exchange in exchanges) pool.Return(exchange);
        return new WeakReference(exchanges[^1]);
    }
}
