using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>Sends what the application returned, and turns its errors into a 500 or a broken-off response.</summary>
/// <remarks>The GIL is held. PEP 3333 "Specification Details", "Buffering and Streaming", "Error Handling".</remarks>
internal sealed class ResponseBody(GatewayThread thread, Gateway gateway)
{
    private Response Response => thread.Response;

    /// <summary>Sends the whole body and closes the iterable; true when the response is whole.</summary>
    internal bool Send(WsgiExchange exchange, PyBorrowed iterable)
    {
        // A plain list or tuple is nearly every response; it has no close().
        bool isList = Python.PyList_CheckExact(iterable);
        if (isList || Python.PyTuple_CheckExact(iterable)) return SendBlocks(exchange, iterable, isList);

        bool isWhole = gateway.Files.IsWrapper(iterable) && TrySendFile(exchange, iterable, out bool isFileWhole)
            ? isFileWhole
            : Iterate(exchange, iterable);
        Close(iterable);
        return isWhole;
    }

    /// <summary>The application raised what is pending now; as the other <c>Fail</c>.</summary>
    internal bool Fail(WsgiExchange exchange)
    {
        thread.Interrupts.Leave(); // what follows is ours, Fetch too: it asks the exception for its text
        return Fail(exchange, PythonException.Fetch());
    }

    /// <summary>The application raised: 500 while nothing is sent, else the response is broken off (false).</summary>
    internal bool Fail(WsgiExchange exchange, PythonException error)
    {
        thread.Interrupts.Leave();
        using (error)
        {
            if (thread.Interrupts.IsOurs(error))
            {
                GatewayLog.DeadlineEnded(gateway.Log, thread.RequestLine());
                return false;
            }
            if (Response.IsClientGone || thread.Input.Failure == BodyResult.ClientGone)
            {
                GatewayLog.ClientGone(gateway.Log, thread.RequestLine());
                return false;
            }
            // What the body's failure raised is an OSError; another error is the application's own, wherever it began.
            int status = StatusOf(thread.Input.Failure);
            string? details = null;
            if (status == 500 || !error.Matches(Python.PyExc_OSError))
            {
                details = error.Format().TrimEnd();
                GatewayLog.ApplicationFailed(gateway.Log, thread.RequestLine(), details);
            }
            else if (exchange.MayTell())
            {
                GatewayLog.BodyFailed(gateway.Log, thread.RequestLine(), thread.Input.Failure, status);
            }
            return Answer(exchange, status, details);
        }
    }

    private bool SendBlocks(WsgiExchange exchange, PyBorrowed blocks, bool isList)
    {
        long total = 0;
        int count = (int)(isList ? Python.PyList_Size(blocks) : Python.PyTuple_Size(blocks));
        for (int i = 0; i < count; i++)
        {
            PyBorrowed block = isList ? Python.PyList_GetItem(blocks, i) : Python.PyTuple_GetItem(blocks, i);
            if (!Python.PyBytes_Check(block)) return Mistake(exchange, NotBytes(block));
            total += Python.PyBytes_Size(block);
        }
        if (Response.State == ResponseState.None) return Mistake(exchange, NoStartResponse);
        // PEP 3333 grants a length to one block; a plain list or tuple is as sure of all of them.
        if (Response.State == ResponseState.Started) Response.EndHead(exchange, total);
        if (!exchange.BodyAllowed) return true;

        // The list may change while a slow client makes us wait without the GIL.
        for (int i = 0; i < (isList ? Python.PyList_Size(blocks) : count); i++)
        {
            PyBorrowed block = isList ? Python.PyList_GetItem(blocks, i) : Python.PyTuple_GetItem(blocks, i);
            if (!Python.PyBytes_Check(block)) return Mistake(exchange, NotBytes(block));
            if (Python.PyBytes_Size(block) > 0 && !Response.Send(exchange, block)) return ClientGone();
        }
        Response.CheckLength(exchange);
        return true;
    }

    private bool Iterate(WsgiExchange exchange, PyBorrowed iterable)
    {
        if (WrongReturn(iterable) is { } mistake) return Mistake(exchange, mistake);
        using PyOwned iterator = Python.PyObject_GetIter(iterable);
        if (iterator.IsNull) return NotIterable(exchange, iterable);
        while (true)
        {
            using PyOwned block = Python.PyIter_Next(iterator);
            if (block.IsNull)
            {
                return Python.PyErr_Occurred().IsNull ? End(exchange) : Fail(exchange);
            }
            if (!Python.PyBytes_Check(block)) return Mistake(exchange, NotBytes(block));
            if (Python.PyBytes_Size(block) == 0) continue;
            if (Response.State == ResponseState.None) return Mistake(exchange, NoStartResponse);
            if (Response.State == ResponseState.Started) Response.EndHead(exchange, -1);
            // HEAD, 204, 304: asking for more would only cost time, and an endless body would never end.
            if (!exchange.BodyAllowed) return true;
            // "Buffering and Streaming": a block is on its way before the next one is asked for.
            if (!Response.Send(exchange, block) || !Response.Flush(exchange)) return ClientGone();
        }
    }

    private bool End(WsgiExchange exchange)
    {
        if (Response.State == ResponseState.None) return Mistake(exchange, NoStartResponse);
        if (Response.State == ResponseState.Started) Response.EndHead(exchange, 0);
        Response.CheckLength(exchange);
        return true;
    }

    private bool NotIterable(WsgiExchange exchange, PyBorrowed returned)
    {
        thread.Interrupts.Leave();
        PythonException error = PythonException.Fetch();
        using PyOwned method = GetAttributeOrNull(returned, "__iter__");
        if (!method.IsNull) return Fail(exchange, error); // it has an iterator, which failed
        error.Dispose();
        return Mistake(exchange, $"it returned {Text.TypeName(returned)}, which is not an iterable of bytes");
    }

    private bool TrySendFile(WsgiExchange exchange, PyBorrowed wrapper, out bool isWhole)
    {
        isWhole = true;
        // After write() the framing is set for pieces; without start_response iterating names the mistake.
        if (Response.State != ResponseState.Started) return false;
        if (!gateway.Files.TryDescribe(wrapper, out int descriptor, out long offset, out long count)) return false;

        int ours = gateway.Files.Duplicate(descriptor);
        if (ours < 0)
        {
            Python.PyErr_Clear(); // out of descriptors: the file itself can still be read
            return false;
        }
        long declared = Response.DeclaredLength;
        if (declared >= 0) count = Math.Min(count, declared);
        Response.EndHead(exchange, count);
        Response.Given(count);
        exchange.SendFile(ours, offset, exchange.BodyAllowed ? count : 0);
        Response.CheckLength(exchange);
        return true;
    }

    // PEP 3333: close() is called exactly once, however the request ends.
    private void Close(PyBorrowed iterable)
    {
        using PyOwned close = GetAttributeOrNull(iterable, "close");
        if (close.IsNull) return;
        thread.Interrupts.Enter(); // the application's again, after Fail
        using PyOwned result = PyCalls.Call(close);
        if (!result.IsNull) return;
        thread.Interrupts.Leave();
        using PythonException error = PythonException.Fetch();
        if (thread.Interrupts.IsOurs(error)) GatewayLog.DeadlineEnded(gateway.Log, thread.RequestLine());
        else GatewayLog.CloseFailed(gateway.Log, thread.RequestLine(), error.Format().TrimEnd());
    }

    private static PyOwned GetAttributeOrNull(PyBorrowed o, string name)
    {
        PyOwned value = Python.PyObject_GetAttrString(o, name);
        if (value.IsNull) Python.PyErr_Clear();
        return value;
    }

    private const string NoStartResponse = "it did not call start_response before the body";

    private static string NotBytes(PyBorrowed block) => $"it returned {Text.TypeName(block)}, not bytes, in its body";

    private static string? WrongReturn(PyBorrowed returned) =>
        returned.IsNone ? "it returned None, not an iterable of bytes"
        : Python.PyUnicode_Check(returned) ? "it returned str, not an iterable of bytes"
        : Python.PyBytes_Check(returned) ? "it returned bytes, not an iterable of bytes (a list with it in: [body])"
        : null;

    private bool Mistake(WsgiExchange exchange, string mistake)
    {
        GatewayLog.ApplicationMistaken(gateway.Log, thread.RequestLine(), mistake);
        return Answer(exchange, 500, $"The application broke the rules of WSGI: {mistake} (PEP 3333)");
    }

    private bool ClientGone()
    {
        GatewayLog.ClientGone(gateway.Log, thread.RequestLine());
        return false;
    }

    private static int StatusOf(BodyResult failure) => failure switch
    {
        BodyResult.TimedOut => 408,
        BodyResult.TooLarge => 413,
        BodyResult.Malformed => 400,
        _ => 500,
    };

    // details: what is only for the developer's eyes.
    private bool Answer(WsgiExchange exchange, int status, string? details)
    {
        if (Response.State == ResponseState.HeadEnded) return false; // only a broken-off response tells the client
        Response.Discard(exchange);
        if (gateway.IsDevelopment && status == 500 && details is not null)
        {
            return Response.AnswerDetails(exchange, details) || ClientGone();
        }
        Response.AnswerError(exchange, status);
        return true;
    }
}
