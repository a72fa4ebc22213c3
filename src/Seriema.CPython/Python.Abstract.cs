using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>abstract.h: calls, items, iteration.</summary>
internal static unsafe partial class Python
{
    // PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
    /// <param name="args">A tuple, never null.</param>
    /// <param name="kwargs">A dict or null.</param>
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_Call(PyBorrowed callable, PyBorrowed args, PyBorrowed kwargs);

    // PyObject *PyObject_CallObject(PyObject *callable, PyObject *args)
    /// <param name="args">A tuple, or null for a call without arguments.</param>
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_CallObject(PyBorrowed callable, PyBorrowed args);

    // PyObject *PyObject_CallNoArgs(PyObject *callable)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_CallNoArgs(PyBorrowed callable);

    // PyObject *PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
    /// <param name="args">The object whose method it is, then the arguments.</param>
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_VectorcallMethod(PyBorrowed name, nint* args, nuint nargsf, PyBorrowed kwnames);

    // Py_ssize_t PyObject_Size(PyObject *o)
    /// <returns>-1 with an error set when the object has no length.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyObject_Size(PyBorrowed o);

    // PyObject *PyObject_GetItem(PyObject *o, PyObject *key)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_GetItem(PyBorrowed o, PyBorrowed key);

    // int PyObject_SetItem(PyObject *o, PyObject *key, PyObject *v)
    [LibraryImport(Lib)]
    internal static partial int PyObject_SetItem(PyBorrowed o, PyBorrowed key, PyBorrowed value);

    // PyObject *PyObject_GetIter(PyObject *o)
    /// <returns>New reference; null with TypeError when the object cannot be iterated.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyObject_GetIter(PyBorrowed o);

    // PyObject *PyIter_Next(PyObject *o)
    /// <returns>New reference; null without an error at the end, null with one when it failed.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyIter_Next(PyBorrowed iterator);

    // int PyObject_IsInstance(PyObject *inst, PyObject *cls)
    /// <returns>1, 0, or -1 with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial int PyObject_IsInstance(PyBorrowed o, PyBorrowed cls);

    // PyObject *PySequence_List(PyObject *o)
    /// <returns>New reference to a list with the items of any iterable.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PySequence_List(PyBorrowed o);

    // PyObject *PyNumber_Long(PyObject *o)
    /// <returns>New reference to an int; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyNumber_Long(PyBorrowed o);
}
