namespace Seriema.CPython;

/// <summary>Calls into Python with positional arguments. The GIL is held.</summary>
internal static unsafe class PyCalls
{
    /// <summary>Calls with the given borrowed arguments.</summary>
    /// <returns>New reference; null with an error set.</returns>
    internal static PyOwned Call(PyBorrowed callable, scoped ReadOnlySpan<nint> args)
    {
        if (PythonFeatures.Vectorcall != null)
        {
            fixed (nint* first = args)
            {
                return new PyOwned(PythonFeatures.Vectorcall(callable.Raw, first, (nuint)args.Length, 0));
            }
        }
        using PyOwned tuple = Tuple(args);
        return tuple.IsNull ? default : Python.PyObject_CallObject(callable, tuple);
    }

    internal static PyOwned Call(PyBorrowed callable) => Python.PyObject_CallNoArgs(callable);

    internal static PyOwned Call(PyBorrowed callable, PyBorrowed arg) => Call(callable, [arg.Raw]);

    internal static PyOwned Call(PyBorrowed callable, PyBorrowed arg1, PyBorrowed arg2) => Call(callable, [arg1.Raw, arg2.Raw]);

    /// <summary>Calls the named method of an object.</summary>
    /// <returns>New reference; null with an error set.</returns>
    internal static PyOwned CallMethod(PyBorrowed o, string name, params ReadOnlySpan<nint> args)
    {
        using PyOwned method = Python.PyObject_GetAttrString(o, name);
        return method.IsNull ? default : Call(method, args);
    }

    /// <summary>A tuple of the given borrowed items.</summary>
    /// <returns>New reference; null with MemoryError set.</returns>
    internal static PyOwned Tuple(scoped ReadOnlySpan<nint> items)
    {
        using PyOwned tuple = Python.PyTuple_New(items.Length);
        if (tuple.IsNull) return default;
        for (int i = 0; i < items.Length; i++)
        {
            if (Python.PyTuple_SetItem(tuple, i, new PyBorrowed(items[i]).ToStolen()) < 0) return default;
        }
        return new PyOwned(tuple.Take());
    }
}
