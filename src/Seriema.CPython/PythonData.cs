namespace Seriema.CPython;

/// <summary>Addresses of the objects and types that libpython exports as data; read once, when first used.</summary>
/// <remarks>
/// Static and read-only, so compiled code holds them as constants. A method that uses one must not run before the
/// library
/// is loaded. The <c>PyExc_…</c> symbols are pointers to an object, the others are the objects themselves.
/// </remarks>
internal static unsafe class PythonData
{
    internal static readonly nint None = LibPython.GetSymbol("_Py_NoneStruct");
    internal static readonly nint True = LibPython.GetSymbol("_Py_TrueStruct");
    internal static readonly nint False = LibPython.GetSymbol("_Py_FalseStruct");

    internal static readonly nint TypeType = LibPython.GetSymbol("PyType_Type");
    internal static readonly nint UnicodeType = LibPython.GetSymbol("PyUnicode_Type");
    internal static readonly nint BytesType = LibPython.GetSymbol("PyBytes_Type");
    internal static readonly nint ListType = LibPython.GetSymbol("PyList_Type");
    internal static readonly nint TupleType = LibPython.GetSymbol("PyTuple_Type");
    internal static readonly nint DictType = LibPython.GetSymbol("PyDict_Type");
    internal static readonly nint LongType = LibPython.GetSymbol("PyLong_Type");

    internal static readonly nint BaseException = Indirect("PyExc_BaseException");
    internal static readonly nint Exception = Indirect("PyExc_Exception");
    internal static readonly nint AssertionError = Indirect("PyExc_AssertionError");
    internal static readonly nint AttributeError = Indirect("PyExc_AttributeError");
    internal static readonly nint BrokenPipeError = Indirect("PyExc_BrokenPipeError");
    internal static readonly nint ConnectionError = Indirect("PyExc_ConnectionError");
    internal static readonly nint ConnectionAbortedError = Indirect("PyExc_ConnectionAbortedError");
    internal static readonly nint ConnectionResetError = Indirect("PyExc_ConnectionResetError");
    internal static readonly nint ImportError = Indirect("PyExc_ImportError");
    internal static readonly nint KeyboardInterrupt = Indirect("PyExc_KeyboardInterrupt");
    internal static readonly nint KeyError = Indirect("PyExc_KeyError");
    internal static readonly nint MemoryError = Indirect("PyExc_MemoryError");
    internal static readonly nint ModuleNotFoundError = Indirect("PyExc_ModuleNotFoundError");
    internal static readonly nint OSError = Indirect("PyExc_OSError");
    internal static readonly nint RuntimeError = Indirect("PyExc_RuntimeError");
    internal static readonly nint StopIteration = Indirect("PyExc_StopIteration");
    internal static readonly nint SystemError = Indirect("PyExc_SystemError");
    internal static readonly nint SystemExit = Indirect("PyExc_SystemExit");
    internal static readonly nint TimeoutError = Indirect("PyExc_TimeoutError");
    internal static readonly nint TypeError = Indirect("PyExc_TypeError");
    internal static readonly nint UnicodeError = Indirect("PyExc_UnicodeError");
    internal static readonly nint ValueError = Indirect("PyExc_ValueError");

    private static nint Indirect(string name) => *(nint*)LibPython.GetSymbol(name);
}
