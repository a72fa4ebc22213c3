using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>import.h and moduleobject.h.</summary>
internal static unsafe partial class Python
{
    // PyObject *PyImport_ImportModule(const char *name)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned PyImport_ImportModule(string name);

    // PyObject *PyImport_Import(PyObject *name)
    /// <returns>New reference to the module the dotted name ends in; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyImport_Import(PyBorrowed name);

    // PyObject *PyImport_AddModule(const char *name)
    /// <returns>Borrowed from sys.modules; the module is made when absent.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyBorrowed PyImport_AddModule(string name);

    // PyObject *PyModule_GetDict(PyObject *module)
    /// <returns>Borrowed from the module.</returns>
    [LibraryImport(Lib)]
    internal static partial PyBorrowed PyModule_GetDict(PyBorrowed module);

    // int PyModule_AddObject(PyObject *module, const char *name, PyObject *value)
    /// <remarks>Steals the value on success only: on failure the caller still owns it, unlike every other stealing
    /// call.</remarks>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PyModule_AddObject(PyBorrowed module, string name, nint value);

    // PyObject *PyModule_New(const char *name)
    /// <returns>New reference; not entered in sys.modules.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned PyModule_New(string name);
}
