using System.Text;
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

    // Of each body and response, when all of them together take too much memory.
    private const int ShortStep = 16384;

    // Milliseconds. A client that asks again at once does so within a round trip, and most of those are shorter.
    private const int DrainGrace = 250;

    private readonly TaskCompletionSource _loopEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _forcedSource = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private long _idleEnd;
    private bool _hasLeft;
    private volatile bool _forced;
    private int _held; // threads that may wait for a body

    internal Worker(WsgiServerOptions options, IReadOnlyList<ListenSocket> listeners, Gateway gateway, int signalFd, WorkerLog log, Epoll? epoll = null, WorkerRole? role = null, SiteFront? site = null)
    {
        (Options, Listeners, Gateway, SignalFd, Log, Site) = (options, listeners, gateway, signalFd, log, site);
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
        QueueTimeout = options.QueueTimeout > TimeSpan.Zero ? Milliseconds(options.QueueTimeout) : 0;
        Proxies = ProxySettings.Of(options);
        RequestsPerConnection = options.KeepAliveRequests > 0 ? options.KeepAliveRequests : int.MaxValue;
        Rate = RequestRate.Of(options, role?.Rates);
        HealthPath = options.HealthPath is null ? null : Encoding.ASCII.GetBytes(options.HealthPath);
        // A deadline is noticed at most a quarter of the shortest time late, and at most a second.
        SweepInterval = Math.Clamp(Math.Min(HeadTimeout, Math.Min(KeepAliveTimeout, ProgressTimeout)) / 4, 20, 1000);
        Wire = options.Wire is null ? null : new WireLog(options.Wire, options.WireSecrets);
        Memory = new BufferMemory(options.BufferMemory);
        SpillSpace = new SpillSpace(options.TempDirectory, options.LimitTempFiles, log);
        Exchanges = new ExchangePool(this);
        Connections = new ConnectionTable(this);
        Epoll = epoll ?? new Epoll(EventBatch);
        Timeout = options.Timeout > TimeSpan.Zero ? Milliseconds(options.Timeout) : 0;
        SpillSpace.Scarce = Epoll.Wake;
        Relief = new SpillRelief(this);
        Monitor = new LoopMonitor(this);
        Deadlines = new DeadlineWatch(this);
        Intake = new RequestIntake(this);
        Board = new BoardEntry(role);
        Refusals = new RefusalLog(log);
        Acceptor = new Acceptor(this);
        Crew = new Crew(this);
        Loop = new EventLoop(this);
        // A worker of an arbiter asks its application for the health check first, and begins when that was answered.
        if (role is null || options.HealthPath is null) Acceptor.BeginAtOnce();
    }

    internal WsgiServerOptions Options { get; }

    internal HttpLimits Limits { get; }

    internal ProxySettings Proxies { get; }

    /// <summary>How often a client may ask; null when there is no limit.</summary>
    internal RequestRate? Rate { get; }

    /// <summary>The last of so many requests closes its connection.</summary>
    internal int RequestsPerConnection { get; }

    internal IReadOnlyList<ListenSocket> Listeners { get; }

    internal Gateway Gateway { get; }

    /// <summary>Where Python's C signal handler writes; -1 without.</summary>
    internal int SignalFd { get; }

    /// <summary>What is answered without the application; null when that answers everything.</summary>
    internal SiteFront? Site { get; }

    internal WorkerLog Log { get; }

    internal WireLog? Wire { get; }

    internal ServerClock Clock { get; } = new();

    internal SlowCalls Slow { get; } = new();

    internal ExchangePool Exchanges { get; }

    internal BufferMemory Memory { get; }

    internal SpillSpace SpillSpace { get; }

    internal SpillRelief Relief { get; }

    /// <summary>How much of one body is held in memory; less while memory is short.</summary>
    internal int BodyBound => Memory.IsShort ? Math.Min(Options.BodyBuffer, ShortStep) : Options.BodyBuffer;

    /// <summary>What no body can be larger than: there would never be room for it.</summary>
    internal long LargestBody => SpillSpace.IsThere ? Math.Max(Options.BodyBuffer, Options.LimitTempFiles) : long.MaxValue;

    /// <summary>How much of one response may wait in memory; less while memory is short.</summary>
    internal int ResponseBound => Memory.IsShort ? Math.Min(Options.ResponseBuffer, ShortStep) : Options.ResponseBuffer;

    /// <summary>In what pieces a body or response goes on to its file.</summary>
    internal int SpillStep => Memory.IsShort ? ShortStep : 4 * ShortStep;

    internal ConnectionTable Connections { get; }

    internal Epoll Epoll { get; }

    internal Sockets Sockets { get; init; } = new();

    internal RequestIntake Intake { get; }

    internal LoopMonitor Monitor { get; }

    internal BoardEntry Board { get; }

    internal Acceptor Acceptor { get; }

    internal RefusalLog Refusals { get; }

    internal DeadlineWatch Deadlines { get; }

    internal Crew Crew { get; }

    internal EventLoop Loop { get; }

    internal int HeadTimeout { get; }

    internal int KeepAliveTimeout { get; }

    internal int ProgressTimeout { get; }

    /// <summary>Milliseconds; 0 sets no limit.</summary>
    internal int QueueTimeout { get; }

    internal byte[]? HealthPath { get; }

    internal int SweepInterval { get; }

    /// <summary>How long a call may take, in milliseconds; 0 sets no limit.</summary>
    internal int Timeout { get; }

    /// <summary>Stops the whole server, gracefully: for the application's own wish to exit.</summary>
    internal required Action RequestStop { get; init; }

    /// <summary>Tells whoever started this worker that another is to take its place, and why. Any thread.</summary>
    internal Action<string> RequestReplacement { get; set; } = _ => { };

    /// <summary>Called once by the loop, when a stop has left the listeners and closed the idle connections.</summary>
    internal Action Left { get; set; } = static () => { };

    internal bool IsStopping => _stopping;

    /// <summary>From when on a stop closes idle connections, in <see cref="ServerClock.Now"/>'s milliseconds; 0 is at once.</summary>
    internal long IdleEnd => Volatile.Read(ref _idleEnd);

    /// <summary>Whether a stop closes idle connections by now. The loop's own.</summary>
    internal bool ClosesIdle { get; private set; }

    /// <summary>Requests in flight are not waited for any more.</summary>
    internal bool IsForced => _forced;

    /// <summary>Ends at <see cref="ForceStop"/>.</summary>
    internal Task Forced => _forcedSource.Task;

    /// <summary>Ends when the last connection is gone; faults when the server failed.</summary>
    internal Task LoopEnded => _loopEnded.Task;

    /// <summary>Whether one thread more may wait for the body of a client that waits for 100 Continue. The loop.</summary>
    internal bool TryHoldThread()
    {
        if (Volatile.Read(ref _held) >= Options.Threads / 4) return false;
        Interlocked.Increment(ref _held);
        return true;
    }

    /// <summary>Any thread: the request that was told so is over.</summary>
    internal void ReleaseThread() => Interlocked.Decrement(ref _held);

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

    /// <summary>No new connections; those with a request finish it, the others are closed.</summary>
    internal void Stop() => Stop(idleEnd: 0);

    /// <summary>As <see cref="Stop()"/>, when other workers serve on and nobody waits for this one's end.</summary>
    /// <remarks>
    /// A client that has just been answered may have its next request on the way, and a connection closed under it is a
    /// failed request. So idle connections have a moment more; what comes is answered with Connection: close.
    /// </remarks>
    internal void Drain() => Stop(ServerClock.Now + DrainGrace);

    /// <summary>As <see cref="Stop()"/>, but a drain that has begun keeps its patience.</summary>
    internal void EnsureStopping()
    {
        if (!_stopping) Stop();
    }

    private void Stop(long idleEnd)
    {
        bool isFirst = !_stopping;
        if (isFirst || idleEnd < _idleEnd) Volatile.Write(ref _idleEnd, idleEnd);
        if (isFirst) Log.Stopping(Connections.Count);
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

    /// <summary>The leader, before it looks at every connection.</summary>
    internal void OnSweep(long now) => ClosesIdle = _stopping && now >= IdleEnd;

    /// <summary>The leader: the listeners are closed, and so are the idle connections.</summary>
    internal void OnLeft()
    {
        if (_hasLeft) return;
        _hasLeft = true;
        Left();
    }

    /// <summary>The leader, when the loop has nothing left to serve.</summary>
    internal void OnLoopEnded()
    {
        OnLeft();
        Refusals.Flush();
        Log.OnSweep();
        Monitor.Stop();
        Deadlines.OnLoopEnded();
        _loopEnded.TrySetResult();
        Crew.Stop(); // last: the main thread returns then, also before this one does, and to whoever waits for it all has ended
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
        Site?.Dispose();
        Rate?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
}
