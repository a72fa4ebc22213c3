using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>pystate.h: thread states and the interpreter.</summary>
internal static unsafe partial class Python
{
    internal const int PyGILState_LOCKED = 0, PyGILState_UNLOCKED = 1;

    // PyGILState_STATE PyGILState_Ensure(void)
    /// <remarks>Needs no GIL; takes it. Makes a thread state for a thread that has none.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyGILState_Ensure();

    // void PyGILState_Release(PyGILState_STATE state)
    [LibraryImport(Lib)]
    internal static partial void PyGILState_Release(int state);

    // PyThreadState *PyGILState_GetThisThreadState(void)
    /// <remarks>Needs no GIL.</remarks>
    /// <returns>The calling thread's own state, held or not; 0 when Python does not know the thread.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyGILState_GetThisThreadState();

    // int PyGILState_Check(void)
    /// <remarks>Needs no GIL; always 1 once a sub-interpreter was made. An export outside the limited API, in every
    /// version.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial int PyGILState_Check();

    // PyThreadState *PyThreadState_New(PyInterpreterState *interp)
    [LibraryImport(Lib)]
    internal static partial nint PyThreadState_New(nint interpreter);

    // PyThreadState *PyThreadState_Get(void)
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyThreadState_Get();

    // PyThreadState *PyThreadState_Swap(PyThreadState *tstate)
    [LibraryImport(Lib)]
    internal static partial nint PyThreadState_Swap(nint state);

    // void PyThreadState_Clear(PyThreadState *tstate)
    [LibraryImport(Lib)]
    internal static partial void PyThreadState_Clear(nint state);

    // void PyThreadState_DeleteCurrent(void)
    /// <remarks>Releases the GIL. An export outside the limited API, in every version.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyThreadState_DeleteCurrent();

    // int PyThreadState_SetAsyncExc(unsigned long id, PyObject *exc)
    /// <param name="id">Python's thread ident, <c>threading.get_ident()</c>.</param>
    /// <param name="exception">A type, or null to take an earlier request back.</param>
    [LibraryImport(Lib)]
    internal static partial int PyThreadState_SetAsyncExc(nuint id, PyBorrowed exception);

    // unsigned long PyThread_get_thread_ident(void)   (pythread.h)
    /// <remarks>Needs no GIL.</remarks>
    /// <returns>The calling thread's <c>threading.get_ident()</c>.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nuint PyThread_get_thread_ident();

    // PyInterpreterState *PyInterpreterState_Get(void)
    [LibraryImport(Lib)]
    internal static partial nint PyInterpreterState_Get();
}
