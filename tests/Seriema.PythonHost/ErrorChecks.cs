using Seriema.CPython;

namespace Seriema.PythonHost;

internal static class ErrorChecks
{
    internal static (string, Action)[] All =>
    [
        ("Fetched_error_has_summary_and_traceback", Fetched_error_has_summary_and_traceback),
        ("Restored_error_keeps_type_value_and_traceback", Restored_error_keeps_type_value_and_traceback),
        ("Chained_causes_are_in_the_text", Chained_causes_are_in_the_text),
        ("SystemExit_is_recognised", SystemExit_is_recognised),
        ("Broken_str_still_gives_a_text", Broken_str_still_gives_a_text),
        ("Missing_error_becomes_SystemError", Missing_error_becomes_SystemError),
        ("Types_of_modules_are_qualified", Types_of_modules_are_qualified),
        ("Error_disposed_without_the_GIL_is_freed_by_the_next_scope", Error_disposed_without_the_GIL_is_freed_later),
        ("Fetching_leaks_no_reference", Fetching_leaks_no_reference),
    ];

    private static PythonException Catch(string code)
    {
        try
        {
            using PyOwned globals = PyCode.Run(code, "<raises>");
        }
        catch (PythonException e)
        {
            return e;
        }
        throw new InvalidOperationException($"nothing raised by: {code}");
    }

    private static void Fetched_error_has_summary_and_traceback()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = Catch("def f():\n    import no_such_module_here\nf()");
        Checks.Equal("ModuleNotFoundError: No module named 'no_such_module_here'", error.Message, "summary");
        Checks.That(error.Matches(Python.PyExc_ImportError), "is an ImportError");
        Checks.That(!error.IsSystemExit, "is no SystemExit");
        Checks.That(Python.PyErr_Occurred().IsNull, "nothing is pending any more");
        string text = error.Format();
        Checks.That(text.StartsWith("Traceback (most recent call last):\n", StringComparison.Ordinal), text);
        Checks.That(text.Contains("line 2, in f", StringComparison.Ordinal), text);
        Checks.That(text.EndsWith(error.Message + "\n", StringComparison.Ordinal), text);
    }

    private static void Restored_error_keeps_type_value_and_traceback()
    {
        using GilScope gil = GilScope.Enter();
        PythonException error = Catch("def deep():\n    raise KeyError('k')\ndeep()");
        nint value = error.Value.Raw;
        string text = error.Format();
        error.Restore();
        Checks.That(error.Value.IsNull, "empty after Restore");
        Checks.Equal(1, Python.PyErr_ExceptionMatches(Python.PyExc_KeyError), "pending again");
        using PythonException again = PythonException.Fetch();
        Checks.Equal(value, again.Value.Raw, "the same instance");
        Checks.Equal(text, again.Format(), "the same traceback");
    }

    private static void Chained_causes_are_in_the_text()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = Catch("try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('outer') from e");
        string text = error.Format();
        Checks.That(text.Contains("ZeroDivisionError", StringComparison.Ordinal), text);
        Checks.That(text.EndsWith("ValueError: outer\n", StringComparison.Ordinal), text);
    }

    private static void SystemExit_is_recognised()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = Catch("raise SystemExit(3)");
        Checks.That(error.IsSystemExit, "SystemExit");
        Checks.Equal("SystemExit: 3", error.Message, "summary");
    }

    private static void Broken_str_still_gives_a_text()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = Catch("class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd");
        Checks.That(error.Message.Contains("Odd", StringComparison.Ordinal), error.Message);
        Checks.That(error.Format().Contains("Odd", StringComparison.Ordinal), error.Format());
        Checks.That(Python.PyErr_Occurred().IsNull, "no error left behind");
    }

    private static void Missing_error_becomes_SystemError()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = PythonException.Fetch();
        Checks.That(error.Matches(Python.PyExc_SystemError), error.Message);
    }

    private static void Types_of_modules_are_qualified()
    {
        using GilScope gil = GilScope.Enter();
        using PythonException error = Catch("import json\njson.loads('{')");
        Checks.That(error.Message.StartsWith("json.decoder.JSONDecodeError: ", StringComparison.Ordinal), error.Message);
        using PythonException bare = Catch("raise AssertionError");
        Checks.Equal("AssertionError", bare.Message, "no text, no colon");
    }

    private static void Error_disposed_without_the_GIL_is_freed_later()
    {
        PythonException error;
        nint value;
        int before;
        using (GilScope gil = GilScope.Enter())
        {
            error = Catch("raise ValueError('kept')");
            value = error.Value.ToOwned().Take();
            before = Refcount.Of(new PyBorrowed(value));
        }
        error.Dispose(); // must touch nothing: the GIL is free
        using (GilScope gil = GilScope.Enter())
        {
            Checks.Equal(before - 1, Refcount.Of(new PyBorrowed(value)), "released on entry");
            Python.Py_DecRef(value);
        }
    }

    private static void Fetching_leaks_no_reference()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("class Marker(Exception): pass\ninstance = Marker('m')", "<leak>");
        PyBorrowed instance = Python.PyDict_GetItemString(globals, "instance");
        PyBorrowed type = Python.PyDict_GetItemString(globals, "Marker");
        int before = Refcount.Of(instance);
        int typeBefore = Refcount.Of(type);
        for (int i = 0; i < 100; i++)
        {
            Python.PyErr_SetObject(type, instance);
            PythonException first = PythonException.Fetch();
            _ = first.Format();
            first.Restore();
            PythonException.Fetch().Dispose();
        }
        Checks.Equal(before, Refcount.Of(instance), "the instance");
        Checks.Equal(typeBefore, Refcount.Of(type), "its type");
    }
}
