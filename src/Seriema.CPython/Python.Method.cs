using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>methodobject.h and pycapsule.h: C functions as Python objects.</summary>
internal static unsafe partial class Python
{
    internal const int METH_VARARGS = 0x0001, METH_KEYWORDS = 0x0002, METH_NOARGS = 0x0004, METH_O = 0x0008;
    internal const int METH_CLASS = 0x0010, METH_STATIC = 0x0020, METH_FASTCALL = 0x0080;

    // PyObject *PyCFunction_NewEx(PyMethodDef *ml, PyObject *self, PyObject *module)
    /// <param name="method">Must live as long as the function does: native memory, never freed.</param>
    /// <param name="self">What the function gets as its first argument; it takes its own reference. May be
    /// null.</param>
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyCFunction_NewEx(PyMethodDef* method, PyBorrowed self, PyBorrowed module);

    // PyObject *PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor destructor)
    /// <param name="name">Not copied: must outlive the capsule (a u8 literal does). May be null.</param>
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyCapsule_New(nint pointer, byte* name, delegate* unmanaged[Cdecl]<nint, void> destructor);

    // void *PyCapsule_GetPointer(PyObject *capsule, const char *name)
    /// <returns>0 with ValueError set when it is no capsule of that name.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyCapsule_GetPointer(PyBorrowed capsule, byte* name);

    // int PyCapsule_SetPointer(PyObject *capsule, void *pointer)
    [LibraryImport(Lib)]
    internal static partial int PyCapsule_SetPointer(PyBorrowed capsule, nint pointer);
}

/// <summary>methodobject.h <c>struct PyMethodDef</c>.</summary>
internal unsafe struct PyMethodDef
{
    internal byte* ml_name;
    internal void* ml_meth;
    internal int ml_flags;
    internal byte* ml_doc;
}
