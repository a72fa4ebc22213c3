using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// <c>wsgi.file_wrapper</c>, PEP 3333 "Optional Platform-Specific File Handling": the Python class, and what it wraps.
/// </summary>
/// <remarks>The GIL is held. Owned by the <see cref="Gateway"/>.</remarks>
internal sealed class FileWrapper
{
    private PyRef _type;
    private PyRef _describe;
    private PyRef _duplicate;

    internal FileWrapper()
    {
        using PyOwned module = PyCode.Run(EmbeddedSource.Read("file_wrapper.py"), "<seriema>");
        _type.Set(Item(module, "FileWrapper"));
        _describe.Set(Item(module, "describe"));
        _duplicate.Set(Item(module, "duplicate"));
    }

    internal PyBorrowed Type => _type;

    /// <summary>
    /// Whether the application returned exactly this, not a subclass that may iterate over something else.
    /// </summary>
    internal bool IsWrapper(PyBorrowed iterable) => _type.IsTypeOf(iterable);

    /// <summary>What part of which file the wrapper stands for; false when only iterating can tell.</summary>
    internal bool TryDescribe(PyBorrowed wrapper, out int descriptor, out long offset, out long count)
    {
        descriptor = -1;
        offset = count = 0;
        using PyOwned found = PyCalls.Call(_describe, wrapper);
        if (found.IsNull) Python.PyErr_Clear(); // an odd file: iterating shows what is wrong with it
        if (found.IsNull || found.IsNone) return false;
        descriptor = (int)Python.PyLong_AsLongLong(Python.PyTuple_GetItem(found, 0));
        offset = Python.PyLong_AsLongLong(Python.PyTuple_GetItem(found, 1));
        count = Python.PyLong_AsLongLong(Python.PyTuple_GetItem(found, 2));
        return true;
    }

    /// <summary>A descriptor of our own for the same file; -1 with a Python error set.</summary>
    internal int Duplicate(int descriptor)
    {
        using PyOwned number = Python.PyLong_FromLongLong(descriptor);
        using PyOwned duplicate = PyCalls.Call(_duplicate, number);
        return duplicate.IsNull ? -1 : (int)Python.PyLong_AsLongLong(duplicate);
    }

    internal void Clear()
    {
        _type.Clear();
        _describe.Clear();
        _duplicate.Clear();
    }

    private static PyStolen Item(PyBorrowed module, string name) =>
        Python.PyDict_GetItemString(module, name).OrThrow().ToStolen();
}
