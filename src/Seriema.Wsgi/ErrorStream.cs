using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary><c>wsgi.errors</c>: text goes to the log line by line, category <c>wsgi.errors</c>.</summary>
/// <remarks>
/// One for each application thread, so the lines of different requests do not mix. The GIL is held, and released
/// around the logger, which may block. Threads of the application may share it: the lines are cut under the GIL.
/// </remarks>
internal sealed class ErrorStream(ILogger logger)
{
    // A line without an end is logged in pieces of this many characters rather than kept for ever.
    private const int MaxLine = 32 * 1024;

    private readonly StringBuilder _line = new();

    /// <summary><c>write(text)</c>; returns how many characters it took, as Python's text files do.</summary>
    internal PyOwned Write(PyArguments arguments)
    {
        if (!arguments.TryOne("write", out PyBorrowed text)) return default;
        return TryAppend(text) ? Python.PyLong_FromLongLong(Python.PyUnicode_GetLength(text)) : default;
    }

    internal PyOwned WriteLines(PyArguments arguments)
    {
        if (!arguments.TryOne("writelines", out PyBorrowed iterable)) return default;
        using PyOwned iterator = Python.PyObject_GetIter(iterable);
        if (iterator.IsNull) return default;
        while (true)
        {
            using PyOwned item = Python.PyIter_Next(iterator);
            if (item.IsNull) return Python.PyErr_Occurred().IsNull ? Python.Py_None.ToOwned() : default;
            if (!TryAppend(item)) return default;
        }
    }

    /// <summary><c>flush()</c>, and the end of a request: an unfinished line is logged as it is.</summary>
    internal PyOwned FlushLine()
    {
        if (_line.Length > 0) Log([Cut()]);
        return Python.Py_None.ToOwned();
    }

    internal bool HasUnfinishedLine => _line.Length > 0;

    private bool TryAppend(PyBorrowed str)
    {
        if (!Python.PyUnicode_Check(str))
        {
            Raise.TypeError($"write() argument must be str, not {Text.TypeName(str)}");
            return false;
        }
        List<string>? lines = null;
        ReadOnlySpan<char> text = PyStrings.ToText(str);
        for (int end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
        {
            _line.Append(text[..end]);
            (lines ??= []).Add(Cut());
            text = text[(end + 1)..];
        }
        _line.Append(text);
        if (_line.Length > MaxLine) (lines ??= []).Add(Cut());
        if (lines is not null) Log(lines);
        return true;
    }

    private string Cut()
    {
        string line = _line.ToString();
        _line.Clear();
        return line;
    }

    private void Log(IReadOnlyList<string> lines)
    {
        using (GilRelease.Begin())
        {
            foreach (string line in lines) GatewayLog.ErrorsLine(logger, line.TrimEnd('\r'));
        }
    }
}
