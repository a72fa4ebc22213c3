using System.Runtime.CompilerServices;

namespace Seriema.CPython;

/// <summary>What Python knows about one managed thread: its thread state, made once and kept until the thread
/// ends.</summary>
/// <remarks>
/// Members are called on the thread itself, except <see cref="AnyOtherHolds"/>. A thread that Python started and that
/// got
/// here through a callback keeps Python's own state: for it the GIL is taken the PyGILState way.
/// </remarks>
internal sealed class PythonThread
{
    [ThreadStatic] private static PythonThread? t_current;
    private static readonly List<PythonThread> s_attached = [];

    private nint _state;       // 0: not attached, or a thread that Python owns
    private int _gilState;     // what PyGILState_Ensure said, on a thread that Python owns
    private volatile bool _holds; // wants or has the GIL through a GilScope

    internal static PythonThread Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? MakeCurrent();
    }

    /// <summary>The record of this thread if it ever took the GIL through us.</summary>
    internal static PythonThread? CurrentOrNull => t_current;

    /// <summary>Whether this thread has the GIL now: from a scope, or because Python is calling us.</summary>
    internal static bool HoldsGil =>
        t_current is { _holds: true } || (PythonRuntime.IsRunning && IsPythonThreadWithGil());

    internal bool Holds
    {
        get => _holds;
        set => _holds = value;
    }

    /// <summary>Takes over the state under which the interpreter was started, and releases the GIL.</summary>
    internal static void AdoptMain()
    {
        PythonThread main = Current;
        lock (s_attached) s_attached.Add(main);
        main._state = Python.PyEval_SaveThread();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Acquire()
    {
        _holds = true; // before the look at the gate; PythonRuntime makes the order hold with a process-wide barrier
        if (PythonRuntime.IsClosing) PassGate();
        if (_state != 0) Python.PyEval_RestoreThread(_state);
        else AcquireFirst();
        DeferredReleases.DrainIfAny();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Release()
    {
        if (_state != 0) Python.PyEval_SaveThread();
        else Python.PyGILState_Release(_gilState);
        _holds = false;
    }

    /// <summary>Gives back this thread's Python state: to be called, without the GIL, where a thread that took it
    /// ends.</summary>
    /// <remarks>Frees the thread's locals (threading.local), so Python code may run.</remarks>
    internal static void Detach()
    {
        PythonThread? thread = t_current;
        if (thread is null || thread._state == 0) return;
        if (thread._holds) throw new InvalidOperationException("the GIL is held by an outer scope of this thread");
        if (!PythonRuntime.IsClosing)
        {
            thread.Acquire();
            // The pair of the Ensure that made the state: its counter falls to 0, the state is cleared, deleted and the
            // GIL released in one step.
            Python.PyGILState_Release(Python.PyGILState_UNLOCKED);
            thread._holds = false;
        }
        thread._state = 0;
        t_current = null;
        lock (s_attached) s_attached.Remove(thread);
    }

    /// <summary>Any thread: whether a thread besides the calling one has the GIL or waits for it.</summary>
    internal static bool AnyOtherHolds()
    {
        lock (s_attached)
        {
            foreach (PythonThread thread in s_attached)
            {
                if (thread != t_current && thread._holds) return true;
            }
        }
        return false;
    }

    /// <summary>Stops a thread that wants the GIL of an interpreter that is going away; the thread that ends it
    /// passes.</summary>
    /// <remarks>
    /// Up to 3.13 Python ends such a thread with pthread_exit, which unwinds managed frames and aborts the process.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void PassGate()
    {
        if (PythonRuntime.IsClosingThread) return;
        PythonThread? thread = t_current;
        if (thread is not null) thread._holds = false;
        Thread.CurrentThread.IsBackground = true; // so that it does not keep the process alive
        Thread.Sleep(Timeout.Infinite);
    }

    private static PythonThread MakeCurrent()
    {
        PythonThread thread = new();
        t_current = thread;
        return thread;
    }

    private void AcquireFirst()
    {
        bool known = Python.PyGILState_GetThisThreadState() != 0;
        // Through PyGILState, so that C extensions that call it on this thread (ctypes callbacks, numpy) find the same
        // state.
        _gilState = Python.PyGILState_Ensure();
        if (known) return;
        _state = Python.PyThreadState_Get();
        lock (s_attached) s_attached.Add(this);
    }

    private static bool IsPythonThreadWithGil() =>
        Python.PyGILState_GetThisThreadState() != 0 && Python.PyGILState_Check() != 0;
}
