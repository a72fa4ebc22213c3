using System.Runtime.InteropServices;
using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// Calls the application for one request after another: a gateway's part that belongs to one application thread.
/// </summary>
/// <remarks>
/// Used by one thread at a time. Keeps the Python objects that a request needs and gives them to the next one, unless
/// the application kept one: that is cut off from here, and a new one made. A plain request allocates nothing managed.
/// </remarks>
internal sealed class GatewayThread : IDisposable
{
    // A thread that Python did not start is a daemon to it, and so would be every thread that a request starts: they
    // would not be joined at the end, as they are in a Python server.
    private const string ThreadSource = """
        import threading
        if threading.current_thread() is not threading.main_thread():
            threading.current_thread()._daemonic = False
        """;

    private readonly Gateway _gateway;
    private readonly EnvironBuilder _environ;
    private readonly ResponseBody _body;
    private GCHandle _self; // through it callbacks find this object; freed by Dispose
    private WsgiExchange? _exchange;
    private PyRef _request; // what start_response and write are bound to
    private PyRef _startResponse;
    private PyRef _input;
    private PyRef _errors;

    internal GatewayThread(Gateway gateway)
    {
        _gateway = gateway;
        _self = GCHandle.Alloc(this);
        Response = new Response(this, gateway.Log);
        Input = new BodyInput(this);
        Errors = new ErrorStream(gateway.ErrorsLog);
        _body = new ResponseBody(this, gateway);
        _errors.Set(gateway.Types.NewErrors(_self).Steal());
        _input.Set(gateway.Types.NewInput(_self).Steal());
        PyCode.Run(ThreadSource, "<seriema>").Dispose();
        _environ = new EnvironBuilder(gateway.Keys, gateway.Constants, _errors, _input);
        Interrupts = new InterruptGate(gateway.Interruption);
        gateway.Interruption?.Join();
        MakeFunctions();
    }

    /// <summary>Where a deadline's exception may reach this thread, and where it must not.</summary>
    internal InterruptGate Interrupts { get; }

    internal Response Response { get; }

    internal BodyInput Input { get; }

    internal ErrorStream Errors { get; }

    /// <summary>
    /// A call waits in the exchange without the GIL; another thread of the application must keep out.
    /// </summary>
    internal bool IsOutside { get; set; }

    /// <summary>Serves one request: environ, call, body, close. Called without the GIL, takes it once.</summary>
    /// <remarks>
    /// The bytes leave after the GIL was given back, unless the application makes them piece by piece.
    /// </remarks>
    internal void Call(WsgiExchange exchange)
    {
        Route route = _gateway.RouteOf(exchange);
        bool isWhole;
        if (route.IsNobody)
        {
            isWhole = AnswerNotFound(exchange); // no need of Python, nor of the GIL
        }
        else
        {
            using GilScope gil = GilScope.Enter();
            isWhole = Serve(exchange, route);
        }
        if (isWhole) exchange.Complete();
        else exchange.Abort();
    }

    /// <summary>
    /// The exchange of the present request; null, with a Python error set, when it may not be used now.
    /// </summary>
    internal WsgiExchange? TryExchange()
    {
        if (_exchange is not null && !IsOutside) return _exchange;
        Raise.RuntimeError(_exchange is null
            ? "seriema: the request is over"
            : "seriema: another thread is using this request");
        return null;
    }

    /// <summary>The present request as the log names it: bounded, and nothing in it but printable ASCII.</summary>
    internal string RequestLine()
    {
        RequestHead head = _exchange!.Head;
        return $"{Text.Show(head.Method.Of(_exchange.HeadBytes))} {Text.Show(Secrets.HideInLine(head.Target.Of(_exchange.HeadBytes)))}";
    }

    /// <summary>Gives the references back. Not during a request; takes the GIL.</summary>
    public void Dispose()
    {
        if (!_self.IsAllocated) return;
        if (!PythonRuntime.HasEnded)
        {
            using GilScope gil = GilScope.Enter();
            _gateway.Interruption?.Leave();
            Link.Cut(_request);
            Link.Cut(_input);
            Link.Cut(_errors);
            _environ.Clear();
            Response.ClearReferences();
            _startResponse.Clear();
            _request.Clear();
            _input.Clear();
            _errors.Clear();
        }
        _self.Free();
    }

    // True when the response is whole, false when it must be broken off.
    private bool Serve(WsgiExchange exchange, Route route)
    {
        _exchange = exchange;
        Response.Begin();
        Input.Begin();
        Interrupts.Begin();
        try
        {
            if (exchange.IsExpired) return false; // it waited for the GIL as long
            using PyOwned environ = _environ.Build(exchange, route.ScriptNameLength);
            Interrupts.Enter();
            using PyOwned iterable = PyCalls.Call(_gateway.Application(route), environ, _startResponse);
            return iterable.IsNull ? _body.Fail(exchange) : _body.Send(exchange, iterable);
        }
        catch (PythonException e)
        {
            return _body.Fail(exchange, e); // out of memory in a call of our own
        }
        finally
        {
            Interrupts.Leave(); // first: what follows is not the application's
            if (Errors.HasUnfinishedLine) Errors.FlushLine().Dispose();
            if (IsOutside) WaitForOthers();
            _exchange = null;
            Renew();
        }
    }

    private bool AnswerNotFound(WsgiExchange exchange)
    {
        if (exchange.IsExpired) return false;
        Response.Begin();
        Response.AnswerError(exchange, 404);
        return true;
    }

    // A thread of the application still waits in the exchange; until it is back, the exchange must stay.
    private void WaitForOthers()
    {
        while (IsOutside)
        {
            using (GilRelease.Begin()) Thread.Sleep(1); // rare, and ends at the latest with the front end's time limit
        }
    }

    // An object whose count says that only we hold it goes on to the next request.
    private void Renew()
    {
        const int Functions = 1, Request = 3, Inputs = 2; // the functions hold the request too, the base dict the input
        if (_startResponse.Count != Functions || Response.WriteReferences != Functions || _request.Count != Request)
        {
            Link.Cut(_request);
            MakeFunctions();
        }
        if (_input.Count != Inputs)
        {
            Link.Cut(_input);
            _input.Set(_gateway.Types.NewInput(_self).Steal());
            _environ.UseInput(_input);
        }
    }

    private void MakeFunctions()
    {
        _request.Set(_gateway.Types.NewRequest(_self).Steal());
        _startResponse.Set(NativeTypes.NewStartResponse(_request).Steal());
        Response.Use(NativeTypes.NewWrite(_request).Steal());
    }
}
