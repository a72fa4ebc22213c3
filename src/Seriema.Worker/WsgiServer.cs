using System.Net;
using Seriema.CPython;
using Seriema.Transport;
using Seriema.Worker;

namespace Seriema;

/// <summary>Serves one WSGI application (PEP 3333) over HTTP/1.1 from this process.</summary>
/// <remarks>
/// <para>The application is <c>MODULE:CALLABLE</c>, where the callable may be a dotted attribute or a call with literal
/// arguments, such as <c>proj.app:create_app('test', debug=False)</c>; <c>MODULE</c> alone means <c>application</c>, then
/// <c>app</c>.</para>
/// <para>Python lives once in a process: a process can start one server. Python's main thread is a thread of the server.</para>
/// </remarks>
public sealed class WsgiServer : IAsyncDisposable
{
    // After a forced stop: for the main thread to come back from the loop, and for atexit handlers to run.
    private static readonly TimeSpan s_returnGrace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_exitGrace = TimeSpan.FromSeconds(2);

    // For the health check of an application without a deadline; with one, that ends the request, and is to be the answer.
    private static readonly TimeSpan s_probePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_probeMargin = TimeSpan.FromSeconds(1);

    private static int s_started;

    private readonly WsgiServerOptions _options;
    private readonly BindAddress[] _bind;
    private readonly List<ListenSocket> _listeners = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _stopGate = new();
    private readonly WorkerRole? _role;
    private readonly ArbiterLink? _link;
    private PythonHost? _python;
    private Worker.Worker? _worker;
    private Task? _stopping;

    /// <summary>Checks the options; nothing is started.</summary>
    /// <exception cref="SettingsException">An option has a value that cannot be used.</exception>
    public WsgiServer(WsgiServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.Check(options);
        _options = options;
        _bind = [.. options.Bind.Select(BindAddress.Parse)];
    }

    /// <summary>A worker of an arbiter: serves the role's listeners with the role's Python, and obeys.</summary>
    /// <exception cref="SettingsException">An option has a value that cannot be used.</exception>
    internal WsgiServer(WsgiServerOptions options, WorkerRole role)
    {
        OptionsCheck.Check(options);
        (_options, _role, _bind) = (options, role, []);
        WorkerLog log = new(options.LoggerFactory.CreateLogger("seriema"));
        _link = new ArbiterLink(role, ArbiterLink.BeatFor(options.Timeout), log, End);
    }

    /// <summary>The addresses it listens on, <see cref="IPEndPoint"/>s with their real ports; empty before <see cref="Start"/>.</summary>
    public IReadOnlyList<EndPoint> Addresses { get; private set; } = [];

    /// <summary>The version of the Python that runs the application, such as <c>3.11.7</c>; empty before <see cref="Start"/>.</summary>
    public string PythonVersion { get; private set; } = "";

    /// <summary>Ends when the server has stopped; faults when it failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Binds, starts Python, imports the application and serves it. Returns when clients are being answered.</summary>
    /// <exception cref="ListenException">An address cannot be bound.</exception>
    /// <exception cref="ApplicationLoadException">The application cannot be imported or called.</exception>
    /// <exception cref="SettingsException">The folder to change to cannot be used, or a host has no address.</exception>
    /// <exception cref="InvalidOperationException">This process has started a server, and Python with it, before.</exception>
    /// <exception cref="OperationCanceledException">The arbiter told this worker to end before it served.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref s_started, 1) != 0)
        {
            throw new InvalidOperationException("A process can start one WsgiServer, because it has one Python.");
        }
        try
        {
            _link?.Start(); // first: it beats while Python starts and imports
            PythonInstallation python = _role?.Python ?? PythonLocator.Find(_options.Python);
            PythonVersion = python.VersionText;
            if (_role is not null) _listeners.AddRange(_role.Listeners);
            foreach (BindAddress address in _bind) _listeners.Add(address.Listen(_options.Backlog));
            Addresses = [.. _listeners.Select(listener => listener.EndPoint)];
            _python = new PythonHost(_options, python);
            Thread main = new(RunMain, AppThread.StackSize) { IsBackground = true, Name = "seriema-0" };
            main.Start();
            _ready.Task.GetAwaiter().GetResult();
            if (_role is not null) BeginServing();
        }
        catch
        {
            // A worker's process ends now; until then its main thread may be on its way to these very descriptors.
            for (int i = 0; _role is null && i < _listeners.Count; i++) _listeners[i].Dispose();
            _listeners.Clear();
            Addresses = [];
            RemoveSocketFiles();
            // An address in use, or no Python: nothing was started, and another try may go better.
            if (_python is null) Volatile.Write(ref s_started, 0);
            throw;
        }
    }

    /// <summary>
    /// Stops accepting, closes idle connections, lets requests in flight finish, then ends Python, which runs its
    /// <c>atexit</c> handlers.
    /// </summary>
    /// <param name="gracefulTimeout">How long requests may take to finish; null is the option's.</param>
    /// <param name="cancellationToken">Stops at once: requests in flight are cut.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than a timer can wait (49 days).</exception>
    public Task StopAsync(TimeSpan? gracefulTimeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan timeout = gracefulTimeout ?? _options.GracefulTimeout;
        ArgumentOutOfRangeException.ThrowIfNegative(timeout.Ticks, nameof(gracefulTimeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout.TotalSeconds, OptionsCheck.LongestStop, nameof(gracefulTimeout));
        if (_worker is null) return Task.CompletedTask; // nothing serves yet
        lock (_stopGate)
        {
            _stopping ??= StopOnceAsync(timeout);
        }
        if (cancellationToken.CanBeCanceled) cancellationToken.Register(() => _worker?.ForceStop());
        return _stopping;
    }

    /// <summary>Stops the server if it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_worker is not null) await StopAsync().ConfigureAwait(false);
        _link?.Stop();
        _worker?.Dispose();
    }

    /// <summary>A worker of an arbiter, once its application is loaded: the probe, where there is one, and then clients.</summary>
    /// <exception cref="ApplicationLoadException">The application did not answer its health check as it should.</exception>
    private void BeginServing()
    {
        if (_options.HealthPath is { } path)
        {
            TimeSpan patience = _options.Timeout > TimeSpan.Zero ? _options.Timeout + s_probeMargin : s_probePatience;
            string? problem = HealthProbe.Run(_worker!, path, patience);
            if (_worker!.IsStopping) throw new OperationCanceledException("The arbiter told this worker to end before it served.");
            if (problem is not null)
            {
                _worker.Left = static () => { }; // the arbiter is to hear why, not that a worker which never served leaves
                StopAsync(TimeSpan.Zero).GetAwaiter().GetResult(); // runs atexit handlers, as after any other failure
                throw new ApplicationLoadException(ApplicationLoadFailure.Unhealthy, problem, traceback: null);
            }
            _worker.Acceptor.Begin();
        }
        _link!.SendReady(PythonVersion);
    }

    /// <summary>The link: the arbiter's orders, or its end.</summary>
    private void End(EndOrder order)
    {
        if (_worker is null)
        {
            // Nothing is served, and an import cannot be stopped: Start ends at once, and the process with it.
            if (_ready.TrySetException(new OperationCanceledException("The arbiter told this worker to end before it served."))) return;
            // The load has just ended, and nobody repeats the order.
        }
        if (_worker is not { } worker) return; // it failed
        if (order == EndOrder.Drain) worker.Drain();
        else worker.Stop(); // also when it drains: its patience is over
        _ = StopAsync(cancellationToken: new CancellationToken(canceled: order == EndOrder.Quit));
    }

    private async Task StopOnceAsync(TimeSpan gracefulTimeout)
    {
        _worker!.EnsureStopping();
        await Task.WhenAny(_ended.Task, _worker.Forced, _worker.Deadlines.LeftBehind, Task.Delay(gracefulTimeout)).ConfigureAwait(false);
        if (!_ended.Task.IsCompleted)
        {
            _worker.ForceStop();
            await Task.WhenAny(_ended.Task, Task.Delay(s_returnGrace)).ConfigureAwait(false);
        }
        if (!_ended.Task.IsCompleted)
        {
            // Either Python is being ended by its main thread, or that thread is stuck in the application.
            Task exit = PythonRuntime.IsClosing ? _ended.Task : Task.Run(PythonHost.RunExitHandlers);
            await Task.WhenAny(exit, Task.Delay(s_exitGrace)).ConfigureAwait(false);
        }
        RemoveSocketFiles();
        if (_worker.LoopEnded.IsFaulted) _completion.TrySetException(_worker.LoopEnded.Exception!.InnerExceptions);
        else _completion.TrySetResult();
    }

    private void RemoveSocketFiles()
    {
        foreach (BindAddress address in _bind) address.File?.Remove();
    }

    /// <summary>Python's main thread, from its first line to its last.</summary>
    private void RunMain()
    {
        try
        {
            Worker.Worker worker = _python!.Load(_listeners, _role, requestStop: () => _ = StopAsync());
            _link?.Watch(worker);
            _worker = worker;
            // Told to end while the application was loaded: nobody waits for this worker any more.
            if (!_ready.TrySetResult()) worker.Stop();
            worker.Run();
        }
        catch (Exception e) when (_worker is null)
        {
            PythonHost.Finish();
            _ready.TrySetException(e);
            return;
        }
        catch (Exception e)
        {
            _worker!.Fail(e);
        }
        PythonHost.Finish();
        _ended.TrySetResult();
        _ = StopAsync(); // when the loop failed by itself: completion is still to be told
    }
}
