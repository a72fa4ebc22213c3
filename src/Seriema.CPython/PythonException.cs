using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Seriema.CPython;

/// <summary>A Python exception on its way through C#; owns the Python object until it is restored or
/// disposed.</summary>
/// <remarks>
/// <see cref="Exception.Message"/> is the last line of the traceback, readable without the GIL. The other members need
/// the
/// GIL, except <see cref="Dispose"/> and the finalizer: without it they leave the reference to the next thread that
/// takes it.
/// </remarks>
internal sealed class PythonException : Exception, IDisposable
{
    private nint _value; // owned; the exception instance with its traceback; 0 after Restore or Dispose

    private PythonException(nint value, string message) : base(message) => _value = value;

    ~PythonException() => DropLater();

    /// <summary>The exception instance; null once restored or disposed.</summary>
    internal PyBorrowed Value => new(_value);

    /// <summary>Whether it is SystemExit (or a subclass), which ends a program rather than failing it.</summary>
    internal bool IsSystemExit => Matches(Python.PyExc_SystemExit);

    /// <summary>Takes the pending error of this thread.</summary>
    internal static PythonException Fetch()
    {
        nint value = TakeRaised();
        if (value == 0)
        {
            // A C function that fails without an error is itself the error, as CPython's own check says.
            Python.PyErr_SetString(Python.PyExc_SystemError, "error return without exception set");
            value = TakeRaised();
        }
        return new PythonException(value, Summary(new PyBorrowed(value)));
    }

    /// <summary>Takes the pending error and throws it.</summary>
    [DoesNotReturn]
    internal static void ThrowPending() => throw Fetch();

    /// <summary>Whether it is an instance of the given exception type.</summary>
    internal bool Matches(PyBorrowed type) => _value != 0 && Python.PyErr_GivenExceptionMatches(Value, type) != 0;

    /// <summary>Makes it the pending error of this thread again; this object is empty afterwards.</summary>
    internal void Restore()
    {
        nint value = Interlocked.Exchange(ref _value, 0);
        Dispose(); // before the error is set: it may free other objects
        if (value == 0)
        {
            Python.PyErr_SetString(Python.PyExc_SystemError, Message);
            return;
        }
        if (PythonFeatures.RaisedException)
        {
            Python.PyErr_SetRaisedException(new PyStolen(value));
            return;
        }
        PyBorrowed exception = new(value);
        using PyOwned traceback = Python.PyException_GetTraceback(exception);
        Python.PyErr_Restore(new PyBorrowed(Python.Py_TYPE(exception)).ToStolen(), new PyStolen(value), traceback.Steal());
    }

    /// <summary>What <c>traceback.format_exception</c> says, ending with a newline; the summary alone when that
    /// fails.</summary>
    internal string Format()
    {
        if (_value == 0) return Message + "\n";
        try
        {
            using PyOwned module = Python.PyImport_ImportModule("traceback").OrThrow();
            using PyOwned traceback = Python.PyException_GetTraceback(Value);
            nint tracebackOrNone = traceback.IsNull ? PythonData.None : traceback.Raw;
            // Three arguments: the one-argument form came with 3.10.
            using PyOwned lines = PyCalls
                .CallMethod(module, "format_exception", Python.Py_TYPE(Value), _value, tracebackOrNone).OrThrow();
            StringBuilder text = new();
            nint count = Python.PyList_Check(lines) ? Python.PyList_Size(lines) : 0;
            for (nint i = 0; i < count; i++) text.Append(PyStrings.ToText(Python.PyList_GetItem(lines, i)));
            return text.Length > 0 ? text.ToString() : Message + "\n";
        }
        catch (PythonException e)
        {
            e.Dispose(); // a broken __str__, or an interpreter that can import nothing any more
            return Message + "\n";
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        DropLater();
        if (PythonThread.HoldsGil) DeferredReleases.Drain();
    }

    private void DropLater()
    {
        nint value = Interlocked.Exchange(ref _value, 0);
        if (value != 0) DeferredReleases.Add(value);
    }

    /// <summary>The normalised exception with its traceback attached, as a new reference; 0 when none is
    /// pending.</summary>
    private static unsafe nint TakeRaised()
    {
        if (PythonFeatures.RaisedException) return Python.PyErr_GetRaisedException().Take();

        nint type, value, traceback;
        Python.PyErr_Fetch(&type, &value, &traceback);
        if (type == 0) return 0;
        Python.PyErr_NormalizeException(&type, &value, &traceback);
        if (traceback != 0)
        {
            // Normalising leaves the traceback beside the instance; format_exception and Restore look inside it.
            if (Python.PyException_SetTraceback(new PyBorrowed(value), new PyBorrowed(traceback)) < 0) Python.PyErr_Clear();
            Python.Py_DecRef(traceback);
        }
        Python.Py_DecRef(type);
        Debug.Assert(value != 0, "normalising always gives an instance");
        return value;
    }

    /// <summary>"ModuleNotFoundError: No module named 'x'", with the module of the type unless it is a
    /// built-in.</summary>
    private static string Summary(PyBorrowed value)
    {
        PyBorrowed type = new(Python.Py_TYPE(value));
        string name = Attribute(type, "__qualname__", "Exception");
        string module = Attribute(type, "__module__", "builtins");
        if (module is not ("builtins" or "__main__")) name = $"{module}.{name}";
        string text = PyStrings.StrText(value, "<exception str() failed>");
        return text.Length == 0 ? name : $"{name}: {text}";
    }

    private static string Attribute(PyBorrowed o, string name, string fallback)
    {
        using PyOwned attribute = Python.PyObject_GetAttrString(o, name);
        if (attribute.IsNull) Python.PyErr_Clear();
        return PyStrings.ToText(attribute, fallback);
    }
}
