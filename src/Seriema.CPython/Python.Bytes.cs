using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>bytesobject.h: bytes.</summary>
internal static unsafe partial class Python
{
    internal static bool PyBytes_CheckExact(PyBorrowed o) => Py_TYPE(o) == PythonData.BytesType;

    internal static bool PyBytes_Check(PyBorrowed o) =>
        PyBytes_CheckExact(o) || HasTypeFlag(o, Py_TPFLAGS_BYTES_SUBCLASS);

    // PyObject *PyBytes_FromStringAndSize(const char *v, Py_ssize_t len)
    /// <param name="value">Null leaves the bytes unset, to be filled before anyone else sees the object.</param>
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyOwned PyBytes_FromStringAndSize(byte* value, nint length);

    // char *PyBytes_AsString(PyObject *o)
    /// <remarks>For a bytes object only: the TypeError for anything else could run Python code in this kind of
    /// call.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial byte* PyBytes_AsString(PyBorrowed bytes);

    // Py_ssize_t PyBytes_Size(PyObject *o)
    /// <remarks>For a bytes object only, as <see cref="PyBytes_AsString"/>.</remarks>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nint PyBytes_Size(PyBorrowed bytes);

    // int PyBytes_AsStringAndSize(PyObject *obj, char **buffer, Py_ssize_t *length)
    /// <returns>0, or -1 with TypeError set.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyBytes_AsStringAndSize(PyBorrowed bytes, byte** buffer, nint* length);

    /// <summary>The bytes of a bytes object; valid while it lives.</summary>
    internal static ReadOnlySpan<byte> PyBytes_AsSpan(PyBorrowed bytes) =>
        new(PyBytes_AsString(bytes), checked((int)PyBytes_Size(bytes)));
}
