using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>object.h, objimpl.h, typeslots.h: types made at run time.</summary>
internal static unsafe partial class Python
{
    internal const uint Py_TPFLAGS_BASETYPE = 1u << 10, Py_TPFLAGS_HAVE_GC = 1u << 14, Py_TPFLAGS_DEFAULT = 1u << 18;

    // From 3.10 on; earlier versions ignore the bits.
    internal const uint Py_TPFLAGS_DISALLOW_INSTANTIATION = 1u << 7, Py_TPFLAGS_IMMUTABLETYPE = 1u << 8;

    // typeslots.h: the numbers are part of the stable ABI.
    internal const int Py_mp_ass_subscript = 3, Py_mp_length = 4, Py_mp_subscript = 5;
    internal const int Py_sq_ass_item = 39, Py_sq_concat = 40, Py_sq_contains = 41, Py_sq_item = 44, Py_sq_length = 45;
    internal const int Py_tp_alloc = 47, Py_tp_base = 48, Py_tp_bases = 49, Py_tp_call = 50, Py_tp_clear = 51;
    internal const int Py_tp_dealloc = 52, Py_tp_del = 53, Py_tp_descr_get = 54, Py_tp_descr_set = 55, Py_tp_doc = 56;
    internal const int Py_tp_getattr = 57, Py_tp_getattro = 58, Py_tp_hash = 59, Py_tp_init = 60, Py_tp_is_gc = 61;
    internal const int Py_tp_iter = 62, Py_tp_iternext = 63, Py_tp_methods = 64, Py_tp_new = 65, Py_tp_repr = 66;
    internal const int Py_tp_richcompare = 67, Py_tp_setattr = 68, Py_tp_setattro = 69, Py_tp_str = 70;
    internal const int Py_tp_traverse = 71, Py_tp_members = 72, Py_tp_getset = 73, Py_tp_free = 74, Py_tp_finalize = 80;

    // structmember.h / descrobject.h, stable since 3.2: member types and flags for Py_tp_members
    internal const int T_INT = 1, T_OBJECT = 6, T_OBJECT_EX = 16, T_PYSSIZET = 19, READONLY = 1;

    // PyObject *PyType_FromSpec(PyType_Spec *spec)
    /// <param name="spec">Read during the call, but method, member and getset tables and the name must live on.</param>
    /// <returns>New reference to a heap type; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyType_FromSpec(PyType_Spec* spec);

    // PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems)
    /// <remarks>Zeroed memory, one reference to the object and one to its heap type.</remarks>
    /// <returns>New reference; null with MemoryError set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyType_GenericAlloc(nint type, nint items);

    // PyObject *PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwds)
    [LibraryImport(Lib)]
    internal static partial PyOwned PyType_GenericNew(nint type, PyBorrowed args, PyBorrowed kwargs);

    // void *PyType_GetSlot(PyTypeObject *type, int slot)
    [LibraryImport(Lib)]
    internal static partial nint PyType_GetSlot(nint type, int slot);

    // void PyObject_Free(void *p)
    [LibraryImport(Lib)]
    internal static partial void PyObject_Free(nint o);

    // void PyObject_GC_Track(PyObject *op)
    [LibraryImport(Lib)]
    internal static partial void PyObject_GC_Track(nint o);

    // void PyObject_GC_UnTrack(void *op)
    [LibraryImport(Lib)]
    internal static partial void PyObject_GC_UnTrack(nint o);

    // void PyObject_GC_Del(void *op)
    [LibraryImport(Lib)]
    internal static partial void PyObject_GC_Del(nint o);

    // PyObject *PyObject_GenericGetAttr(PyObject *o, PyObject *name)
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_GenericGetAttr(PyBorrowed o, PyBorrowed name);

    // PyObject *PyObject_SelfIter(PyObject *obj)
    /// <summary>The address of PyObject_SelfIter, for the Py_tp_iter slot of an iterator.</summary>
    internal static void* PyObject_SelfIter => (void*)LibPython.GetSymbol("PyObject_SelfIter");
}

/// <summary>object.h <c>PyType_Slot</c>; a table of them ends with a zeroed one.</summary>
internal unsafe struct PyType_Slot
{
    internal int slot;
    internal void* pfunc;
}

/// <summary>object.h <c>PyType_Spec</c>.</summary>
internal unsafe struct PyType_Spec
{
    internal byte* name;
    internal int basicsize;
    internal int itemsize;
    internal uint flags;
    internal PyType_Slot* slots;
}

/// <summary>descrobject.h <c>PyGetSetDef</c>; a table of them ends with a zeroed one.</summary>
internal unsafe struct PyGetSetDef
{
    internal byte* name;
    internal delegate* unmanaged[Cdecl]<nint, nint, nint> get;
    internal delegate* unmanaged[Cdecl]<nint, nint, nint, int> set;
    internal byte* doc;
    internal nint closure;
}

/// <summary>descrobject.h <c>PyMemberDef</c>; a table of them ends with a zeroed one.</summary>
internal unsafe struct PyMemberDef
{
    internal byte* name;
    internal int type;
    internal nint offset;
    internal int flags;
    internal byte* doc;
}
