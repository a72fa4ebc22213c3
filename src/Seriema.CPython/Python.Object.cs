using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>object.h: attributes, truth, text and types of any object.</summary>
internal static unsafe partial class Python
{
    // Py_TPFLAGS_…_SUBCLASS: one bit per built-in family, inherited by subclasses.
    internal const nuint Py_TPFLAGS_LONG_SUBCLASS = 1u << 24;
    internal const nuint Py_TPFLAGS_LIST_SUBCLASS = 1u << 25;
    internal const nuint Py_TPFLAGS_TUPLE_SUBCLASS = 1u << 26;
    internal const nuint Py_TPFLAGS_BYTES_SUBCLASS = 1u << 27;
    internal const nuint Py_TPFLAGS_UNICODE_SUBCLASS = 1u << 28;
    internal const nuint Py_TPFLAGS_DICT_SUBCLASS = 1u << 29;
    internal const nuint Py_TPFLAGS_BASE_EXC_SUBCLASS = 1u << 30;
    internal const nuint Py_TPFLAGS_TYPE_SUBCLASS = 1u << 31;

    internal const int Py_LT = 0, Py_LE = 1, Py_EQ = 2, Py_NE = 3, Py_GT = 4, Py_GE = 5;

    internal static PyBorrowed Py_None => new(PythonData.None);
    internal static PyBorrowed Py_True => new(PythonData.True);
    internal static PyBorrowed Py_False => new(PythonData.False);

    // void Py_IncRef(PyObject *o)
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial void Py_IncRef(PyBorrowed o);

    /// <inheritdoc cref="Py_IncRef(PyBorrowed)"/>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial void Py_IncRef(nint o);

    // void Py_DecRef(PyObject *o)
    /// <remarks>May free the object, and so run any Python code.</remarks>
    [LibraryImport(Lib)]
    internal static partial void Py_DecRef(PyStolen o);

    /// <inheritdoc cref="Py_DecRef(PyStolen)"/>
    [LibraryImport(Lib)]
    internal static partial void Py_DecRef(nint o);

    // #define Py_TYPE(o): ob_type, the second word of an object in every GIL build
    internal static nint Py_TYPE(PyBorrowed o) => ((nint*)o.Raw)[1];

    // unsigned long PyType_GetFlags(PyTypeObject *type)
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial nuint PyType_GetFlags(nint type);

    // int PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
    [LibraryImport(Lib)]
    internal static partial int PyType_IsSubtype(nint a, nint b);

    internal static bool HasTypeFlag(PyBorrowed o, nuint flag) => (PyType_GetFlags(Py_TYPE(o)) & flag) != 0;

    internal static bool PyType_Check(PyBorrowed o) => HasTypeFlag(o, Py_TPFLAGS_TYPE_SUBCLASS);

    // PyObject *PyObject_Type(PyObject *o)
    /// <returns>New reference to the object's type.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_Type(PyBorrowed o);

    // PyObject *PyObject_GetAttrString(PyObject *o, const char *attr_name)
    /// <returns>New reference; null with AttributeError or what a descriptor raised.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_GetAttrString(PyBorrowed o, byte* name);

    /// <inheritdoc cref="PyObject_GetAttrString(PyBorrowed, byte*)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned PyObject_GetAttrString(PyBorrowed o, string name);

    // PyObject *PyObject_GetAttr(PyObject *o, PyObject *attr_name)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_GetAttr(PyBorrowed o, PyBorrowed name);

    // int PyObject_SetAttrString(PyObject *o, const char *attr_name, PyObject *v)
    /// <remarks>Takes its own reference to the value.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyObject_SetAttrString(PyBorrowed o, byte* name, PyBorrowed value);

    /// <inheritdoc cref="PyObject_SetAttrString(PyBorrowed, byte*, PyBorrowed)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PyObject_SetAttrString(PyBorrowed o, string name, PyBorrowed value);

    // int PyObject_SetAttr(PyObject *o, PyObject *attr_name, PyObject *v)
    [LibraryImport(Lib)]
    internal static partial int PyObject_SetAttr(PyBorrowed o, PyBorrowed name, PyBorrowed value);

    // int PyObject_HasAttrString(PyObject *o, const char *attr_name)
    /// <remarks>Hides every error of the look-up, not only AttributeError.</remarks>
    [LibraryImport(Lib)]
    internal static partial int PyObject_HasAttrString(PyBorrowed o, byte* name);

    /// <inheritdoc cref="PyObject_HasAttrString(PyBorrowed, byte*)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PyObject_HasAttrString(PyBorrowed o, string name);

    // PyObject *PyObject_Str(PyObject *o)
    /// <returns>New reference to a str; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_Str(PyBorrowed o);

    // PyObject *PyObject_Repr(PyObject *o)
    /// <returns>New reference to a str; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_Repr(PyBorrowed o);

    // int PyObject_IsTrue(PyObject *o)
    /// <returns>1, 0, or -1 with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyObject_IsTrue(PyBorrowed o);

    // int PyObject_RichCompareBool(PyObject *o1, PyObject *o2, int opid)
    /// <returns>1, 0, or -1 with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyObject_RichCompareBool(PyBorrowed a, PyBorrowed b, int op);

    // Py_hash_t PyObject_Hash(PyObject *o)
    /// <returns>-1 with an error set when the object cannot be hashed.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyObject_Hash(PyBorrowed o);

    // int PyCallable_Check(PyObject *o)
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial int PyCallable_Check(PyBorrowed o);
}
