using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Seriema.CPython;

/// <summary>The interpreter of this process: started once, ended once, both on the same thread.</summary>
/// <remarks>
/// That thread is Python's main thread: signal handlers of the application run there, and only there may it set them.
/// </remarks>
internal static unsafe class PythonRuntime
{
    private static volatile bool s_running;
    private static volatile bool s_closing;
    private static volatile bool s_joined;
    private static volatile bool s_ended;
    private static int s_mainThread;

    /// <summary>The running interpreter's version, such as "3.11.7"; empty before it runs.</summary>
    internal static string VersionText { get; private set; } = "";

    internal static bool IsRunning => s_running;

    /// <summary>Whether <see cref="FinalizeInterpreter"/> has begun.</summary>
    internal static bool IsClosing => s_closing;

    /// <summary>Whether Python's own threads have been waited for, so that the rest are daemons about to be cut
    /// off.</summary>
    internal static bool HasJoinedThreads => s_joined;

    /// <summary>Whether no Python call is possible any more.</summary>
    internal static bool HasEnded => s_ended;

    /// <summary>Whether the calling thread is the one that ends the interpreter.</summary>
    internal static bool IsClosingThread => s_closing && Environment.CurrentManagedThreadId == s_mainThread;

    /// <summary>Loads the library and starts the interpreter as that interpreter's own executable would; the GIL is
    /// free after.</summary>
    /// <param name="argv">Becomes <c>sys.argv</c>.</param>
    /// <exception cref="PythonNotFoundException">The library cannot be used.</exception>
    /// <exception cref="InvalidOperationException">It was started before: there is one interpreter per
    /// process.</exception>
    /// <remarks>A standard library that cannot be found ends the process, with Python's own message.</remarks>
    internal static void Initialize(PythonInstallation installation, IReadOnlyList<string> argv)
    {
        if (s_running || s_ended) throw new InvalidOperationException("Python can be started once per process");
        LibPython.Load(installation.Library);
        // From here on in methods of their own: they are compiled only now that the bindings can be found.
        CheckLibrary(installation);
        Start(installation, argv);
        s_mainThread = Environment.CurrentManagedThreadId;
        VersionText = installation.VersionText;
        s_running = true;
    }

    /// <summary>
    /// Ends the interpreter: waits for Python's non-daemon threads, runs <c>atexit</c> handlers, flushes standard
    /// output.
    /// </summary>
    /// <returns>0, or -1 when buffered output could not be written.</returns>
    /// <remarks>
    /// On the thread that started it, without the GIL. From its start on no other thread gets the GIL through a scope:
    /// it
    /// stops there for good. A thread that is still inside Python then would be cut off under managed frames, so in
    /// that
    /// case the handlers and the flush run but the interpreter itself is left standing, to end with the process.
    /// </remarks>
    internal static int FinalizeInterpreter()
    {
        if (!s_running) return 0;
        if (Environment.CurrentManagedThreadId != s_mainThread)
        {
            throw new InvalidOperationException("Python must be ended on the thread that started it");
        }
        s_closing = true;
        // Pairs with "_holds = true; read IsClosing" on the other threads, which have no barrier of their own.
        Interlocked.MemoryBarrierProcessWide();
        return End();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int End()
    {
        PythonThread.Current.Acquire();
        bool stuck = PythonThread.AnyOtherHolds();
        // Python would do these two itself, but C# has to know when its own threads are joined.
        if (!stuck) RunQuietly("threading", "_shutdown");
        s_joined = true;
        Interlocked.MemoryBarrierProcessWide();
        int result = 0;
        if (stuck || PythonThread.AnyOtherHolds())
        {
            RunQuietly("atexit", "_run_exitfuncs");
            result = Flush("stdout") | Flush("stderr");
        }
        else
        {
            result = Python.Py_FinalizeEx();
            s_ended = true;
        }
        s_running = false;
        return result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckLibrary(PythonInstallation installation)
    {
        string loaded = Marshal.PtrToStringUTF8((nint)Python.Py_GetVersion()) ?? "";
        if (!loaded.StartsWith($"{installation.Version.ToString(2)}.", StringComparison.Ordinal))
        {
            throw new PythonNotFoundException(
                $"{installation.Library} is Python {loaded.Split(' ')[0]}, "
                + $"but {installation.Executable} is {installation.VersionText}");
        }
        // Reference counts and types are read in place: refuse a build with another object header (Py_TRACE_REFS, no
        // GIL).
        if (Python.Py_TYPE(new PyBorrowed(PythonData.TypeType)) != PythonData.TypeType)
        {
            throw new PythonNotFoundException(
                $"{installation.Library} is a free-threaded or Py_TRACE_REFS build of Python, which is not supported");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Start(PythonInstallation installation, IReadOnlyList<string> argv)
    {
        if (WantsUtf8Mode()) SetUtf8Mode();
        // Python finds its prefix, pyvenv.cfg and site-packages from the program's name. wchar_t is 32 bits on Linux.
        byte[] name = Encoding.UTF32.GetBytes(installation.Executable + '\0');
        byte* kept = (byte*)NativeMemory.Alloc((nuint)name.Length); // never freed: Python keeps the pointer
        name.CopyTo(new Span<byte>(kept, name.Length));
        Python.Py_SetProgramName((nint)kept);

        Python.Py_InitializeEx(0); // 0: signals stay with the server
        try
        {
            SetArgv(argv);
            // The first import of threading decides which thread is threading.main_thread().
            Python.PyImport_ImportModule("threading").OrThrow().Dispose();
        }
        finally
        {
            PythonThread.AdoptMain();
        }
    }

    /// <summary>PEP 540: <c>python3</c> turns UTF-8 mode on by PYTHONUTF8=1, or by itself in the C and POSIX
    /// locales.</summary>
    /// <remarks>The embedded start looks at neither of them, only at the variable that <see cref="SetUtf8Mode"/>
    /// sets.</remarks>
    private static bool WantsUtf8Mode()
    {
        switch (Environment.GetEnvironmentVariable("PYTHONUTF8"))
        {
            case "1": return true;
            case "0": return false;
        }
        byte empty = 0;
        HostLibc.setlocale(HostLibc.LC_CTYPE, &empty); // as Python's start does; fails and changes nothing if unknown here
        string? locale = Marshal.PtrToStringUTF8((nint)HostLibc.setlocale(HostLibc.LC_CTYPE, null));
        return locale is null or "C" or "POSIX";
    }

    private static void SetUtf8Mode()
    {
        nint flag = LibPython.TryGetSymbol("Py_UTF8Mode");
        if (flag != 0) *(int*)flag = 1;
    }

    private static void SetArgv(IReadOnlyList<string> argv)
    {
        using PyOwned list = Python.PyList_New(argv.Count).OrThrow();
        for (int i = 0; i < argv.Count; i++)
        {
            PyOwned item = PyStrings.FromFileName(argv[i]).OrThrow();
            if (Python.PyList_SetItem(list, i, item.Steal()) < 0) PythonException.ThrowPending();
        }
        if (Python.PySys_SetObject("argv", list) < 0) PythonException.ThrowPending();
    }

    private static void RunQuietly(string module, string function)
    {
        using PyOwned imported = Python.PyImport_ImportModule(module);
        if (!imported.IsNull)
        {
            using PyOwned result = PyCalls.CallMethod(imported, function);
            if (!result.IsNull) return;
        }
        Python.PyErr_WriteUnraisable(imported);
    }

    private static int Flush(string stream)
    {
        PyBorrowed file = Python.PySys_GetObject(stream);
        if (file.IsNull || file.IsNone) return 0;
        using PyOwned result = PyCalls.CallMethod(file, "flush");
        if (!result.IsNull) return 0;
        Python.PyErr_Clear();
        return -1;
    }
}
