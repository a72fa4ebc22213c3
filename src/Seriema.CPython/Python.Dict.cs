using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>dictobject.h: dict.</summary>
internal static unsafe partial class Python
{
    internal static bool PyDict_CheckExact(PyBorrowed o) => Py_TYPE(o) == PythonData.DictType;

    internal static bool PyDict_Check(PyBorrowed o) => PyDict_CheckExact(o) || HasTypeFlag(o, Py_TPFLAGS_DICT_SUBCLASS);

    // PyObject *PyDict_New(void)
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyDict_New();

    // PyObject *PyDict_Copy(PyObject *p)
    /// <returns>New reference to a shallow copy; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyDict_Copy(PyBorrowed dict);

    // int PyDict_SetItem(PyObject *p, PyObject *key, PyObject *val)
    /// <remarks>Takes its own references to both; the caller still disposes what it owns.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyDict_SetItem(PyBorrowed dict, PyBorrowed key, PyBorrowed value);

    // int PyDict_SetItemString(PyObject *p, const char *key, PyObject *val)
    /// <remarks>Takes its own reference to the value.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyDict_SetItemString(PyBorrowed dict, byte* key, PyBorrowed value);

    /// <inheritdoc cref="PyDict_SetItemString(PyBorrowed, byte*, PyBorrowed)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PyDict_SetItemString(PyBorrowed dict, string key, PyBorrowed value);

    // PyObject *PyDict_GetItemWithError(PyObject *p, PyObject *key)
    /// <returns>Borrowed from <paramref name="dict"/>; null with no error set when the key is absent.</returns>
    [LibraryImport(Lib)]
    internal static partial PyBorrowed PyDict_GetItemWithError(PyBorrowed dict, PyBorrowed key);

    // PyObject *PyDict_GetItemString(PyObject *p, const char *key)
    /// <returns>Borrowed; null when absent. Errors are swallowed, so only for dicts whose keys are plain str.</returns>
    [LibraryImport(Lib)]
    internal static partial PyBorrowed PyDict_GetItemString(PyBorrowed dict, byte* key);

    /// <inheritdoc cref="PyDict_GetItemString(PyBorrowed, byte*)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyBorrowed PyDict_GetItemString(PyBorrowed dict, string key);

    // int PyDict_DelItem(PyObject *p, PyObject *key)
    /// <returns>0, or -1 with KeyError set.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyDict_DelItem(PyBorrowed dict, PyBorrowed key);

    // int PyDict_Next(PyObject *p, Py_ssize_t *ppos, PyObject **pkey, PyObject **pvalue)
    /// <remarks>Key and value are borrowed. The dict must keep its keys while it is walked.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial int PyDict_Next(PyBorrowed dict, nint* pos, nint* key, nint* value);

    // Py_ssize_t PyDict_Size(PyObject *p)
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyDict_Size(PyBorrowed dict);
}
