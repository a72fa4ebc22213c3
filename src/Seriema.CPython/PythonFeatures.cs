namespace Seriema.CPython;

/// <summary>What the loaded version has beyond the functions that every version from 3.9 on has; read once.</summary>
internal static unsafe class PythonFeatures
{
    // 3.12: PyErr_GetRaisedException and PyErr_SetRaisedException, one object instead of three.
    internal static readonly bool RaisedException = LibPython.TryGetSymbol("PyErr_GetRaisedException") != 0;

    // PyObject *PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
    // An exported function from 3.11 on (inline in a header before); null without it.
    internal static readonly delegate* unmanaged[Cdecl]<nint, nint*, nuint, nint, nint> Vectorcall =
        (delegate* unmanaged[Cdecl]<nint, nint*, nuint, nint, nint>)LibPython.TryGetSymbol("PyObject_Vectorcall");
}
