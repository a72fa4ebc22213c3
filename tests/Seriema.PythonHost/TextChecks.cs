using Seriema.CPython;

namespace Seriema.PythonHost;

internal static unsafe class TextChecks
{
    internal static (string, Action)[] All =>
    [
        ("Every_byte_survives_as_Latin1", Every_byte_survives_as_Latin1),
        ("Text_goes_there_and_back", Text_goes_there_and_back),
        ("Lone_surrogates_come_out_escaped", Lone_surrogates_come_out_escaped),
        ("Interned_text_is_one_object", Interned_text_is_one_object),
        ("Calls_pass_arguments_and_errors", Calls_pass_arguments_and_errors),
    ];

    private static void Every_byte_survives_as_Latin1()
    {
        using GilScope gil = GilScope.Enter();
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        using PyOwned str = PyStrings.FromLatin1(all).OrThrow();
        Checks.Equal((nint)256, Python.PyUnicode_GetLength(str), "length");
        using PyOwned bytes = Python.PyUnicode_AsLatin1String(str).OrThrow();
        Checks.That(Python.PyBytes_AsSpan(bytes).SequenceEqual(all), "the same bytes");
        using PyOwned empty = PyStrings.FromLatin1([]).OrThrow();
        Checks.Equal((nint)0, Python.PyUnicode_GetLength(empty), "empty");
    }

    private static void Text_goes_there_and_back()
    {
        using GilScope gil = GilScope.Enter();
        foreach (string text in new[] { "", "plain", "é", "日本", "\U0001F40D", "a\0b" })
        {
            using PyOwned str = PyStrings.FromText(text).OrThrow();
            Checks.Equal(text, PyStrings.ToText(str), text);
        }
    }

    private static void Lone_surrogates_come_out_escaped()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("s = b'caf\\xe9'.decode('utf-8', 'surrogateescape')", "<text>");
        Checks.Equal("caf\\udce9", PyStrings.ToText(Python.PyDict_GetItemString(globals, "s")), "text");
        Checks.That(Python.PyErr_Occurred().IsNull, "no error left behind");
    }

    private static void Interned_text_is_one_object()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned first = PyStrings.Intern("HTTP_X_SOME_NAME"u8).OrThrow();
        using PyOwned second = PyStrings.Intern("HTTP_X_SOME_NAME"u8).OrThrow();
        Checks.Equal(first.Raw, second.Raw, "the object");
    }

    private static void Calls_pass_arguments_and_errors()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("def join(*a): return '-'.join(a)\ndef fail(*a): raise OSError(*a)", "<calls>");
        PyBorrowed join = Python.PyDict_GetItemString(globals, "join");
        using PyOwned a = PyStrings.FromText("a").OrThrow();
        using PyOwned b = PyStrings.FromText("b").OrThrow();
        using PyOwned none = PyCalls.Call(join).OrThrow();
        Checks.Equal("", PyStrings.ToText(none), "no arguments");
        using PyOwned two = PyCalls.Call(join, a, b).OrThrow();
        Checks.Equal("a-b", PyStrings.ToText(two), "two arguments");
        using PyOwned upper = PyCalls.CallMethod(two, "upper").OrThrow();
        Checks.Equal("A-B", PyStrings.ToText(upper), "a method");
        using PyOwned failed = PyCalls.Call(Python.PyDict_GetItemString(globals, "fail"), a);
        Checks.That(failed.IsNull, "null on error");
        using PythonException error = PythonException.Fetch();
        Checks.Equal("OSError: a", error.Message, "the error");
    }
}
