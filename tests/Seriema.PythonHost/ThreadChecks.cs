using Seriema.CPython;

namespace Seriema.PythonHost;

internal static class ThreadChecks
{
    internal static (string, Action)[] All =>
    [
        ("Many_threads_take_turns", Many_threads_take_turns),
        ("Thread_keeps_its_state", Thread_keeps_its_state),
        ("Scope_inside_a_scope_does_nothing", Scope_inside_a_scope_does_nothing),
        ("Python_threads_run_while_the_GIL_is_released", Python_threads_run_while_the_GIL_is_released),
        ("Python_threads_run_between_scopes", Python_threads_run_between_scopes),
        ("Detached_thread_leaves_no_state", Detached_thread_leaves_no_state),
        ("Extensions_find_our_thread_state", Extensions_find_our_thread_state),
        ("Scope_inside_a_release_is_safe", Scope_inside_a_release_is_safe),
    ];

    private static void OnThread(Action work)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // carried over to the thread that waits
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        });
        thread.Start();
        Checks.That(thread.Join(TimeSpan.FromSeconds(30)), "the thread does not end: a deadlock");
        if (failure is not null) throw new InvalidOperationException(failure.ToString());
    }

    private static void Many_threads_take_turns()
    {
        nint dict;
        using (GilScope gil = GilScope.Enter()) dict = PyCode.Run("n = 0\ndef f():\n    global n\n    n = n + 1", "<turns>").Take();
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (int k = 0; k < 500; k++)
                {
                    using GilScope gil = GilScope.Enter();
                    using PyOwned result = PyCalls.Call(Python.PyDict_GetItemString(new PyBorrowed(dict), "f")).OrThrow();
                }
                PythonThread.Detach();
            });
            threads[i].Start();
        }
        foreach (Thread thread in threads) Checks.That(thread.Join(TimeSpan.FromSeconds(30)), "deadlock");
        using GilScope last = GilScope.Enter();
        long n = Python.PyLong_AsLongLong(Python.PyDict_GetItemString(new PyBorrowed(dict), "n"));
        Python.Py_DecRef(dict);
        Checks.Equal(8L * 500, n, "calls");
    }

    private static void Thread_keeps_its_state() => OnThread(() =>
    {
        nint first, second;
        using (GilScope gil = GilScope.Enter()) first = Python.PyThreadState_Get();
        using (GilScope gil = GilScope.Enter()) second = Python.PyThreadState_Get();
        Checks.Equal(first, second, "thread state");
        PythonThread.Detach();
    });

    private static void Scope_inside_a_scope_does_nothing()
    {
        using GilScope outer = GilScope.Enter();
        using (GilScope inner = GilScope.Enter()) Checks.That(PythonThread.HoldsGil, "inside both");
        Checks.That(PythonThread.HoldsGil, "still inside the outer one");
        Checks.Equal(1, Python.PyGILState_Check(), "PyGILState_Check");
        using (GilRelease.Begin()) Checks.That(!PythonThread.HoldsGil, "released");
        Checks.That(PythonThread.HoldsGil, "taken again");
    }

    private static void Python_threads_run_while_the_GIL_is_released()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("""
            import threading, os
            r, w = os.pipe()
            thread = threading.Thread(target=lambda: os.write(w, b'ran'))
            thread.start()
            """, "<release>");
        using (GilRelease.Begin())
        {
            // Python's thread needs the GIL to get here: the read returns because it was free.
            OnThread(() =>
            {
                using GilScope other = GilScope.Enter();
                using PyOwned joined = PyCode.Run("import threading\nfor t in threading.enumerate():\n    "
                    + "if t.name.startswith('Thread-'): t.join(20)", "<join>");
            });
        }
        using PyOwned text = PyCode.Evaluate("os.read(r, 10)", globals);
        Checks.Equal("ran", System.Text.Encoding.UTF8.GetString(Python.PyBytes_AsSpan(text)), "what the thread wrote");
    }

    private static void Python_threads_run_between_scopes()
    {
        nint thread;
        using (GilScope gil = GilScope.Enter())
        {
            using PyOwned globals = PyCode.Run("import threading\nevent = threading.Event()\n"
                + "def work():\n    while not event.is_set(): pass\n    event2.set()\nevent2 = threading.Event()\n"
                + "t = threading.Thread(target=work)\nt.start()", "<between>");
            thread = Python.PyDict_Copy(globals).Take();
        }
        using (GilScope gil = GilScope.Enter())
        {
            PyBorrowed names = new(thread);
            PyCalls.CallMethod(Python.PyDict_GetItemString(names, "event"), "set").OrThrow().Dispose();
            PyCalls.CallMethod(Python.PyDict_GetItemString(names, "t"), "join").OrThrow().Dispose();
            using PyOwned set = PyCalls.CallMethod(Python.PyDict_GetItemString(names, "event2"), "is_set").OrThrow();
            Checks.That(set.Raw == PythonData.True, "the Python thread went on");
            Python.Py_DecRef(thread);
        }
    }

    private static void Detached_thread_leaves_no_state()
    {
        nint globals;
        using (GilScope gil = GilScope.Enter())
        {
            globals = PyCode.Run("""
                import threading
                ended = []
                class Ends:
                    def __del__(self): ended.append(1)
                local = threading.local()
                def use(): local.value = Ends()
                """, "<local>").Take();
        }
        OnThread(() =>
        {
            using (GilScope gil = GilScope.Enter())
            {
                PyCalls.Call(Python.PyDict_GetItemString(new PyBorrowed(globals), "use")).OrThrow().Dispose();
            }
            PythonThread.Detach();
            Checks.Equal((nint)0, Python.PyGILState_GetThisThreadState(), "the state");
            PythonThread.Detach(); // a second time is harmless
            using (GilScope again = GilScope.Enter()) Checks.That(Python.PyThreadState_Get() != 0, "a new state");
            PythonThread.Detach();
        });
        using GilScope last = GilScope.Enter();
        nint count = Python.PyList_Size(Python.PyDict_GetItemString(new PyBorrowed(globals), "ended"));
        Python.Py_DecRef(globals);
        Checks.Equal((nint)1, count, "the thread's locals were freed");
    }

    private static void Extensions_find_our_thread_state() => OnThread(() =>
    {
        using (GilScope gil = GilScope.Enter())
        {
            Checks.Equal(Python.PyThreadState_Get(), Python.PyGILState_GetThisThreadState(), "PyGILState's view");
            // ctypes releases the GIL for the call and comes back through PyGILState_Ensure.
            using PyOwned globals = PyCode.Run("""
                import ctypes, threading
                seen = []
                callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: seen.append(threading.get_ident()) or 7)
                result = callback()
                same = seen == [threading.get_ident()]
                """, "<ctypes>");
            Checks.That(Python.PyDict_GetItemString(globals, "same").Raw == PythonData.True, "the same thread");
        }
        PythonThread.Detach();
    });

    private static void Scope_inside_a_release_is_safe() => OnThread(() =>
    {
        using (GilScope gil = GilScope.Enter())
        {
            using (GilRelease.Begin())
            {
                using GilScope inner = GilScope.Enter();
                using PyOwned list = Python.PyList_New(0).OrThrow();
            }
            Checks.Equal(1, Python.PyGILState_Check(), "held again");
        }
        PythonThread.Detach();
    });
}
