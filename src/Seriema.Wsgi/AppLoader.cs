using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>Finds the application that <c>MODULE:CALLABLE</c> names; <c>Python/app_loader.py</c> does it.</summary>
/// <remarks>On Python's main thread, with the GIL held.</remarks>
internal sealed class AppLoader : IDisposable
{
    private PyRef _load;
    private PyRef _refused;

    /// <summary>Changes folder and sets the import path.</summary>
    /// <exception cref="AppLoadException">The folder cannot be used.</exception>
    internal AppLoader(string? folder, IReadOnlyList<string> pythonPath)
    {
        using PyOwned module = PyCode.Run(EmbeddedSource.Read("app_loader.py"), "<seriema>");
        _load.Set(Python.PyDict_GetItemString(module, "load").OrThrow().ToStolen());
        _refused.Set(Python.PyDict_GetItemString(module, "Refused").OrThrow().ToStolen());
        using PyOwned path = Python.PyList_New(0).OrThrow();
        foreach (string entry in pythonPath)
        {
            using PyOwned item = PyStrings.FromFileName(entry).OrThrow();
            if (Python.PyList_Append(path, item) < 0) throw PythonException.Fetch();
        }
        using PyOwned folderOrNone =
            folder is null ? Python.Py_None.ToOwned() : PyStrings.FromFileName(folder).OrThrow();
        Check(PyCalls.Call(Python.PyDict_GetItemString(module, "prepare"), folderOrNone, path)).Dispose();
    }

    /// <summary>Imports; a new reference to the application.</summary>
    /// <param name="mount">The mount that names it; null for the main application.</param>
    /// <exception cref="AppLoadException">It cannot be loaded; its message names the cause in one line.</exception>
    internal PyOwned Load(string target, Mount? mount = null)
    {
        using PyOwned name = PyStrings.FromText(target).OrThrow();
        return Check(PyCalls.Call(_load, name), mount);
    }

    public void Dispose()
    {
        _load.Clear();
        _refused.Clear();
    }

    private PyOwned Check(PyOwned result, Mount? mount = null)
    {
        if (!result.IsNull) return result;
        using PythonException error = PythonException.Fetch();
        string prefix = mount is null ? "" : $"mount {mount.Prefix}: ";
        if (!error.Matches(_refused))
        {
            throw new AppLoadException(AppLoadError.ImportFailed, prefix + error.Message, error.Format(), mount);
        }
        using PyOwned args = Python.PyObject_GetAttrString(error.Value, "args").OrThrow();
        throw new AppLoadException(
            Enum.Parse<AppLoadError>(PyStrings.ToText(Python.PyTuple_GetItem(args, 0))),
            prefix + PyStrings.ToText(Python.PyTuple_GetItem(args, 1)),
            PyStrings.ToText(Python.PyTuple_GetItem(args, 2)),
            mount);
    }
}
