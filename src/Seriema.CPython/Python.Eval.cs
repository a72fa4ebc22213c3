using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>ceval.h and pythonrun.h: source text, the GIL, pending calls.</summary>
internal static unsafe partial class Python
{
    internal const int Py_single_input = 256, Py_file_input = 257, Py_eval_input = 258;

    // PyObject *Py_CompileString(const char *str, const char *filename, int start)
    /// <returns>New reference to a code object; null with SyntaxError set.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned Py_CompileString(string source, string filename, int start);

    // PyObject *PyEval_EvalCode(PyObject *co, PyObject *globals, PyObject *locals)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyEval_EvalCode(PyBorrowed code, PyBorrowed globals, PyBorrowed locals);

    // PyObject *PyEval_GetBuiltins(void)
    /// <returns>Borrowed.</returns>
    [LibraryImport(Lib)]
    internal static partial PyBorrowed PyEval_GetBuiltins();

    // PyThreadState *PyEval_SaveThread(void)
    /// <returns>The thread state that held the GIL; no thread state is current afterwards.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyEval_SaveThread();

    // void PyEval_RestoreThread(PyThreadState *tstate)
    /// <remarks>Waits for the GIL. Once the interpreter is being finalized it never returns (it ends or parks the
    /// thread).</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyEval_RestoreThread(nint state);

    // int Py_AddPendingCall(int (*func)(void *), void *arg)
    /// <remarks>Needs no GIL. The function runs on Python's main thread, at its next chance.</remarks>
    [LibraryImport(Lib)]
    internal static partial int Py_AddPendingCall(delegate* unmanaged[Cdecl]<nint, int> function, nint argument);

    // int Py_MakePendingCalls(void)
    [LibraryImport(Lib)]
    internal static partial int Py_MakePendingCalls();

    // Py_ssize_t PyGC_Collect(void)   (objimpl.h)
    [LibraryImport(Lib)]
    internal static partial nint PyGC_Collect();
}
