using Seriema.CPython;

namespace Seriema.Wsgi;

/// <summary>The WSGI application of one folder of script pages; <c>Python/script_pages.py</c> does it.</summary>
internal static class ScriptPages
{
    /// <summary>A new reference to it; the GIL is held.</summary>
    /// <param name="prefix">As <see cref="UrlPrefix.Parse"/> gives it.</param>
    internal static PyOwned New(byte[] prefix, string folder, string suffix)
    {
        using PyOwned module = PyCode.Run(EmbeddedSource.Read("script_pages.py"), "<seriema>");
        using PyOwned root = PyStrings.FromFileName(folder).OrThrow();
        using PyOwned start = PyStrings.FromLatin1(prefix).OrThrow(); // as SCRIPT_NAME has it (PEP 3333 "Unicode Issues")
        using PyOwned end = PyStrings.FromText(suffix).OrThrow();
        return PyCalls.Call(
            Python.PyDict_GetItemString(module, "Pages"), [root.Raw, start.Raw, end.Raw]).OrThrow();
    }
}
