using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>listobject.h: list.</summary>
internal static unsafe partial class Python
{
    internal static bool PyList_CheckExact(PyBorrowed o) => Py_TYPE(o) == PythonData.ListType;

    internal static bool PyList_Check(PyBorrowed o) => PyList_CheckExact(o) || HasTypeFlag(o, Py_TPFLAGS_LIST_SUBCLASS);

    // PyObject *PyList_New(Py_ssize_t len)
    /// <returns>New reference; its items are null until <see cref="PyList_SetItem"/> has set every one.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyList_New(nint length);

    // Py_ssize_t PyList_Size(PyObject *list)
    /// <remarks>For a list only.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyList_Size(PyBorrowed list);

    // PyObject *PyList_GetItem(PyObject *list, Py_ssize_t index)
    /// <remarks>For a list and an index inside it only: an IndexError could run Python code in this kind of
    /// call.</remarks>
    /// <returns>Borrowed from <paramref name="list"/>, which other code may change.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyBorrowed PyList_GetItem(PyBorrowed list, nint index);

    // int PyList_SetItem(PyObject *list, Py_ssize_t index, PyObject *item)
    /// <remarks>Steals <paramref name="item"/>, on failure too.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyList_SetItem(PyBorrowed list, nint index, PyStolen item);

    // int PyList_Insert(PyObject *list, Py_ssize_t index, PyObject *item)
    /// <remarks>Takes its own reference to the item.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyList_Insert(PyBorrowed list, nint index, PyBorrowed item);

    // int PyList_Append(PyObject *list, PyObject *item)
    /// <remarks>Takes its own reference to the item.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyList_Append(PyBorrowed list, PyBorrowed item);
}
