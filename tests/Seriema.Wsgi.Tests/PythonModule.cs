using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>Python source that was run; its names can be called and served. Takes the GIL in each method.</summary>
internal sealed class PythonModule : IDisposable
{
    private nint _names;

    internal PythonModule(string source)
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned names = PyCode.Run(source, "<test>");
        _names = names.Borrow().ToOwned().Take();
    }

    internal Gateway Gateway(string application, LogRecorder log)
    {
        using GilScope gil = GilScope.Enter();
        return Wsgi.Gateway.ForCallable(
            Python.PyDict_GetItemString(new PyBorrowed(_names), application),
            new GatewayOptions { Application = application, LoggerFactory = log, HasDeadline = true });
    }

    internal void Call(string function, string argument)
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned text = PyStrings.FromText(argument).OrThrow();
        PyCalls.Call(Python.PyDict_GetItemString(new PyBorrowed(_names), function), text).OrThrow().Dispose();
    }

    public void Dispose()
    {
        using GilScope gil = GilScope.Enter();
        new PyOwned(_names).Dispose();
        _names = 0;
    }
}
