using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>How far a response has come.</summary>
internal enum ResponseState
{
    /// <summary><c>start_response</c> was not called, or every call of it failed.</summary>
    None,

    /// <summary>There is a head that <c>exc_info</c> can still replace.</summary>
    Started,

    /// <summary>The head is on its way; it cannot be changed any more.</summary>
    HeadEnded,
}

/// <summary>One response after another: <c>start_response</c>, <c>write</c>, and the bytes of the body.</summary>
/// <remarks>The GIL is held. Used by one request at a time; belongs to a <see cref="GatewayThread"/>.</remarks>
internal sealed class Response(GatewayThread thread, ILogger logger)
{
    private PyRef _write;
    private long _declaredLength;
    private long _given; // bytes of body that the application gave
    private bool _toldTooLong;

    internal ResponseState State { get; private set; }

    /// <summary>A send found the connection closed; nothing more is worth doing.</summary>
    internal bool IsClientGone { get; private set; }

    /// <summary>The <c>write</c> callable that <c>start_response</c> returns.</summary>
    internal void Use(PyStolen write) => _write.Set(write);

    internal int WriteReferences => _write.Count;

    internal void Begin()
    {
        State = ResponseState.None;
        IsClientGone = _toldTooLong = false;
        _declaredLength = -1;
        _given = 0;
    }

    internal void ClearReferences() => _write.Clear();

    /// <summary>PEP 3333 "The start_response() Callable".</summary>
    /// <returns>A new reference to <c>write</c>; null with a Python error set that names the mistake.</returns>
    internal PyOwned StartResponse(PyArguments arguments)
    {
        if (thread.TryExchange() is not { } exchange) return default;
        if (!TryBind(arguments, out PyBorrowed status, out PyBorrowed headers, out PyBorrowed excInfo)) return default;
        if (!excInfo.IsNull && !excInfo.IsNone)
        {
            if (!IsExcInfo(excInfo)) return Raise.TypeError("exc_info is not the tuple of sys.exc_info() (PEP 3333)");
            if (State == ResponseState.HeadEnded) return Reraise(excInfo);
        }
        else if (State != ResponseState.None)
        {
            return Raise.AssertionError("start_response was called a second time without exc_info (PEP 3333)");
        }

        Discard(exchange);
        if (!StatusLine.TryStart(exchange, status) || !ResponseFields.TryAdd(exchange, headers, ref _declaredLength))
        {
            exchange.DiscardHead(); // the application may catch the error and try again
            return default;
        }
        State = ResponseState.Started;
        return ((PyBorrowed)_write).ToOwned();
    }

    /// <summary>Forgets a head that was not sent.</summary>
    internal void Discard(WsgiExchange exchange)
    {
        Debug.Assert(State != ResponseState.HeadEnded, "A head that was sent cannot be taken back.");
        if (State == ResponseState.Started) exchange.DiscardHead();
        State = ResponseState.None;
        _declaredLength = -1;
    }

    /// <summary>Ends the head; <paramref name="knownLength"/> is the whole body's length, or -1.</summary>
    internal void EndHead(WsgiExchange exchange, long knownLength)
    {
        Debug.Assert(State == ResponseState.Started);
        exchange.EndHead(knownLength);
        State = ResponseState.HeadEnded;
    }

    /// <summary>The body's length that the application declared, or -1.</summary>
    internal long DeclaredLength => _declaredLength;

    private static bool TryBind(
        PyArguments arguments, out PyBorrowed status, out PyBorrowed headers, out PyBorrowed excInfo)
    {
        status = arguments.Count > 0 ? arguments.At(0) : default;
        headers = arguments.Count > 1 ? arguments.At(1) : default;
        excInfo = arguments.Count > 2 ? arguments.At(2) : default;
        for (int i = 0; i < arguments.KeywordCount; i++)
        {
            PyBorrowed name = Python.PyTuple_GetItem(arguments.Keywords, i);
            PyBorrowed value = arguments.At(arguments.Count + i);
            if (status.IsNull && Is(name, "status")) status = value;
            else if (headers.IsNull && (Is(name, "headers") || Is(name, "response_headers"))) headers = value;
            else if (excInfo.IsNull && Is(name, "exc_info")) excInfo = value;
            else return Refuse($"start_response() does not take the argument '{PyStrings.ToText(name)}' here");
        }
        if (arguments.Count > 3) return Refuse($"start_response() takes at most 3 arguments ({arguments.Count} given)");
        return (!headers.IsNull && !status.IsNull)
            || Refuse("start_response() takes at least a status and a list of headers");
    }

    private static bool Is(PyBorrowed name, string expected) =>
        Python.PyUnicode_CompareWithASCIIString(name, expected) == 0;

    private static bool Refuse(string message)
    {
        Raise.TypeError(message);
        return false;
    }

    private static bool IsExcInfo(PyBorrowed excInfo) =>
        Python.PyTuple_Check(excInfo) && Python.PyTuple_Size(excInfo) == 3
        && !Python.PyTuple_GetItem(excInfo, 0).IsNone;

    // PEP 3333 "Error Handling": once the headers are sent, start_response raises the application's own exception.
    private static PyOwned Reraise(PyBorrowed excInfo)
    {
        PyBorrowed traceback = Python.PyTuple_GetItem(excInfo, 2);
        Python.PyErr_Restore(
            Python.PyTuple_GetItem(excInfo, 0).ToStolen(),
            Python.PyTuple_GetItem(excInfo, 1).ToStolen(),
            traceback.IsNone ? default : traceback.ToStolen());
        return default;
    }

    /// <summary>A whole small response of the server's own, in the place of the application's.</summary>
    internal void AnswerError(WsgiExchange exchange, int status)
    {
        ReadOnlySpan<byte> reason = ReasonPhrases.Of(status);
        exchange.StartHead(status, reason);
        exchange.AddField("Content-Type"u8, "text/plain; charset=utf-8"u8);
        // Of a body that failed, the rest cannot be skipped to find the next request.
        if (status is not (500 or 404)) exchange.AddField("Connection"u8, "close"u8);
        exchange.EndHead(reason.Length);
        State = ResponseState.HeadEnded;
        if (exchange.BodyAllowed) exchange.Write(reason, out _); // an empty buffer holds it
    }

    /// <summary>A 500 that shows what the log says, for the developer.</summary>
    /// <returns>False when the client is gone.</returns>
    internal bool AnswerDetails(WsgiExchange exchange, string details)
    {
        // The text is the application's and may quote what a client sent.
        byte[] page = Encoding.UTF8.GetBytes(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>500 Internal Server Error</title></head>\n"
            + $"<body><h1>500 Internal Server Error</h1>\n<pre>{WebUtility.HtmlEncode(details)}</pre></body></html>\n");
        exchange.StartHead(500, ReasonPhrases.Of(500));
        exchange.AddField("Content-Type"u8, "text/html; charset=utf-8"u8);
        exchange.AddField("Cache-Control"u8, "no-store"u8);
        exchange.EndHead(page.Length);
        State = ResponseState.HeadEnded;
        if (!exchange.BodyAllowed) return true;
        for (int sent = 0; sent < page.Length;)
        {
            int taken = exchange.Write(page.AsSpan(sent), out _);
            if (taken == 0 && !Flush(exchange)) return false;
            sent += taken;
        }
        return true;
    }

    /// <summary><c>write(data)</c>, PEP 3333 "The write() Callable": sends before it returns.</summary>
    internal PyOwned Write(PyArguments arguments)
    {
        if (thread.TryExchange() is not { } exchange) return default;
        if (!arguments.TryOne("write", out PyBorrowed data)) return default;
        if (!Python.PyBytes_Check(data)) return Raise.TypeError($"write() takes bytes, not {Text.TypeName(data)}");
        if (State == ResponseState.None) return Raise.AssertionError("write() was called before start_response");
        if (Python.PyBytes_Size(data) == 0) return Python.Py_None.ToOwned();

        if (State == ResponseState.Started) EndHead(exchange, -1);
        if (exchange.BodyAllowed && !(Send(exchange, data) && Flush(exchange)))
        {
            return Raise.Error(Python.PyExc_BrokenPipeError, "the client is gone");
        }
        return Python.Py_None.ToOwned();
    }

    /// <summary>Puts a bytes object into the response; waits, without the GIL, while the client is slow.</summary>
    /// <returns>False when the client is gone.</returns>
    internal bool Send(WsgiExchange exchange, PyBorrowed bytes)
    {
        ReadOnlySpan<byte> data = Python.PyBytes_AsSpan(bytes);
        _given += data.Length;
        int taken = Put(exchange, data);
        if (taken == data.Length) return true;

        using PyOwned kept = bytes.ToOwned(); // while the GIL is away, the list that holds it may change
        while (true)
        {
            data = data[taken..];
            if (data.IsEmpty) return true;
            if (!Flush(exchange)) return false;
            taken = Put(exchange, data);
        }
    }

    /// <summary>Counts bytes that went another way (a file).</summary>
    internal void Given(long count) => _given += count;

    internal bool Flush(WsgiExchange exchange)
    {
        if (IsClientGone) return false;
        thread.IsOutside = true;
        try
        {
            using (GilRelease.Begin()) IsClientGone = !exchange.Flush();
        }
        finally
        {
            thread.IsOutside = false;
        }
        return !IsClientGone;
    }

    /// <summary>Whether the body has all the bytes that its Content-Length promised; a shortage is logged.</summary>
    internal void CheckLength(WsgiExchange exchange)
    {
        if (_declaredLength <= _given || !exchange.BodyAllowed) return;
        GatewayLog.BodyTooShort(logger, thread.RequestLine(), _given, _declaredLength);
    }

    private int Put(WsgiExchange exchange, ReadOnlySpan<byte> data)
    {
        int taken = exchange.Write(data, out WriteVerdict verdict);
        if (verdict == WriteVerdict.TooLong && !_toldTooLong)
        {
            _toldTooLong = true;
            GatewayLog.BodyTooLong(logger, thread.RequestLine(), _declaredLength);
        }
        return taken;
    }
}
