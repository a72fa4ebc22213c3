using Seriema.CPython;
using Seriema.Site;
using Seriema.Transport;
using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>Python's part of a server's life: start, import, signals, end.</summary>
/// <remarks>All on Python's main thread, but for <see cref="RunExitHandlers"/>.</remarks>
internal sealed class PythonHost(WsgiServerOptions options, PythonInstallation python)
{
    // Python's C handler writes a byte for each signal; set_wakeup_fd may only be called on the main thread.
    private const string WakeupSource = """
        import signal
        def watch(fd):
            signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
        """;

    // For a thread that holds the GIL inside C: faulthandler's own handler writes every stack without it.
    private const string StacksSource = """
        import faulthandler
        def register(signal):
            faulthandler.register(signal, file=2, all_threads=True, chain=False)
        """;

    // A child of fork() that outlives the worker would hold the port: clients would wait there for nobody, and a new
    // server could not bind it. The number may be another file's by then, so the file itself is compared.
    private const string ForkSource = """
        import os
        def leave_to_parent(fd):
            def identity():
                status = os.fstat(fd)
                return status.st_dev, status.st_ino
            listener = identity()
            def close():
                try:
                    if identity() == listener:
                        os.close(fd)
                except OSError:
                    pass
            os.register_at_fork(after_in_child=close)
        """;

    private const string ExitSource = """
        import atexit, sys
        def run():
            atexit._run_exitfuncs()
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        """;

    /// <summary>Starts Python and imports the application.</summary>
    /// <param name="role">Null for a server without an arbiter.</param>
    /// <param name="requestStop">Called when a signal handler of the application asks for the exit.</param>
    /// <exception cref="ApplicationLoadException">The application cannot be imported or called.</exception>
    /// <exception cref="SettingsException">The folder cannot be used.</exception>
    /// <exception cref="LinuxException">A folder of the site cannot be opened.</exception>
    internal Worker Load(IReadOnlyList<ListenSocket> listeners, WorkerRole? role, Action requestStop)
    {
        PythonRuntime.Initialize(python, options.Arguments);
        WorkerLog log = new(options.LoggerFactory.CreateLogger("seriema"));
        CallWithNumber(StacksSource, "register", Signals.Stack); // before the import, which may hang as well
        StaticSite? files = SiteFront.Open(options, log.SiteTrouble); // before the folder is changed
        try
        {
            return Load(listeners, role, files, log, requestStop);
        }
        catch
        {
            files?.Dispose();
            throw;
        }
    }

    private Worker Load(
        IReadOnlyList<ListenSocket> listeners, WorkerRole? role, StaticSite? files, WorkerLog log, Action requestStop)
    {
        foreach (ListenSocket listener in listeners) CallWithNumber(ForkSource, "leave_to_parent", listener.Fd);
        Gateway gateway = LoadGateway(role is { IsMultiprocess: true });
        Func<WsgiExchange, bool>? goesFirst = options.StaticLast ? gateway.HasOwnPath : null;
        SiteFront? site = files is null ? null : new(files, goesFirst, exchange => !gateway.RouteOf(exchange).IsNobody);
        int result = Libc.Pipe(out int readEnd, out int writeEnd);
        if (result < 0) throw new LinuxException("pipe2", -result);
        CallWithNumber(WakeupSource, "watch", writeEnd);
        return new Worker(options, listeners, gateway, readEnd, log, role: role, site: site) { RequestStop = requestStop };
    }

    /// <summary>Ends Python: its threads are joined, <c>atexit</c> handlers run, output is flushed.</summary>
    internal static void Finish()
    {
        if (PythonRuntime.IsRunning) _ = PythonRuntime.FinalizeInterpreter();
    }

    /// <summary>For when the main thread cannot: runs the <c>atexit</c> handlers on the calling thread.</summary>
    internal static void RunExitHandlers()
    {
        if (PythonRuntime.IsClosing) return; // the main thread is at it
        using GilScope gil = GilScope.Enter();
        using PyOwned names = PyCode.Run(ExitSource, "<seriema>");
        using PyOwned none = PyCalls.Call(Python.PyDict_GetItemString(names, "run"));
        if (none.IsNull) Python.PyErr_WriteUnraisable(names);
    }

    private Gateway LoadGateway(bool isMultiprocess)
    {
        try
        {
            return Gateway.Load(new GatewayOptions
            {
                Application = options.Application,
                Mounts = [.. options.Mounts.Select(mount => new Mount(mount.Url, mount.Application))],
                Scripts = [.. options.Scripts.Select(folder => new ScriptMount(folder.Url, Path.GetFullPath(folder.Folder)))],
                ScriptSuffix = options.ScriptSuffix,
                IsDevelopment = options.Development,
                Folder = options.ChangeDirectory,
                PythonPath = options.PythonPath,
                IsMultithreaded = options.Threads > 1,
                IsMultiprocess = isMultiprocess,
                HasDeadline = options.Timeout > TimeSpan.Zero,
                LoggerFactory = options.LoggerFactory,
            });
        }
        catch (AppLoadException e)
        {
            throw e.Error switch
            {
                AppLoadError.BadTarget or AppLoadError.BadPrefix => Refused(e),
                AppLoadError.BadSuffix => new SettingsException("--script-suffix", options.ScriptSuffix, e.Message),
                AppLoadError.FolderUnusable when e.Of is not null => Refused(e),
                AppLoadError.FolderUnusable => new SettingsException("--chdir", options.ChangeDirectory ?? ".", e.Message),
                AppLoadError.ImportFailed =>
                    new ApplicationLoadException(ApplicationLoadFailure.ImportFailed, e.Message, e.Traceback, e),
                AppLoadError.NotFound => new ApplicationLoadException(ApplicationLoadFailure.NotFound, e.Message, null, e),
                _ => new ApplicationLoadException(ApplicationLoadFailure.NotCallable, e.Message, null, e),
            };
        }
    }

    private SettingsException Refused(AppLoadException e) => e.Of switch
    {
        Mount mount => new SettingsException("--mount", $"{mount.Prefix}={mount.Application}", e.Message),
        ScriptMount folder => new SettingsException("--scripts", $"{folder.Prefix}={folder.Folder}", e.Message),
        _ => new SettingsException("MODULE:CALLABLE", options.Application ?? "''", e.Message),
    };

    private static void CallWithNumber(string source, string function, int argument)
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned names = PyCode.Run(source, "<seriema>");
        using PyOwned number = Python.PyLong_FromLongLong(argument).OrThrow();
        using PyOwned none = PyCalls.Call(Python.PyDict_GetItemString(names, function), number).OrThrow();
    }
}
