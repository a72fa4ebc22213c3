using System.Text;
using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>A str as Latin-1 bytes, and text for messages. The GIL is held.</summary>
internal static unsafe class Text
{
    /// <summary>The bytes of a str whose characters are all Latin-1; valid while the str and the holder live.</summary>
    /// <param name="str">A str.</param>
    /// <param name="holder">Owns the bytes when they are not the str's own; the caller disposes it.</param>
    /// <param name="bytes">One byte for each character.</param>
    /// <returns>False, with no error set, for a character above U+00FF.</returns>
    internal static bool TryLatin1(PyBorrowed str, out PyOwned holder, out ReadOnlySpan<byte> bytes)
    {
        holder = default;
        nint size;
        byte* utf8 = Python.PyUnicode_AsUTF8AndSize(str, &size);
        if (utf8 != null)
        {
            bytes = new ReadOnlySpan<byte>(utf8, checked((int)size));
            if (Ascii.IsValid(bytes)) return true;
        }
        else
        {
            Python.PyErr_Clear(); // lone surrogates, which are no Latin-1 either
        }
        bytes = default;
        holder = Python.PyUnicode_AsLatin1String(str);
        if (holder.IsNull)
        {
            Python.PyErr_Clear();
            return false;
        }
        bytes = Python.PyBytes_AsSpan(holder);
        return true;
    }

    /// <summary>The name of an object's type, for messages.</summary>
    internal static string TypeName(PyBorrowed o)
    {
        using PyOwned name = Python.PyObject_GetAttrString(new PyBorrowed(Python.Py_TYPE(o)), "__name__");
        if (name.IsNull) Python.PyErr_Clear();
        return PyStrings.ToText(name, "an object");
    }

    /// <summary>Bytes as a quoted text for messages: printable ASCII as it is, the rest escaped, cut at 80.</summary>
    internal static string Quote(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder("'");
        AppendShown(text, value[..Math.Min(value.Length, 80)]); // enough to find it in the application's source
        return text.Append(value.Length > 80 ? "…'" : "'").ToString();
    }

    /// <summary>The same without the quotes, for what a client sent; cut at 200, as in the lines of rejections.</summary>
    /// <remarks>A log that is not the program's own may show bytes as they are: C1 controls steer a terminal too.</remarks>
    internal static string Show(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder();
        AppendShown(text, value[..Math.Min(value.Length, 200)]);
        return text.Append(value.Length > 200 ? "..." : "").ToString();
    }

    private static void AppendShown(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is >= 0x20 and < 0x7F) text.Append((char)b);
            else text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }
    }
}
