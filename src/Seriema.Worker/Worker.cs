using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Transport;
using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>One serving process's parts, joined: listeners, loop, threads, connections, application.</summary>
/// <remarks>
/// Made before the first thread runs; its own methods may be called from any thread. The call of the application is
/// virtual, so that a test can put one in that needs no Python.
/// </remarks>
internal class Worker : IDisposable
{
    // A wake costs an array read each; the kernel keeps what does not fit for the next turn.
    private const int EventBatch = 256;

    private readonly TaskCompletionSource _loopEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _forcedSource = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private volatile bool _forced;

    internal Worker(WsgiServerOptions options, IReadOnlyList<ListenSocket> listeners, Gateway gateway, int signalFd, WorkerLog log, Epoll? epoll = null)
    {
        (Options, Listeners, Gateway, SignalFd, Log) = (options, listeners, gateway, signalFd, log);
        Limits = new HttpLimits
        {
            RequestLine = options.LimitRequestLine,
            Fields = options.LimitRequestFields,
            FieldSize = options.LimitRequestFieldSize,
            Head = options.LimitRequestHead,
            Body = options.LimitRequestBody,
        };
        HeadTimeout = Milliseconds(options.HeadTimeout);
        KeepAliveTimeout = Milliseconds(options.KeepAlive);
        ProgressTimeout = Milliseconds(options.ProgressTimeout);
        // A deadline is noticed at most a quarter of the shortest time late, and at most a second.
        SweepInterval = Math.Clamp(Math.Min(HeadTimeout, Math.Min(KeepAliveTimeout, ProgressTimeout)) / 4, 20, 1000);
        Wire = options.Wire is null ? null : new WireLog(options.Wire);
        Exchanges = new ExchangePool(this);
        Connections = new ConnectionTable(this);
        Epoll = epoll ?? new Epoll(EventBatch);
        Timeout = options.Timeout > TimeSpan.Zero ? Milliseconds(options.Timeout) : 0;
        Monitor = new LoopMonitor(this);
        Deadlines = new DeadlineWatch(this);
        Intake = new RequestIntake(this);
        Crew = new Crew(this);
        Loop = new EventLoop(this);
    }

    internal WsgiServerOptions Options { get; }

    internal HttpLimits Limits { get; }

    internal IReadOnlyList<ListenSocket> Listeners { get; }

    internal Gateway Gateway { get; }

    /// <summary>Where Python's C signal handler writes; -1 without.</summary>
    internal int SignalFd { get; }

    internal WorkerLog Log { get; }

    internal WireLog? Wire { get; }

    internal ServerClock Clock { get; } = new();

    internal SlowCalls Slow { get; } = new();

    internal ExchangePool Exchanges { get; }

    internal ConnectionTable Connections { get; }

    internal Epoll Epoll { get; }

    internal Sockets Sockets { get; init; } = new();

    internal RequestIntake Intake { get; }

    internal LoopMonitor Monitor { get; }

    internal DeadlineWatch Deadlines { get; }

    internal Crew Crew { get; }

    internal EventLoop Loop { get; }

    internal int HeadTimeout { get; }

    internal int KeepAliveTimeout { get; }

    internal int ProgressTimeout { get; }

    internal int SweepInterval { get; }

    /// <summary>How long a call may take, in milliseconds; 0 sets no limit.</summary>
    internal int Timeout { get; }

    /// <summary>Stops the whole server, gracefully: for the application's own wish to exit.</summary>
    internal required Action RequestStop { get; init; }

    /// <summary>Tells whoever started this worker that another is to take its place, and why. Any thread.</summary>
    internal Action<string> RequestReplacement { get; set; } = _ => { };

    internal bool IsStopping => _stopping;

    /// <summary>Requests in flight are not waited for any more.</summary>
    internal bool IsForced => _forced;

    /// <summary>Ends at <see cref="ForceStop"/>.</summary>
    internal Task Forced => _forcedSource.Task;

    /// <summary>Ends when the last connection is gone; faults when the server failed.</summary>
    internal Task LoopEnded => _loopEnded.Task;

    /// <summary>Serves until stopped. On Python's main thread, which does not hold the GIL.</summary>
    internal void Run()
    {
        Monitor.Start();
        Deadlines.Start();
        Crew.RunMain();
    }

    /// <summary>Calls the application for one request, on the thread that owns it.</summary>
    internal virtual void Call(AppThread thread, HttpExchange exchange) => thread.Gateway.Call(exchange);

    /// <summary>Raises the exception of the deadline in the application of that call; false when it is over by now.</summary>
    /// <remarks>Takes the GIL, for which it may wait for ever.</remarks>
    internal virtual bool Interrupt(AppThread thread, long call, out string stack)
    {
        using GilScope gil = GilScope.Enter();
        stack = "";
        return thread.GatewayOrNull?.Interrupts.TryRaise(() => thread.Clock.IsInside(call), out stack) ?? false;
    }

    /// <summary>Writes the Python stacks of all threads to standard error, without the GIL.</summary>
    internal virtual void DumpStacks() => _ = Libc.Raise(Signals.Stack);

    /// <summary>No new connections; those with a request finish it.</summary>
    internal void Stop()
    {
        if (_stopping) return;
        Log.Stopping(Connections.Count);
        _stopping = true;
        Epoll.Wake();
    }

    /// <summary>Cuts what is still open.</summary>
    internal void ForceStop()
    {
        if (!_forced && Connections.Count > 0) Log.Forced();
        _stopping = _forced = true;
        _forcedSource.TrySetResult();
        Epoll.Wake();
    }

    /// <summary>The leader, when the loop has nothing left to serve.</summary>
    internal void OnLoopEnded()
    {
        Monitor.Stop();
        Crew.Stop();
        Deadlines.OnLoopEnded();
        _loopEnded.TrySetResult();
    }

    /// <summary>Any thread: nothing can be relied on any more, so everything ends without waiting for requests.</summary>
    internal void Fail(Exception error)
    {
        Log.Failed(error);
        _loopEnded.TrySetException(error);
        Monitor.Stop();
        Crew.Stop();
        _stopping = _forced = true; // for whoever leads the loop
        _forcedSource.TrySetResult();
        Epoll.Wake();
        RequestStop();
    }

    public void Dispose()
    {
        Monitor.Dispose();
        Deadlines.Dispose();
        Epoll.Dispose();
        GC.SuppressFinalize(this);
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
}
