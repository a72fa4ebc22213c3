using System.Diagnostics.CodeAnalysis;

namespace Seriema.Worker;

/// <summary>The requests that wait for a thread: oldest first, but health checks before all others.</summary>
/// <remarks>Under the lock of its <see cref="Crew"/>, but for <see cref="NextExpiry"/>, which any thread may read.</remarks>
/// <param name="bound">How many requests may wait, health checks not counted.</param>
/// <param name="timeout">Milliseconds until a request has waited too long; 0 sets no limit.</param>
internal sealed class RequestQueue(int bound, int timeout)
{
    // Who watches a server asks one at a time; more than this is a load, and must not keep the others out.
    internal const int MaxHealthChecks = 64;

    private readonly Queue<Waiter> _healthChecks = new();
    private readonly Queue<Waiter> _others = new();
    private long _nextExpiry = long.MaxValue;

    internal int Count => _healthChecks.Count + _others.Count;

    /// <summary>When the next request has waited too long, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long NextExpiry => Volatile.Read(ref _nextExpiry);

    /// <summary>False when the queue is full.</summary>
    internal bool TryAdd(Connection connection, bool isHealthCheck, long now)
    {
        Queue<Waiter> queue = isHealthCheck && _healthChecks.Count < MaxHealthChecks ? _healthChecks : _others;
        if (queue == _others && _others.Count >= bound) return false;
        queue.Enqueue(new Waiter(connection, now));
        if (Count == 1 || (queue == _others && _others.Count == 1)) UpdateExpiry();
        return true;
    }

    /// <summary>The request that a free thread runs next.</summary>
    internal bool TryTake([NotNullWhen(true)] out Connection? connection)
    {
        if (!_healthChecks.TryDequeue(out Waiter next) && !_others.TryDequeue(out next))
        {
            connection = null;
            return false;
        }
        UpdateExpiry();
        connection = next.Connection;
        return true;
    }

    /// <summary>The oldest request, when it has waited too long; a health check only when no other request waits.</summary>
    internal bool TryExpire(long now, [NotNullWhen(true)] out Connection? connection)
    {
        connection = null;
        if (now < _nextExpiry) return false;
        if (!_others.TryDequeue(out Waiter oldest)) oldest = _healthChecks.Dequeue();
        UpdateExpiry();
        connection = oldest.Connection;
        return true;
    }

    /// <summary>How long the oldest request has waited, in milliseconds.</summary>
    internal long OldestAge(long now)
    {
        if (_others.TryPeek(out Waiter oldest) || _healthChecks.TryPeek(out oldest)) return now - oldest.Since;
        return 0;
    }

    private void UpdateExpiry()
    {
        long next = long.MaxValue;
        if (timeout > 0 && (_others.TryPeek(out Waiter oldest) || _healthChecks.TryPeek(out oldest))) next = oldest.Since + timeout;
        Volatile.Write(ref _nextExpiry, next);
    }

    private readonly record struct Waiter(Connection Connection, long Since);
}
