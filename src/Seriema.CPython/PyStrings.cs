using System.Text;

namespace Seriema.CPython;

/// <summary>Text between .NET and Python. The GIL is held.</summary>
internal static unsafe class PyStrings
{
    /// <summary>A str of the bytes as Latin-1, the "native string" of PEP 3333.</summary>
    /// <returns>New reference; null with MemoryError set.</returns>
    internal static PyOwned FromLatin1(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Python.PyUnicode_DecodeLatin1(first, bytes.Length, null);
        }
    }

    /// <returns>New reference; null with an error set when the bytes are not UTF-8.</returns>
    internal static PyOwned FromUtf8(ReadOnlySpan<byte> utf8)
    {
        fixed (byte* first = utf8)
        {
            return Python.PyUnicode_FromStringAndSize(first, utf8.Length);
        }
    }

    /// <returns>New reference; null with MemoryError set. A lone surrogate becomes U+FFFD.</returns>
    internal static PyOwned FromText(string text) => FromUtf8(Encoding.UTF8.GetBytes(text));

    /// <summary>A file name or argument, decoded as Python decodes its own.</summary>
    /// <returns>New reference; null with an error set.</returns>
    internal static PyOwned FromFileName(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* first = bytes)
        {
            return Python.PyUnicode_DecodeFSDefaultAndSize(first, bytes.Length);
        }
    }

    /// <summary>An interned str of ASCII or UTF-8 text, for dict keys and attribute names.</summary>
    /// <returns>New reference; null with an error set.</returns>
    internal static PyOwned Intern(ReadOnlySpan<byte> utf8)
    {
        using PyOwned made = FromUtf8(utf8);
        if (made.IsNull) return default;
        nint raw = made.Take();
        Python.PyUnicode_InternInPlace(&raw);
        return new PyOwned(raw);
    }

    /// <returns>New reference; null with MemoryError set.</returns>
    internal static PyOwned BytesFrom(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Python.PyBytes_FromStringAndSize(first, bytes.Length);
        }
    }

    /// <summary>The text of a str; lone surrogates come out as <c>\udcXX</c>. A null or anything else gives the
    /// fallback.</summary>
    /// <remarks>Never throws and leaves no error set that was not set before.</remarks>
    internal static string ToText(PyBorrowed str, string fallback = "")
    {
        if (str.IsNull || !Python.PyUnicode_Check(str)) return fallback;
        using PyOwned utf8 = Python.PyUnicode_AsEncodedString(str, "utf-8", "backslashreplace");
        if (utf8.IsNull)
        {
            Python.PyErr_Clear();
            return fallback;
        }
        return Encoding.UTF8.GetString(Python.PyBytes_AsSpan(utf8));
    }

    /// <summary><c>str(o)</c> as text. Never throws: an error of its <c>__str__</c> is dropped and gives the
    /// fallback.</summary>
    internal static string StrText(PyBorrowed o, string fallback = "") => TextOf(Python.PyObject_Str(o), fallback);

    /// <summary><c>repr(o)</c> as text. Never throws: an error of its <c>__repr__</c> is dropped and gives the
    /// fallback.</summary>
    internal static string ReprText(PyBorrowed o, string fallback = "") => TextOf(Python.PyObject_Repr(o), fallback);

    private static string TextOf(PyOwned made, string fallback)
    {
        using PyOwned text = made;
        if (!text.IsNull) return ToText(text, fallback);
        Python.PyErr_Clear();
        return fallback;
    }
}
