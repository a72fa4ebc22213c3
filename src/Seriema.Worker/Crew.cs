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
    private readonly int _size;
    private readonly Lock _gate = new();
    private readonly Queue<Connection> _queue = new();
    private readonly List<AppThread> _idle = [];
    private readonly AppThread _main;
    private AppThread? _reserve;
    private int _started = 1; // the main thread
    private bool _reserveLeads;
    private bool _stopped;

    internal Crew(Worker worker)
    {
        _worker = worker;
        _size = worker.Options.Threads;
        _main = new AppThread(worker, 0, isReserve: false);
    }

    /// <summary>The life of Python's main thread: it leads first, and returns when the worker has stopped.</summary>
    internal void RunMain()
    {
        _worker.Loop.SetLeader(_main);
        _main.Give(Order.Lead);
        _main.Run();
    }

    /// <summary>
    /// The leader has a whole request: calls the application on this thread, or gives the request to another one.
    /// True when the loop may go on with the connection.
    /// </summary>
    /// <param name="blocks">The call is expected to wait for something, so it should not hold the loop.</param>
    internal bool Run(Connection connection, AppThread leader, bool blocks)
    {
        if (!leader.IsReserve && !blocks) return leader.CallInline(connection);
        lock (_gate)
        {
            if ((TakeIdle() ?? StartThread()) is { } other)
            {
                connection.OnQueued();
                other.Give(Order.Call, connection);
                return false;
            }
            if (leader.IsReserve && _queue.Count < _worker.Options.BacklogRequests)
            {
                connection.OnQueued();
                _queue.Enqueue(connection);
                return false;
            }
        }
        if (leader.IsReserve) return _worker.Intake.Reject(connection, RejectReason.Overloaded);
        // This is the last free thread: the reserve takes the loop, and the request is run here.
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
            if (!thread.IsReserve && _queue.TryDequeue(out request)) return Order.Call;
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
            _reserveLeads = next is null;
            if (next is null)
            {
                if (_reserve is null)
                {
                    _reserve = new AppThread(_worker, -1, isReserve: true);
                    _reserve.Start();
                }
                next = _reserve;
            }
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
            _reserveLeads = false;
            _worker.Loop.Resign(reserve);
            _worker.Loop.SetLeader(next);
            next.Give(Order.Lead);
            return true;
        }
    }

    /// <summary>Python's main thread waits: it has the handlers of signals to run. Nothing is lost when it does not wait.</summary>
    internal void OrderSignals()
    {
        lock (_gate)
        {
            if (_idle.Remove(_main)) _main.Give(Order.Signals);
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
        }
    }

    private AppThread? TakeIdle()
    {
        if (_idle.Count == 0) return null;
        AppThread thread = _idle[^1]; // the one that waits shortest has the warmest cache
        _idle.RemoveAt(_idle.Count - 1);
        return thread;
    }

    private AppThread? StartThread()
    {
        if (_started >= _size || _stopped) return null;
        AppThread thread = new(_worker, _started++, isReserve: false);
        thread.Start();
        return thread;
    }
}
