using System.Diagnostics;
using System.Net;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Runs the event loop turn by turn on the test's own thread, against a scripted kernel.</summary>
internal sealed class LoopDriver : IDisposable
{
    internal const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20); // a test that waits longer has failed

    private readonly ListenSocket[] _listeners;
    private readonly AppThread _leader;
    private int _longestWait; // 0: a wait without a script ends the turn at once

    internal LoopDriver(WsgiServerOptions? options = null, Action<AppThread, HttpExchange>? application = null, int listeners = 1, Func<IReadOnlyList<ListenSocket>, WorkerRole>? role = null, SiteFront? site = null)
    {
        options ??= Options();
        Log = (LogRecorder)options.LoggerFactory;
        _listeners = [.. Enumerable.Range(0, listeners).Select(_ => ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1))];
        Worker = new ScriptedWorker(
            options, _listeners, (thread, exchange) =>
            {
                Calls++;
                (application ?? Echo)(thread, exchange);
            },
            Epoll,
            role?.Invoke(_listeners),
            site)
        { Sockets = Sockets };
        _leader = new AppThread(Worker, 1, isReserve: false);
        Epoll.OnIdle = OnIdle;
    }

    internal LogRecorder Log { get; }

    internal ScriptedEpoll Epoll { get; } = new();

    internal ScriptedSockets Sockets { get; } = new();

    internal ScriptedWorker Worker { get; }

    /// <summary>Calls of the application so far.</summary>
    internal int Calls { get; private set; }

    internal AppThread Leader => _leader;

    /// <summary>Long enough that no deadline passes in a test that is not about them; one thread, no hand-over.</summary>
    internal static WsgiServerOptions Options(
        int threads = 1, int bodyBuffer = 1 << 20, int responseBuffer = 1 << 20, TimeSpan? head = null, TimeSpan? keepAlive = null,
        TimeSpan? progress = null, TextWriter? wire = null, int backlogRequests = 2048,
        TimeSpan? queueTimeout = null, string? healthPath = null, int maxRequests = 0, int jitter = 0,
        TimeSpan? timeout = null, TimeSpan? grace = null, string forwardedAllow = "127.0.0.1", string forwardedHeaders = "x-forwarded-for",
        string? proxyAllow = null, int connections = 0, int clientConnections = 0, double rate = 0, int burst = 0, int keepAliveRequests = 0,
        long bodyRate = 0, long responseRate = 0, long tempFiles = 0, long bufferMemory = 64 << 20, bool wireSecrets = false) => new()
        {
            Application = "none",
            Threads = threads,
            BodyBuffer = bodyBuffer,
            ResponseBuffer = responseBuffer,
            HeadTimeout = head ?? TimeSpan.FromMinutes(5),
            KeepAlive = keepAlive ?? TimeSpan.FromMinutes(5),
            ProgressTimeout = progress ?? TimeSpan.FromMinutes(5),
            MinBodyRate = bodyRate,
            LimitTempFiles = tempFiles,
            BufferMemory = bufferMemory,
            MinResponseRate = responseRate,
            Timeout = timeout ?? TimeSpan.FromMinutes(5),
            TimeoutGrace = grace ?? TimeSpan.FromMinutes(5),
            LimitRequestHead = 4096,
            BacklogRequests = backlogRequests,
            QueueTimeout = queueTimeout ?? TimeSpan.Zero,
            HealthPath = healthPath,
            MaxRequests = maxRequests,
            MaxRequestsJitter = jitter,
            Wire = wire,
            WireSecrets = wireSecrets,
            ForwardedAllowIps = forwardedAllow.Split(','),
            ForwardedHeaders = forwardedHeaders.Split(','),
            ProxyProtocol = proxyAllow is not null,
            ProxyAllowIps = proxyAllow?.Split(',') ?? [],
            WorkerConnections = connections,
            LimitClientConnections = clientConnections,
            LimitRequestRate = rate,
            LimitRequestBurst = burst,
            KeepAliveRequests = keepAliveRequests,
            LoggerFactory = new LogRecorder(),
        };

    /// <summary>A client connects; nothing is read of it yet.</summary>
    internal Peer Connect(int? fd = null, string address = "192.0.2.7")
    {
        Peer peer = Sockets.Arrive(fd, address);
        Accept();
        Assert.Equal(Libc.EPOLLIN, Epoll.Masks[peer.Fd]);
        return peer;
    }

    /// <summary>The first client connects and says something, both in one batch: no deadline is looked at between them.</summary>
    internal Peer ConnectAndSay(string text)
    {
        Peer peer = Sockets.Arrive().Says(text);
        ulong key = (1UL << 32) | (uint)peer.Fd; // of the first connection; it is not in the epoll yet
        Epoll.Report((Epoll.Keys[_listeners[0].Fd], Libc.EPOLLIN), (key, Libc.EPOLLIN));
        Lead();
        return peer;
    }

    /// <summary>One turn in which the first listener is ready.</summary>
    internal void Accept() => Turn((_listeners[0].Fd, Libc.EPOLLIN));

    internal bool IsListening => _listeners.All(listener => Epoll.Masks.ContainsKey(listener.Fd));

    /// <summary>A batch with one event, for whoever leads; its key is known only when the loop has made it.</summary>
    internal void ReportReadable(int fd) => Epoll.Report(() => [(Epoll.Keys[fd], Libc.EPOLLIN)]);

    /// <summary>One batch of events, and what the loop does after it until it would wait.</summary>
    internal void Turn(params (int Fd, uint Events)[] events)
    {
        Epoll.Report([.. events.Select(one => (Epoll.Keys[one.Fd], one.Events))]);
        Lead();
    }

    internal void Readable(Peer peer) => Turn((peer.Fd, Libc.EPOLLIN));

    internal void Writable(Peer peer) => Turn((peer.Fd, Libc.EPOLLOUT));

    /// <summary>Says it and lets the loop read it.</summary>
    internal void Exchange(Peer peer, string text)
    {
        peer.Says(text);
        Readable(peer);
    }

    /// <summary>Leads until there is nothing to do.</summary>
    internal void Lead()
    {
        Worker.Loop.SetLeader(_leader);
        Worker.Loop.Lead(_leader);
    }

    /// <summary>Leads, waiting as the real loop does, until something has happened.</summary>
    /// <param name="longestWait">Milliseconds; short, because the scripted epoll does not wake for what another thread asks of it.</param>
    internal void LeadUntil(Func<bool> happened, string what, int longestWait = 5)
    {
        long started = Stopwatch.GetTimestamp();
        while (!happened())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_patience, $"It never came: {what}.");
            _longestWait = longestWait;
            Lead();
            _longestWait = 0;
        }
    }

    /// <summary>Waits for what another thread does, without the loop.</summary>
    internal static void Await(Func<bool> happened, string what) =>
        Assert.True(SpinWait.SpinUntil(happened, s_patience), $"It never came: {what}.");

    internal Connection ConnectionOf(Peer peer)
    {
        Connection? connection = Worker.Connections.Find(Epoll.Keys[peer.Fd]);
        Assert.NotNull(connection);
        return connection;
    }

    internal ConnectionState StateOf(Peer peer) => Worker.Connections.Find(Epoll.Keys[peer.Fd])?.State ?? ConnectionState.Closed;

    internal uint MaskOf(Peer peer) => Epoll.Masks[peer.Fd];

    /// <summary>The bodies of everything that was answered, assuming that each has a Content-Length.</summary>
    internal static string[] Bodies(Peer peer) => Responses.Bodies(peer.Sent);

    public void Dispose()
    {
        Worker.Crew.Stop();
        Worker.Dispose();
        foreach (ListenSocket listener in _listeners) listener.Dispose();
    }

    private int OnIdle(int timeout)
    {
        int count = Epoll.WaitForReal(Math.Min(timeout, _longestWait));
        Worker.Loop.Resign(_leader);
        return count;
    }

    private static void Echo(AppThread thread, HttpExchange exchange) => Reply.With(exchange, Reply.Path(exchange) + Reply.Read(exchange));
}
