using System.Net;
using Seriema.Transport;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>A whole worker on loopback with the real kernel, and a delegate for an application.</summary>
internal sealed class LiveServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ListenSocket _listener;
    private readonly bool _ownsListener;
    private readonly Task _main;
    private int _inside;
    private int _mostInside;

    /// <param name="shared">The listener of another worker, which outlives this one; null makes one.</param>
    internal LiveServer(
        WsgiServerOptions options, Action<AppThread, HttpExchange> application, ListenSocket? shared = null,
        Func<ListenSocket, WorkerRole>? role = null, SiteFront? site = null)
    {
        Log = (LogRecorder)options.LoggerFactory;
        _ownsListener = shared is null;
        _listener = shared ?? ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 2048);
        Worker = new ScriptedWorker(
            options, [_listener], (thread, exchange) => Count(thread, exchange, application), role: role?.Invoke(_listener), site: site);
        _main = Task.Factory.StartNew(Worker.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal LogRecorder Log { get; }

    internal ScriptedWorker Worker { get; }

    internal IPEndPoint EndPoint => (IPEndPoint)_listener.EndPoint;

    /// <summary>The most threads that were inside the application at the same time.</summary>
    internal int MostInside => Volatile.Read(ref _mostInside);

    internal Client Connect() => new(EndPoint);

    /// <summary>Stops, and fails when the worker does not end or has failed.</summary>
    internal void Stop()
    {
        Worker.Stop();
        Assert.True(_main.Wait(s_patience), "the main thread did not end");
        Assert.True(Worker.LoopEnded.IsCompletedSuccessfully, $"{Worker.LoopEnded.Exception}");
        Assert.Equal(0, Worker.Connections.Count);
    }

    public void Dispose()
    {
        Worker.ForceStop();
        _main.Wait(s_patience);
        Worker.Dispose();
        if (_ownsListener) _listener.Dispose();
    }

    private void Count(AppThread thread, HttpExchange exchange, Action<AppThread, HttpExchange> application)
    {
        int inside = Interlocked.Increment(ref _inside);
        for (int most = MostInside; inside > most && Interlocked.CompareExchange(ref _mostInside, inside, most) != most; most = MostInside) { }
        application(thread, exchange);
        Interlocked.Decrement(ref _inside);
    }
}
