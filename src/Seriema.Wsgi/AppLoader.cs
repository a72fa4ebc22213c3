using Seriema.CPython;

namespace Seriema.Wsgi;

/// <summary>Finds the application that <c>MODULE:CALLABLE</c> names; <c>Python/app_loader.py</c> does it.</summary>
/// <remarks>On Python's main thread, with the GIL held.</remarks>
internal static class AppLoader
{
    /// <summary>Changes folder, sets the import path, imports; a new reference to the application.</summary>
    /// <exception cref="AppLoadException">It cannot be loaded; its message names the cause in one line.</exception>
    internal static PyOwned Load(string target, string? folder, IReadOnlyList<string> pythonPath)
    {
        using PyOwned module = PyCode.Run(EmbeddedSource.Read("app_loader.py"), "<seriema>");
        using PyOwned path = Python.PyList_New(0).OrThrow();
        foreach (string entry in pythonPath)
        {
            using PyOwned item = PyStrings.FromFileName(entry).OrThrow();
            if (Python.PyList_Append(path, item) < 0) throw PythonException.Fetch();
        }
        using PyOwned folderOrNone =
            folder is null ? Python.Py_None.ToOwned() : PyStrings.FromFileName(folder).OrThrow();
        using PyOwned name = PyStrings.FromText(target).OrThrow();
        PyBorrowed refused = Python.PyDict_GetItemString(module, "Refused");
        Check(PyCalls.Call(Python.PyDict_GetItemString(module, "prepare"), folderOrNone, path), refused).Dispose();
        return Check(PyCalls.Call(Python.PyDict_GetItemString(module, "load"), name), refused);
    }

    private static PyOwned Check(PyOwned result, PyBorrowed refused)
    {
        if (!result.IsNull) return result;
        using PythonException error = PythonException.Fetch();
        if (!error.Matches(refused))
        {
            throw new AppLoadException(AppLoadError.ImportFailed, error.Message, error.Format());
        }
        using PyOwned args = Python.PyObject_GetAttrString(error.Value, "args").OrThrow();
        throw new AppLoadException(
            Enum.Parse<AppLoadError>(PyStrings.ToText(Python.PyTuple_GetItem(args, 0))),
            PyStrings.ToText(Python.PyTuple_GetItem(args, 1)),
            PyStrings.ToText(Python.PyTuple_GetItem(args, 2)));
    }
}
