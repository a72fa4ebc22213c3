namespace Seriema.CPython;

/// <summary>Runs Python source given from C#. The GIL is held.</summary>
internal static class PyCode
{
    /// <summary>Runs statements in a new namespace.</summary>
    /// <param name="fileName">What tracebacks show, by custom in angle brackets.</param>
    /// <returns>New reference to the namespace, a dict.</returns>
    /// <exception cref="PythonException">It does not compile, or raised.</exception>
    internal static PyOwned Run(string source, string fileName)
    {
        PyOwned globals = Python.PyDict_New().OrThrow();
        try
        {
            if (Python.PyDict_SetItemString(globals, "__builtins__", Python.PyEval_GetBuiltins()) < 0)
            {
                PythonException.ThrowPending();
            }
            using PyOwned name = PyStrings.FromText(fileName.Trim('<', '>')).OrThrow();
            if (Python.PyDict_SetItemString(globals, "__name__", name) < 0) PythonException.ThrowPending();
            using PyOwned code = Python.Py_CompileString(source, fileName, Python.Py_file_input).OrThrow();
            using PyOwned none = Python.PyEval_EvalCode(code, globals, globals).OrThrow();
            return new PyOwned(globals.Take());
        }
        finally
        {
            globals.Dispose();
        }
    }

    /// <summary>The value of one expression, with the names of a namespace.</summary>
    /// <returns>New reference.</returns>
    /// <exception cref="PythonException">It does not compile, or raised.</exception>
    internal static PyOwned Evaluate(string expression, PyBorrowed globals)
    {
        using PyOwned code = Python.Py_CompileString(expression, "<seriema>", Python.Py_eval_input).OrThrow();
        return Python.PyEval_EvalCode(code, globals, globals).OrThrow();
    }
}
