using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>Sets a Python error; returns the null that a callback hands back with it.</summary>
internal static class Raise
{
    internal static PyOwned AssertionError(string message) => Error(Python.PyExc_AssertionError, message);

    internal static PyOwned TypeError(string message) => Error(Python.PyExc_TypeError, message);

    internal static PyOwned ValueError(string message) => Error(Python.PyExc_ValueError, message);

    internal static PyOwned RuntimeError(string message) => Error(Python.PyExc_RuntimeError, message);

    internal static PyOwned Error(PyBorrowed type, string message)
    {
        Python.PyErr_SetString(type, message);
        return default;
    }
}
