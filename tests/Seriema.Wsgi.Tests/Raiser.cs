using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>A thread that raises the exception of a deadline in another one, again and again or once.</summary>
internal sealed class Raiser : IDisposable
{
    // Whether a request is at the line of tests/apps/deadlines.py that waits; sleeping is a function of the server.
    private const string Source = """
        import sys
        waits = any(
            frame.f_code.co_name == "compute"
            or frame.f_code.co_filename == "<seriema>" and frame.f_back.f_code.co_filename.endswith("deadlines.py")
            for frame in sys._current_frames().values())
        """;

    private readonly GatewayThread _target;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <param name="target">Whose request is interrupted.</param>
    /// <param name="onlyOnce">Only when it waits in tests/apps/deadlines.py, and then no more.</param>
    internal Raiser(GatewayThread target, bool onlyOnce = false)
    {
        _target = target;
        _thread = new Thread(() =>
        {
            while (!_stopped && !(TryRaise(onlyOnce) && onlyOnce)) Thread.Yield();
        });
        _thread.Start();
    }

    /// <summary>Where the target was when it was interrupted.</summary>
    internal string Stack { get; private set; } = "";

    /// <summary>One try, on another thread.</summary>
    internal static bool Once(GatewayThread target, Func<bool> isPresent)
    {
        bool raised = false;
        Thread thread = new(() =>
        {
            using GilScope gil = GilScope.Enter();
            raised = target.Interrupts.TryRaise(isPresent, out _);
        });
        thread.Start();
        thread.Join();
        return raised;
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
    }

    private bool TryRaise(bool onlyWaiting)
    {
        using GilScope gil = GilScope.Enter();
        if (onlyWaiting)
        {
            using PyOwned names = PyCode.Run(Source, "<test>");
            if (Python.PyObject_IsTrue(Python.PyDict_GetItemString(names, "waits")) != 1) return false;
        }
        if (!_target.Interrupts.TryRaise(() => true, out string stack)) return false;
        Stack = stack;
        return true;
    }
}
