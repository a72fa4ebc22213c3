using System.Globalization;
using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// Reads the headers that an application gives to <c>start_response</c> into the exchange. The GIL is held.
/// </summary>
/// <remarks>
/// A mistake is raised where it was made, with a message that names it, and nothing of the head is kept.
/// </remarks>
internal static class ResponseFields
{
    /// <summary>Adds every field; Content-Length goes to <paramref name="declaredLength"/> as well.</summary>
    /// <returns>False with a Python error set.</returns>
    internal static bool TryAdd(WsgiExchange exchange, PyBorrowed headers, ref long declaredLength)
    {
        if (Python.PyList_CheckExact(headers))
        {
            // Nothing below runs Python code for tuples of str, so the list keeps its items.
            for (nint i = 0; i < Python.PyList_Size(headers); i++)
            {
                if (!TryAddPair(exchange, Python.PyList_GetItem(headers, i), ref declaredLength)) return false;
            }
            return true;
        }
        // Laxer than PEP 3333, which wants a list: a tuple, or a view of a mapping, loses nothing.
        using PyOwned list = Python.PyUnicode_Check(headers) ? default : Python.PySequence_List(headers);
        if (!list.IsNull) return TryAdd(exchange, list, ref declaredLength);
        Python.PyErr_Clear();
        return WrongType($"the response headers are not a list of (name, value) tuples but {Text.TypeName(headers)}");
    }

    private static bool TryAddPair(WsgiExchange exchange, PyBorrowed pair, ref long declaredLength)
    {
        if (Python.PyTuple_CheckExact(pair) && Python.PyTuple_Size(pair) == 2)
        {
            return TryAddField(
                exchange, Python.PyTuple_GetItem(pair, 0), Python.PyTuple_GetItem(pair, 1), ref declaredLength);
        }
        bool isText = Python.PyUnicode_Check(pair) || Python.PyBytes_Check(pair); // a sequence, but of characters
        using PyOwned items = isText ? default : Python.PySequence_List(pair);
        if (!items.IsNull && Python.PyList_Size(items) == 2)
        {
            return TryAddField(
                exchange, Python.PyList_GetItem(items, 0), Python.PyList_GetItem(items, 1), ref declaredLength);
        }
        Python.PyErr_Clear();
        return WrongType($"a response header is not a (name, value) tuple but {Text.TypeName(pair)}");
    }

    private static bool TryAddField(
        WsgiExchange exchange, PyBorrowed name, PyBorrowed value, ref long declaredLength)
    {
        if (!Python.PyUnicode_Check(name))
        {
            return WrongType($"a response header's name is {Text.TypeName(name)}, not str");
        }
        if (!Python.PyUnicode_Check(value))
        {
            return WrongType(
                $"the value of response header '{PyStrings.ToText(name)}' is {Text.TypeName(value)}, not str");
        }
        bool isLatin1 = Text.TryLatin1(name, out PyOwned nameHolder, out ReadOnlySpan<byte> nameBytes);
        isLatin1 &= Text.TryLatin1(value, out PyOwned valueHolder, out ReadOnlySpan<byte> valueBytes);
        using (nameHolder)
        using (valueHolder)
        {
            if (!isLatin1)
            {
                return WrongValue($"response header '{PyStrings.ToText(name)}' has characters outside Latin-1");
            }
            FieldVerdict verdict = exchange.AddField(nameBytes, valueBytes);
            if (verdict == FieldVerdict.Written && KnownFields.Of(nameBytes) == KnownField.ContentLength)
            {
                declaredLength = long.Parse(valueBytes, CultureInfo.InvariantCulture); // it was checked to be a number
            }
            return verdict is FieldVerdict.Written or FieldVerdict.Dropped
                || WrongField(verdict, nameBytes, valueBytes);
        }
    }

    private static bool WrongField(FieldVerdict verdict, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        WrongValue(verdict switch
        {
            FieldVerdict.BadName => $"response header name {Text.Quote(name)} is not a token",
            FieldVerdict.BadContentLength => $"response header Content-Length: {Text.Quote(value)} is not one number",
            _ => $"response header {Text.Quote(name)} has control characters in its value {Text.Quote(value)}",
        });

    private static bool WrongType(string mistake)
    {
        Raise.TypeError(mistake + " (PEP 3333)");
        return false;
    }

    private static bool WrongValue(string mistake)
    {
        Raise.ValueError(mistake + " (PEP 3333)");
        return false;
    }
}
