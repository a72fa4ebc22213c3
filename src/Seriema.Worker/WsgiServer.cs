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

    private static int s_started;

    private readonly WsgiServerOptions _options;
    private readonly IPEndPoint[] _endPoints;
    private readonly List<ListenSocket> _listeners = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _stopGate = new();
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
        _endPoints = [.. options.Bind.Select(BindAddress.Parse)];
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
    /// <exception cref="SettingsException">The folder to change to cannot be used.</exception>
    /// <exception cref="InvalidOperationException">This process has started a server, and Python with it, before.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref s_started, 1) != 0)
        {
            throw new InvalidOperationException("A process can start one WsgiServer, because it has one Python.");
        }
        try
        {
            PythonInstallation python = PythonLocator.Find(_options.Python);
            PythonVersion = python.VersionText;
            for (int i = 0; i < _endPoints.Length; i++)
            {
                _listeners.Add(BindAddress.Listen(_endPoints[i], _options.Backlog, _options.Bind[i]));
            }
            Addresses = [.. _listeners.Select(listener => listener.EndPoint)];
            _python = new PythonHost(_options, python);
            Thread main = new(RunMain, AppThread.StackSize) { IsBackground = true, Name = "seriema-0" };
            main.Start();
            _ready.Task.GetAwaiter().GetResult();
        }
        catch
        {
            foreach (ListenSocket listener in _listeners) listener.Dispose();
            _listeners.Clear();
            Addresses = [];
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
        _worker?.Dispose();
    }

    private async Task StopOnceAsync(TimeSpan gracefulTimeout)
    {
        _worker!.Stop();
        await Task.WhenAny(_ended.Task, _worker.Forced, Task.Delay(gracefulTimeout)).ConfigureAwait(false);
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
        if (_worker.LoopEnded.IsFaulted) _completion.TrySetException(_worker.LoopEnded.Exception!.InnerExceptions);
        else _completion.TrySetResult();
    }

    /// <summary>Python's main thread, from its first line to its last.</summary>
    private void RunMain()
    {
        try
        {
            _worker = _python!.Load(_listeners, requestStop: () => _ = StopAsync());
            _ready.SetResult();
            _worker.Run();
        }
        catch (Exception e) when (!_ready.Task.IsCompleted)
        {
            PythonHost.Finish();
            _ready.SetException(e);
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
