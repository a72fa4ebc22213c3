using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>pyerrors.h: the error indicator of the calling thread.</summary>
internal static unsafe partial class Python
{
    internal static PyBorrowed PyExc_BaseException => new(PythonData.BaseException);
    internal static PyBorrowed PyExc_Exception => new(PythonData.Exception);
    internal static PyBorrowed PyExc_AssertionError => new(PythonData.AssertionError);
    internal static PyBorrowed PyExc_AttributeError => new(PythonData.AttributeError);
    internal static PyBorrowed PyExc_BrokenPipeError => new(PythonData.BrokenPipeError);
    internal static PyBorrowed PyExc_ConnectionError => new(PythonData.ConnectionError);
    internal static PyBorrowed PyExc_ConnectionAbortedError => new(PythonData.ConnectionAbortedError);
    internal static PyBorrowed PyExc_ConnectionResetError => new(PythonData.ConnectionResetError);
    internal static PyBorrowed PyExc_ImportError => new(PythonData.ImportError);
    internal static PyBorrowed PyExc_KeyboardInterrupt => new(PythonData.KeyboardInterrupt);
    internal static PyBorrowed PyExc_KeyError => new(PythonData.KeyError);
    internal static PyBorrowed PyExc_MemoryError => new(PythonData.MemoryError);
    internal static PyBorrowed PyExc_ModuleNotFoundError => new(PythonData.ModuleNotFoundError);
    internal static PyBorrowed PyExc_OSError => new(PythonData.OSError);
    internal static PyBorrowed PyExc_RuntimeError => new(PythonData.RuntimeError);
    internal static PyBorrowed PyExc_StopIteration => new(PythonData.StopIteration);
    internal static PyBorrowed PyExc_SystemError => new(PythonData.SystemError);
    internal static PyBorrowed PyExc_SystemExit => new(PythonData.SystemExit);
    internal static PyBorrowed PyExc_TimeoutError => new(PythonData.TimeoutError);
    internal static PyBorrowed PyExc_TypeError => new(PythonData.TypeError);
    internal static PyBorrowed PyExc_UnicodeError => new(PythonData.UnicodeError);
    internal static PyBorrowed PyExc_ValueError => new(PythonData.ValueError);

    // PyObject *PyErr_Occurred(void)
    /// <returns>Borrowed type of the pending error, or null. Compare types with
    /// <see cref="PyErr_ExceptionMatches"/>.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyBorrowed PyErr_Occurred();

    // void PyErr_Clear(void)
    [LibraryImport(Lib)]
    internal static partial void PyErr_Clear();

    // int PyErr_ExceptionMatches(PyObject *exc)
    /// <remarks>Only while an error is pending.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyErr_ExceptionMatches(PyBorrowed type);

    // int PyErr_GivenExceptionMatches(PyObject *given, PyObject *exc)
    [LibraryImport(Lib)]
    internal static partial int PyErr_GivenExceptionMatches(PyBorrowed given, PyBorrowed type);

    // void PyErr_SetString(PyObject *type, const char *message)
    [LibraryImport(Lib)]
    internal static partial void PyErr_SetString(PyBorrowed type, byte* message);

    /// <inheritdoc cref="PyErr_SetString(PyBorrowed, byte*)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void PyErr_SetString(PyBorrowed type, string message);

    // void PyErr_SetObject(PyObject *type, PyObject *value)
    [LibraryImport(Lib)]
    internal static partial void PyErr_SetObject(PyBorrowed type, PyBorrowed value);

    // PyObject *PyErr_NoMemory(void)
    /// <returns>Always null, so that a callback can return it.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyErr_NoMemory();

    // void PyErr_Fetch(PyObject **ptype, PyObject **pvalue, PyObject **ptraceback)
    /// <remarks>Gives three new references, each may be null. Before 3.12 the way to take an error.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyErr_Fetch(nint* type, nint* value, nint* traceback);

    // void PyErr_NormalizeException(PyObject **exc, PyObject **val, PyObject **tb)
    [LibraryImport(Lib)]
    internal static partial void PyErr_NormalizeException(nint* type, nint* value, nint* traceback);

    // void PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
    [LibraryImport(Lib)]
    internal static partial void PyErr_Restore(PyStolen type, PyStolen value, PyStolen traceback);

    // PyObject *PyErr_GetRaisedException(void)
    /// <remarks>From 3.12 on.</remarks>
    /// <returns>New reference to the normalised exception with its traceback, or null.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyErr_GetRaisedException();

    // void PyErr_SetRaisedException(PyObject *exc)
    /// <remarks>From 3.12 on.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyErr_SetRaisedException(PyStolen exception);

    // int PyErr_CheckSignals(void)
    /// <remarks>Runs the application's signal handlers; does something on Python's main thread only.</remarks>
    /// <returns>0, or -1 with what a handler raised.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyErr_CheckSignals();

    // void PyErr_WriteUnraisable(PyObject *obj)
    /// <remarks>Reports the pending error through sys.unraisablehook and clears it.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyErr_WriteUnraisable(PyBorrowed where);

    // int PyException_SetTraceback(PyObject *ex, PyObject *tb)
    /// <remarks>Takes its own reference to the traceback.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyException_SetTraceback(PyBorrowed exception, PyBorrowed traceback);

    // PyObject *PyException_GetTraceback(PyObject *ex)
    /// <returns>New reference, or null without an error when there is none.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyException_GetTraceback(PyBorrowed exception);

    // void PyException_SetContext(PyObject *ex, PyObject *ctx)
    [LibraryImport(Lib)]
    internal static partial void PyException_SetContext(PyBorrowed exception, PyStolen context);

    // void PyErr_PrintEx(int set_sys_last_vars)   (pythonrun.h)
    /// <remarks>For SystemExit it ends the process without running any managed clean-up.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyErr_PrintEx(int setSysLastVars);
}
