using Seriema.CPython;

namespace Seriema.PythonHost;

internal static class RuntimeChecks
{
    internal static (string, Action)[] All =>
    [
        ("Extension_modules_find_libpython", Extension_modules_find_libpython),
        ("Main_thread_is_the_one_that_started", Main_thread_is_the_one_that_started),
        ("Signals_stay_with_the_server", Signals_stay_with_the_server),
        ("Version_is_the_interpreters_own", Version_is_the_interpreters_own),
        ("Later_functions_are_guarded", Later_functions_are_guarded),
        ("Second_start_is_refused", Second_start_is_refused),
    ];

    private static void Extension_modules_find_libpython()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("import math, _socket, select, _struct, zlib\nassert math.sqrt(4) == 2", "<modules>");
    }

    private static void Main_thread_is_the_one_that_started()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("""
            import threading, signal
            assert threading.current_thread() is threading.main_thread()
            assert threading.main_thread().ident == threading.get_ident()
            hits = []
            old = signal.signal(signal.SIGUSR1, lambda *a: hits.append(a[0]))
            signal.raise_signal(signal.SIGUSR1)
            assert hits == [signal.SIGUSR1], hits
            signal.signal(signal.SIGUSR1, signal.SIG_DFL)
            """, "<main>");
    }

    private static void Signals_stay_with_the_server()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("""
            import signal
            assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN, signal.getsignal(signal.SIGPIPE)
            assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
            """, "<signals>");
    }

    private static void Version_is_the_interpreters_own()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("import platform\nversion = platform.python_version()", "<version>");
        Checks.Equal(PyStrings.ToText(Python.PyDict_GetItemString(globals, "version")), PythonRuntime.VersionText, "version");
    }

    private static void Later_functions_are_guarded()
    {
        Version version = Version.Parse(PythonRuntime.VersionText.Split('a', 'b', 'r', '+')[0]);
        Checks.Equal(version >= new Version(3, 12), PythonFeatures.RaisedException, "PyErr_GetRaisedException");
        unsafe
        {
            Checks.Equal(version >= new Version(3, 11), PythonFeatures.Vectorcall != null, "PyObject_Vectorcall");
        }
        Checks.Equal((nint)0, LibPython.TryGetSymbol("PyNo_SuchFunction"), "an unknown symbol");
    }

    private static void Second_start_is_refused()
    {
        try
        {
            PythonRuntime.Initialize(new PythonInstallation("/x", "/x", new Version(3, 9), "3.9.0"), []);
        }
        catch (InvalidOperationException)
        {
            return;
        }
        Checks.That(false, "a second Initialize must throw");
    }
}
