using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>tupleobject.h: tuple.</summary>
internal static unsafe partial class Python
{
    internal static bool PyTuple_CheckExact(PyBorrowed o) => Py_TYPE(o) == PythonData.TupleType;

    internal static bool PyTuple_Check(PyBorrowed o) =>
        PyTuple_CheckExact(o) || HasTypeFlag(o, Py_TPFLAGS_TUPLE_SUBCLASS);

    // PyObject *PyTuple_New(Py_ssize_t len)
    /// <returns>New reference; its items are null until <see cref="PyTuple_SetItem"/> has set every one.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyTuple_New(nint length);

    // Py_ssize_t PyTuple_Size(PyObject *p)
    /// <remarks>For a tuple only.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyTuple_Size(PyBorrowed tuple);

    // PyObject *PyTuple_GetItem(PyObject *p, Py_ssize_t pos)
    /// <remarks>For a tuple and an index inside it only: an IndexError could run Python code in this kind of
    /// call.</remarks>
    /// <returns>Borrowed from <paramref name="tuple"/>.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyBorrowed PyTuple_GetItem(PyBorrowed tuple, nint pos);

    // int PyTuple_SetItem(PyObject *p, Py_ssize_t pos, PyObject *o)
    /// <remarks>Steals <paramref name="item"/>, on failure too. Only while the caller has the only reference to the
    /// tuple.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyTuple_SetItem(PyBorrowed tuple, nint pos, PyStolen item);
}
