using System.Diagnostics;
using Seriema.CPython;
using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>What a thread of the <see cref="Crew"/> is told to do next.</summary>
internal enum Order
{
    None,

    /// <summary>Run the event loop.</summary>
    Lead,

    /// <summary>Call the application for one request.</summary>
    Call,

    /// <summary>Run Python's signal handlers: this is Python's main thread.</summary>
    Signals,

    /// <summary>End.</summary>
    Stop,
}

/// <summary>One thread of the crew: it leads the loop, runs one request, or waits for an order.</summary>
/// <remarks>Its own fields are its own; <see cref="Give"/> is the only way in from another thread.</remarks>
internal sealed class AppThread
{
    // Twice what a main thread usually has, of which only what is used takes memory: deep recursion in an application is
    // to end in Python's RecursionError, not in a crash, and the frames of this server stand below it.
    internal const int StackSize = 16 << 20;

    private readonly Worker _worker;
    private readonly object _gate = new(); // Monitor.Wait does not spin, and a spinning thread is taken from Python
    private GatewayThread? _gatewayThread;
    private HttpExchange? _spare;
    private Thread? _thread; // null for Python's main thread, which is the server's
    private Order _order;
    private Connection? _request;

    internal AppThread(Worker worker, int number, bool isReserve)
    {
        (_worker, Number, IsReserve) = (worker, number, isReserve);
        if (!isReserve) worker.Deadlines.Watch(this);
    }

    /// <summary>0 is Python's main thread.</summary>
    internal int Number { get; }

    /// <summary>The thread that runs the loop while every other is inside the application; it never calls it.</summary>
    internal bool IsReserve { get; }

    /// <summary>For <see cref="Libc.CpuTime"/>; set by the thread itself when it starts.</summary>
    internal int CpuClock { get; private set; }

    /// <summary>Calls of the application so far. Its own to count, any thread's to read: nobody waits for another's cache line.</summary>
    internal long Calls { get; private set; }

    /// <summary>What the slow calls remember the present call on the loop by. For the monitor.</summary>
    internal uint CurrentKey { get; private set; }

    /// <summary>Since when the present call runs, for its deadline.</summary>
    internal CallClock Clock { get; } = new();

    /// <summary>Starts a thread of its own, in the background: a stuck application must not keep the process.</summary>
    /// <exception cref="OutOfMemoryException">The machine, or a limit of it, allows no more threads.</exception>
    internal void Start()
    {
        _thread = new(Run, StackSize) { IsBackground = true, Name = IsReserve ? "seriema-loop" : $"seriema-{Number}" };
        _thread.Start();
    }

    /// <summary>Waits for the end of a thread that was told to stop; false when it takes longer.</summary>
    internal bool Join(TimeSpan patience) => _thread?.Join(patience) ?? true;

    /// <summary>The thread's life: orders, until Stop.</summary>
    internal void Run()
    {
        CpuClock = Libc.ThreadCpuClock();
        try
        {
            // A thread is started because there is something to do, so its first order is on the way.
            for (Order order = Await(out Connection? request); ; order = _worker.Crew.Next(this, out request))
            {
                switch (order)
                {
                    case Order.Lead: _worker.Loop.Lead(this); break;
                    case Order.Call: CallMeasured(request!); break;
                    case Order.Signals: CheckSignals(); break;
                    case Order.Stop: return;
                }
            }
        }
        catch (Exception e)
        {
            // Ours, not the application's (that one ends in the gateway): nothing can be relied on any more.
            _worker.Fail(e);
        }
        finally
        {
            _gatewayThread?.Dispose();
            _gatewayThread = null;
        }
    }

    /// <summary>Any thread: tells this one, which waits or is about to, what to do.</summary>
    internal void Give(Order order, Connection? request = null)
    {
        lock (_gate)
        {
            (_order, _request) = (order, request);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for an order.</summary>
    internal Order Await(out Connection? request)
    {
        lock (_gate)
        {
            while (_order == Order.None) Monitor.Wait(_gate);
            Order order = _order;
            (request, _order, _request) = (_request, Order.None, null);
            return order;
        }
    }

    /// <summary>The leader calls the application itself. True when the loop may go on with the connection.</summary>
    internal bool CallInline(Connection connection)
    {
        connection.BeginCall(this);
        Calls++;
        CurrentKey = connection.CallKey;
        _worker.Loop.EnterCall(this);
        _worker.Call(this, connection.Exchange!);
        bool leads = _worker.Loop.LeaveCall(this);
        return connection.EndCall(this, leads) && leads;
    }

    /// <summary>Calls the application away from the loop, and sees whether that was needed.</summary>
    internal void CallMeasured(Connection connection)
    {
        if (!connection.BeginCallUnlessGone(this)) return;
        Calls++;
        long started = Stopwatch.GetTimestamp();
        long cpu = Libc.CpuTime(Libc.CLOCK_THREAD_CPUTIME_ID);
        uint key = connection.CallKey;
        _worker.Call(this, connection.Exchange!);
        double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        double busy = (Libc.CpuTime(Libc.CLOCK_THREAD_CPUTIME_ID) - cpu) / 1e6;
        // A call that computes holds the GIL wherever it runs: beside the loop it would only make the others wait for it.
        _worker.Slow.OnMeasured(key, slow: elapsed - busy > SlowCalls.Threshold);
        connection.EndCall(this, leads: false);
    }

    /// <summary>Called by the thread inside a call, before it waits for the network: the loop goes to another thread.</summary>
    internal void YieldLoop() => _worker.Loop.Yield(this);

    /// <summary>Runs the handlers of signals that came while this thread was not in Python.</summary>
    internal void CheckSignals()
    {
        using GilScope gil = GilScope.Enter();
        if (Python.PyErr_CheckSignals() == 0) return;
        using PythonException error = PythonException.Fetch();
        if (error.IsSystemExit || error.Matches(Python.PyExc_KeyboardInterrupt))
        {
            _worker.Log.SignalExit();
            _worker.RequestStop(); // sys.exit() in a handler is how a Python program asks to end
            return;
        }
        _worker.Log.SignalHandlerFailed(error.Format());
    }

    internal HttpExchange TakeExchange()
    {
        if (_spare is not { } exchange) return _worker.Exchanges.Rent();
        _spare = null;
        return exchange;
    }

    /// <summary>Keeps one exchange for the next request of this thread, the rest go to the pool.</summary>
    internal void GiveBack(HttpExchange exchange)
    {
        if (_spare is not null)
        {
            _worker.Exchanges.Return(exchange);
            return;
        }
        exchange.Detach();
        _spare = exchange;
    }

    /// <summary>Any thread: its way into Python if it has been there.</summary>
    internal GatewayThread? GatewayOrNull => Volatile.Read(ref _gatewayThread);

    /// <summary>This thread's way into Python; only for the thread itself.</summary>
    internal GatewayThread Gateway => _gatewayThread ??= _worker.Gateway.NewThread();
}
