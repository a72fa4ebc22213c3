using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>What the deadlines need of Python (<c>Python/deadline.py</c>): made once in a process, before the application is imported.</summary>
/// <remarks>The GIL is held. Lives as long as the interpreter, whose <c>time.sleep</c> it has replaced.</remarks>
internal sealed class Interruption
{
    private static Interruption? s_installed;

    private PyRef _exception;
    private PyRef _stack;
    private PyRef _join;
    private PyRef _leave;

    private Interruption()
    {
        using PyOwned module = PyCode.Run(EmbeddedSource.Read("deadline.py"), "<seriema>");
        _exception.Set(Item(module, "RequestTimeout"));
        _stack.Set(Item(module, "stack"));
        _join.Set(Item(module, "join"));
        _leave.Set(Item(module, "leave"));
    }

    /// <summary><c>seriema.RequestTimeout</c>.</summary>
    internal PyBorrowed Exception => _exception;

    internal static Interruption Install() => s_installed ??= new Interruption();

    /// <summary>The thread's Python frames with their source lines, outermost first; what went wrong when that fails.</summary>
    internal string StackOf(nuint ident)
    {
        using PyOwned text = Call(_stack, ident);
        if (!text.IsNull) return PyStrings.ToText(text);
        using PythonException error = PythonException.Fetch();
        return error.Message;
    }

    /// <summary>The calling thread's sleeps are made so that an exception gets through.</summary>
    internal void Join() => Call(_join, Python.PyThread_get_thread_ident()).OrThrow().Dispose();

    /// <summary>The calling thread serves no more.</summary>
    internal void Leave()
    {
        using PyOwned none = Call(_leave, Python.PyThread_get_thread_ident());
        // On the main thread a signal's handler may run here, and raise: the thread ends all the same.
        if (none.IsNull) Python.PyErr_WriteUnraisable(_leave);
    }

    private static PyOwned Call(PyBorrowed function, nuint ident)
    {
        using PyOwned number = Python.PyLong_FromLongLong((long)ident);
        return number.IsNull ? default : PyCalls.Call(function, number);
    }

    private static PyStolen Item(PyBorrowed module, string name) =>
        Python.PyDict_GetItemString(module, name).OrThrow().ToStolen();
}
