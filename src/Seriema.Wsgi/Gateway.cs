using Microsoft.Extensions.Logging;
using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// The WSGI applications (PEP 3333) of a server and what its threads share. Any thread; owns the table of them.
/// </summary>
internal sealed class Gateway : IDisposable
{
    private readonly ApplicationTable _applications;
    private PyRef _constants;

    private Gateway(ApplicationTable applications, GatewayOptions options)
    {
        _applications = applications;
        IsDevelopment = options.IsDevelopment;
        Log = options.LoggerFactory.CreateLogger(GatewayLog.Category);
        ErrorsLog = options.LoggerFactory.CreateLogger(GatewayLog.ErrorsCategory);
        Types = new NativeTypes();
        Keys = new EnvironKeys();
        Files = new FileWrapper();
        if (options.HasDeadline) Interruption = Interruption.Install();
        _constants.Set(EnvironBuilder.Constants(Keys, options, Files.Type).Steal());
    }

    internal NativeTypes Types { get; }

    internal EnvironKeys Keys { get; }

    internal FileWrapper Files { get; }

    internal ILogger Log { get; }

    internal ILogger ErrorsLog { get; }

    /// <summary>What a deadline needs of Python; null when no request has one.</summary>
    internal Interruption? Interruption { get; }

    /// <summary>The browser is shown what the log says of a 500.</summary>
    internal bool IsDevelopment { get; }

    /// <summary>Who answers the request. Any thread, without the GIL.</summary>
    internal Route RouteOf(WsgiExchange exchange) =>
        _applications.Routes is { } routes ? routes.Find(exchange.Head, exchange.HeadBytes) : default;

    /// <summary>Whether a script page or a mount takes the request, not only the application that takes every path.</summary>
    internal bool HasOwnPath(WsgiExchange exchange) =>
        _applications.Routes is { } routes && routes.IsOwnPath(routes.Find(exchange.Head, exchange.HeadBytes));

    /// <summary>The application; the GIL must be held.</summary>
    internal PyBorrowed Application(Route route) => _applications[route];

    /// <summary>What every environ has in common.</summary>
    internal PyBorrowed Constants => _constants;

    /// <summary>Imports the applications. On Python's main thread, without the GIL.</summary>
    /// <exception cref="AppLoadException">One cannot be loaded; its message names the cause in one line.</exception>
    internal static Gateway Load(GatewayOptions options)
    {
        using GilScope gil = GilScope.Enter();
        if (options.HasDeadline) _ = Interruption.Install(); // first: "from time import sleep" is to find ours
        return new Gateway(ApplicationTable.Load(options), options);
    }

    /// <summary>A gateway for an application that is there already. The GIL is held.</summary>
    internal static Gateway ForCallable(PyBorrowed application, GatewayOptions options) =>
        new(ApplicationTable.Of(application), options);

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
        _applications.Clear();
        _constants.Clear();
        Types.Clear();
        Files.Clear();
    }
}
