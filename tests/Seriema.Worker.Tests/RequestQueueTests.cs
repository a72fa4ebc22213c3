using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests;

/// <summary>The order of the queue, its bounds, and who has waited too long, under a clock that the test holds.</summary>
public sealed class RequestQueueTests : IDisposable
{
    private readonly LoopDriver _driver = new();

    [Fact]
    public void The_oldest_goes_first_and_health_checks_before_all()
    {
        RequestQueue queue = new(bound: 10, timeout: 0);
        Connection first = Add(queue, 1), second = Add(queue, 2), check = Add(queue, 3, isHealthCheck: true), later = Add(queue, 4, isHealthCheck: true);
        Assert.Equal(4, queue.Count);
        Assert.Equal([check, later, first, second], TakeAll(queue));
        Assert.Equal(0, queue.Count);
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void A_full_queue_takes_no_more_but_health_checks_and_of_these_no_load()
    {
        RequestQueue queue = new(bound: 2, timeout: 0);
        Add(queue, 0);
        for (int i = 0; i < RequestQueue.MaxHealthChecks; i++) Add(queue, 0, isHealthCheck: true);
        Add(queue, 0, isHealthCheck: true); // beyond the bound: in the last place of the others
        Assert.False(queue.TryAdd(Connection(), isHealthCheck: true, now: 0));
        Assert.False(queue.TryAdd(Connection(), isHealthCheck: false, now: 0));
        Assert.Equal(2 + RequestQueue.MaxHealthChecks, queue.Count);
    }

    [Fact]
    public void Each_request_expires_when_its_own_time_is_over()
    {
        RequestQueue queue = new(bound: 10, timeout: 100);
        Assert.Equal(long.MaxValue, queue.NextExpiry);
        Connection first = Add(queue, 1000), second = Add(queue, 1030);
        Assert.Equal(1100, queue.NextExpiry);
        Assert.Equal(99, queue.OldestAge(1099));
        Assert.False(queue.TryExpire(1099, out _));
        Assert.True(queue.TryExpire(1100, out Connection? expired));
        Assert.Same(first, expired);
        Assert.Equal(1130, queue.NextExpiry);
        Assert.False(queue.TryExpire(1100, out _));
        Assert.True(queue.TryExpire(1130, out expired));
        Assert.Same(second, expired);
        Assert.Equal((long.MaxValue, 0), (queue.NextExpiry, queue.OldestAge(2000)));
        Assert.False(queue.TryExpire(long.MaxValue - 1, out _));
    }

    [Fact]
    public void What_a_thread_takes_expires_no_more()
    {
        RequestQueue queue = new(bound: 10, timeout: 100);
        Add(queue, 1000);
        Add(queue, 1050);
        Assert.True(queue.TryTake(out _));
        Assert.Equal(1150, queue.NextExpiry);
        Assert.True(queue.TryTake(out _));
        Assert.Equal(long.MaxValue, queue.NextExpiry);
    }

    [Fact]
    public void Health_checks_expire_when_nothing_else_waits_any_more()
    {
        RequestQueue queue = new(bound: 10, timeout: 100);
        Connection check = Add(queue, 1000, isHealthCheck: true);
        Assert.Equal(1100, queue.NextExpiry);
        Connection other = Add(queue, 1050);
        Assert.Equal(1150, queue.NextExpiry);
        Assert.False(queue.TryExpire(1149, out _));
        Assert.True(queue.TryExpire(1150, out Connection? expired));
        Assert.Same(other, expired);
        Assert.True(queue.TryExpire(1150, out expired));
        Assert.Same(check, expired);
    }

    [Fact]
    public void Without_a_limit_nothing_expires()
    {
        RequestQueue queue = new(bound: 10, timeout: 0);
        Add(queue, 0);
        Assert.Equal(long.MaxValue, queue.NextExpiry);
        Assert.False(queue.TryExpire(long.MaxValue - 1, out _));
        Assert.Equal(5, queue.OldestAge(5)); // what Retry-After is told from all the same
    }

    public void Dispose() => _driver.Dispose();

    private static Connection[] TakeAll(RequestQueue queue)
    {
        List<Connection> taken = [];
        while (queue.TryTake(out Connection? next)) taken.Add(next);
        return [.. taken];
    }

    private Connection Connection() => _driver.ConnectionOf(_driver.Connect());

    private Connection Add(RequestQueue queue, long now, bool isHealthCheck = false)
    {
        Connection connection = Connection();
        Assert.True(queue.TryAdd(connection, isHealthCheck, now));
        return connection;
    }
}
