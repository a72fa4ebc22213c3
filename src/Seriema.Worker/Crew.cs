using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>The threads of a worker: who leads the loop, who runs a request, who waits, and the queue of requests.</summary>
/// <remarks>
/// Any thread; one lock. At most <c>Threads</c> threads are inside the application. One more, the reserve, leads the
/// loop while all of them are: it takes and answers what needs no application, and queues what does. A thread that
/// becomes free takes the oldest queued request, else the loop from the reserve, because calling the application on
/// the thread that read the request is what makes a request cheap.
/// </remarks>
internal sealed class Crew
{
    private readonly Worker _worker;
    private readonly Lock _gate = new();
    private readonly RequestQueue _queue;
    private readonly List<AppThread> _idle = [];
    private readonly List<AppThread> _started = []; // besides the main thread
    private readonly AppThread _main;
    private AppThread? _reserve;
    private int _size;
    private bool _reserveLeads;
    private bool _signalsDue;
    private bool _stopped;

    internal Crew(Worker worker)
    {
        _worker = worker;
        _size = worker.Options.Threads;
        _queue = new RequestQueue(worker.Options.BacklogRequests, worker.QueueTimeout);
        _main = new AppThread(worker, 0, isReserve: false);
    }

    /// <summary>When a request in the queue will have waited too long; any thread.</summary>
    internal long NextExpiry => _queue.NextExpiry;

    /// <summary>How many threads may be inside the application.</summary>
    internal int Size => Volatile.Read(ref _size);

    /// <summary>The life of Python's main thread: it leads first, and returns when the worker has stopped.</summary>
    internal void RunMain()
    {
        _ = Reserve(); // now, for when it is needed no thread may be to be had
        _worker.Loop.SetLeader(_main);
        _main.Give(Order.Lead);
        _main.Run();
        JoinOthers();
    }

    /// <summary>
    /// The leader has a whole request: calls the application on this thread, or gives the request to another one.
    /// True when the loop may go on with the connection.
    /// </summary>
    /// <param name="blocks">The call is expected to wait for something, so it should not hold the loop.</param>
    /// <param name="isHealthCheck">If it has to wait, then before all that are none.</param>
    internal bool Run(Connection connection, AppThread leader, bool blocks, bool isHealthCheck)
    {
        long oldest;
        if (!leader.IsReserve && !blocks) return leader.CallInline(connection);
        lock (_gate)
        {
            if ((TakeIdle() ?? StartThread()) is { } other)
            {
                connection.OnQueued();
                other.Give(Order.Call, connection);
                return false;
            }
            long now = ServerClock.Now;
            if (leader.IsReserve && _queue.TryAdd(connection, isHealthCheck, now))
            {
                connection.OnQueued();
                return false;
            }
            oldest = _queue.OldestAge(now);
        }
        if (leader.IsReserve) return _worker.Intake.Refuse(connection, RejectReason.Overloaded, oldest);
        // This is the last free thread: the reserve takes the loop, and the request is run here. It stops being the
        // loop's before there is a new leader, who may have an event for it at once.
        connection.OnQueued();
        _worker.Loop.Resign(leader);
        Promote();
        leader.CallMeasured(connection);
        return false;
    }

    /// <summary>What <paramref name="thread"/> does next; waits until there is something.</summary>
    internal Order Next(AppThread thread, out Connection? request)
    {
        lock (_gate)
        {
            request = null;
            if (_stopped) return Order.Stop;
            if (thread == _main && _signalsDue)
            {
                _signalsDue = false;
                return Order.Signals;
            }
            if (!thread.IsReserve && _queue.TryTake(out request)) return Order.Call;
            if (!thread.IsReserve) _idle.Add(thread);
            if (_reserveLeads) _worker.Loop.Recall();
        }
        return thread.Await(out request);
    }

    /// <summary>The loop has no leader: finds one.</summary>
    internal void Promote()
    {
        lock (_gate)
        {
            AppThread? next = TakeIdle() ?? StartThread();
            SetReserveLeads(next is null);
            next ??= Reserve();
            _worker.Loop.SetLeader(next);
            next.Give(_stopped ? Order.Stop : Order.Lead);
        }
    }

    /// <summary>The reserve leads and looks whether a thread of the crew can take over. True when one did.</summary>
    internal bool TryRelieve(AppThread reserve)
    {
        lock (_gate)
        {
            AppThread? next = TakeIdle();
            if (next is null) return false;
            SetReserveLeads(false);
            _worker.Loop.Resign(reserve);
            _worker.Loop.SetLeader(next);
            next.Give(Order.Lead);
            return true;
        }
    }

    /// <summary>Python's main thread has the handlers of signals to run: now if it waits, else before it waits again.</summary>
    /// <remarks>Inside the application Python runs them by itself; but the thread may have left that already.</remarks>
    internal void OrderSignals()
    {
        lock (_gate)
        {
            if (_idle.Remove(_main)) _main.Give(Order.Signals);
            else _signalsDue = true;
        }
    }

    /// <summary>The loop: takes one request out of the queue that has waited too long.</summary>
    /// <param name="age">How long it has waited, in milliseconds.</param>
    internal bool TryExpire(long now, [NotNullWhen(true)] out Connection? connection, out long age)
    {
        lock (_gate)
        {
            age = _queue.OldestAge(now);
            return _queue.TryExpire(now, out connection);
        }
    }

    /// <summary>The loop, at a forced stop: takes any request out of the queue.</summary>
    internal bool TryTakeQueued([NotNullWhen(true)] out Connection? connection)
    {
        lock (_gate) return _queue.TryTake(out connection);
    }

    /// <summary>Any thread: whether requests wait for a thread.</summary>
    internal bool HasQueued
    {
        get
        {
            lock (_gate) return _queue.Count > 0;
        }
    }

    /// <summary>Any thread: requests given to the application so far, threads that are in it now, requests in the queue.</summary>
    internal (long Requests, int Busy, int Queued) Count()
    {
        lock (_gate)
        {
            long requests = _main.Calls;
            foreach (AppThread thread in _started) requests += thread.Calls;
            // Who neither waits nor leads is in the application, and the leader is while the loop knows its call.
            int leading = _reserveLeads || _worker.Loop.Caller is not null ? 0 : 1;
            return (requests, Math.Max(0, _started.Count + 1 - _idle.Count - leading), _queue.Count);
        }
    }

    /// <summary>The loop: whether the thread that leads is the only one left that could take a request.</summary>
    internal bool IsLeaderLastFree
    {
        get
        {
            lock (_gate) return !_reserveLeads && _idle.Count == 0 && _started.Count + 1 >= _size;
        }
    }

    /// <summary>Ends every thread that is not inside the application; those end when they come back.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            foreach (AppThread thread in _idle) thread.Give(Order.Stop);
            _idle.Clear();
            _reserve?.Give(Order.Stop);
            while (_queue.TryTake(out Connection? connection)) connection.Close(); // the server failed: nobody comes for it
        }
    }

    private void SetReserveLeads(bool reserveLeads)
    {
        _reserveLeads = reserveLeads;
        _worker.Board.SetSaturated(reserveLeads);
    }

    private AppThread? TakeIdle()
    {
        if (_idle.Count == 0) return null;
        AppThread thread = _idle[^1]; // the one that waits shortest has the warmest cache
        _idle.RemoveAt(_idle.Count - 1);
        return thread;
    }

    private AppThread Reserve()
    {
        if (_reserve is not null) return _reserve;
        _reserve = new AppThread(_worker, -1, isReserve: true);
        _reserve.Start();
        return _reserve;
    }

    private AppThread? StartThread()
    {
        if (_started.Count + 1 >= _size || _stopped) return null;
        AppThread thread = new(_worker, _started.Count + 1, isReserve: false);
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            _size = _started.Count + 1; // with those that there are: a server with fewer threads is better than none
            _worker.Log.NoMoreThreads(_size, _worker.Options.Threads);
            return null;
        }
        _started.Add(thread);
        return thread;
    }

    /// <summary>Waits for the threads that are on their way out, because Python's end cuts off who still uses it.</summary>
    private void JoinOthers()
    {
        AppThread[] others;
        lock (_gate) others = [.. _started];
        // After a forced stop some may be stuck in the application, and the process has little time left.
        TimeSpan patience = _worker.IsForced ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(5);
        long began = Stopwatch.GetTimestamp();
        foreach (AppThread thread in others)
        {
            TimeSpan left = patience - Stopwatch.GetElapsedTime(began);
            if (DeadlineWatch.IsStuck(thread)) continue; // it may never come
            if (left <= TimeSpan.Zero || !thread.Join(left)) return;
        }
    }
}
