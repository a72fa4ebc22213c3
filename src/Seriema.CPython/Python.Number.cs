using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>longobject.h, floatobject.h, boolobject.h: numbers.</summary>
internal static unsafe partial class Python
{
    internal static bool PyLong_Check(PyBorrowed o) =>
        Py_TYPE(o) == PythonData.LongType || HasTypeFlag(o, Py_TPFLAGS_LONG_SUBCLASS);

    // PyObject *PyLong_FromLongLong(long long v)
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyOwned PyLong_FromLongLong(long value);

    // long long PyLong_AsLongLong(PyObject *obj)
    /// <returns>-1 with an error set when it is no int or does not fit.</returns>
    [LibraryImport(Lib)]
    internal static partial long PyLong_AsLongLong(PyBorrowed o);

    // Py_ssize_t PyLong_AsSsize_t(PyObject *pylong)
    /// <returns>-1 with an error set when it is no int or does not fit.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyLong_AsSsize_t(PyBorrowed o);

    // double PyFloat_AsDouble(PyObject *pyfloat)
    /// <returns>-1.0 with an error set when it is no number.</returns>
    [LibraryImport(Lib)]
    internal static partial double PyFloat_AsDouble(PyBorrowed o);

    // PyObject *PyFloat_FromDouble(double v)
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyOwned PyFloat_FromDouble(double value);

    // PyObject *PyBool_FromLong(long v)
    /// <returns>New reference to True or False.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyOwned PyBool_FromLong(nint value);
}
