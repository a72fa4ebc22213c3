using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>pylifecycle.h, pythonrun.h, sysmodule.h: start, end, sys.</summary>
internal static unsafe partial class Python
{
    // void Py_SetProgramName(const wchar_t *name)
    /// <param name="name">Not copied: must live as long as the process.</param>
    [LibraryImport(Lib)]
    internal static partial void Py_SetProgramName(nint name);

    // void Py_InitializeEx(int initsigs)
    /// <remarks>Returns with the GIL held. Ends the process when the standard library cannot be found.</remarks>
    [LibraryImport(Lib)]
    internal static partial void Py_InitializeEx(int initsigs);

    // int Py_FinalizeEx(void)
    /// <returns>-1 when buffered output could not be flushed.</returns>
    [LibraryImport(Lib)]
    internal static partial int Py_FinalizeEx();

    // int Py_IsInitialized(void)
    [LibraryImport(Lib)]
    internal static partial int Py_IsInitialized();

    // const char *Py_GetVersion(void)
    /// <remarks>Needs no GIL and no interpreter.</remarks>
    [LibraryImport(Lib)]
    internal static partial byte* Py_GetVersion();

    // PyObject *PySys_GetObject(const char *name)
    /// <returns>Borrowed; null without an error when sys has no such attribute.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyBorrowed PySys_GetObject(string name);

    // int PySys_SetObject(const char *name, PyObject *v)
    /// <remarks>Takes its own reference to the value.</remarks>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PySys_SetObject(string name, PyBorrowed value);
}
