using Microsoft.Extensions.Logging;
using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// One WSGI application (PEP 3333) and what its threads share. Any thread; owns the application's reference.
/// </summary>
internal sealed class Gateway : IDisposable
{
    private PyRef _application;
    private PyRef _constants;

    private Gateway(GatewayOptions options)
    {
        Log = options.LoggerFactory.CreateLogger(GatewayLog.Category);
        ErrorsLog = options.LoggerFactory.CreateLogger(GatewayLog.ErrorsCategory);
        Types = new NativeTypes();
        Keys = new EnvironKeys();
        Files = new FileWrapper();
        if (options.HasDeadline) Interruption = Interruption.Install();
    }

    internal NativeTypes Types { get; }

    internal EnvironKeys Keys { get; }

    internal FileWrapper Files { get; }

    internal ILogger Log { get; }

    internal ILogger ErrorsLog { get; }

    /// <summary>What a deadline needs of Python; null when no request has one.</summary>
    internal Interruption? Interruption { get; }

    /// <summary>The application; the GIL must be held.</summary>
    internal PyBorrowed Application => _application;

    /// <summary>What every environ has in common.</summary>
    internal PyBorrowed Constants => _constants;

    /// <summary>Imports the application. On Python's main thread, without the GIL.</summary>
    /// <exception cref="AppLoadException">It cannot be loaded; its message names the cause in one line.</exception>
    internal static Gateway Load(GatewayOptions options)
    {
        using GilScope gil = GilScope.Enter();
        if (options.HasDeadline) _ = Interruption.Install(); // first: "from time import sleep" is to find ours
        using PyOwned application = AppLoader.Load(options.Application, options.Folder, options.PythonPath);
        return ForCallable(application, options);
    }

    /// <summary>A gateway for an application that is there already. The GIL is held.</summary>
    internal static Gateway ForCallable(PyBorrowed application, GatewayOptions options)
    {
        var gateway = new Gateway(options);
        gateway._application.Set(application.ToStolen());
        gateway._constants.Set(EnvironBuilder.Constants(gateway.Keys, options, gateway.Files.Type).Steal());
        return gateway;
    }

    /// <summary>What one application thread needs, to be used by one thread at a time. Takes the GIL.</summary>
    internal GatewayThread NewThread()
    {
        using GilScope gil = GilScope.Enter();
        return new GatewayThread(this);
    }

    /// <summary>Gives the references back. After its threads' own Dispose; takes the GIL.</summary>
    public void Dispose()
    {
        if (PythonRuntime.HasEnded) return; // the objects went with the interpreter
        using GilScope gil = GilScope.Enter();
        _application.Clear();
        _constants.Clear();
        Types.Clear();
        Files.Clear();
    }
}
