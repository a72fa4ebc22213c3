using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>What Python calls: each finds the thread it belongs to and calls one method of it.</summary>
/// <remarks>
/// Called with the GIL held, on whichever thread the application uses. Nothing managed unwinds into C.
/// </remarks>
internal static unsafe class Callbacks
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint StartResponse(nint self, nint* args, nint count, nint keywords)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Response.StartResponse(new PyArguments(args, count, keywords)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint Write(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Response.Write(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint InputRead(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Input.Read(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint InputReadLine(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Input.ReadLine(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint InputReadLines(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Input.ReadLines(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    /// <summary>tp_iternext: null without an error is the end.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint InputNext(nint self)
    {
        try
        {
            return Link.Of(self) is { } thread ? thread.Input.Next().Take() : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint ErrorsWrite(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Errors.Write(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint ErrorsWriteLines(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread
                ? thread.Errors.WriteLines(new PyArguments(args, count, 0)).Take()
                : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint ErrorsFlush(nint self, nint* args, nint count)
    {
        try
        {
            return Link.Of(self) is { } thread ? thread.Errors.FlushLine().Take() : RequestIsOver();
        }
        catch (Exception e)
        {
            return Refuse(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint ErrorsIsATty(nint self, nint* args, nint count) => Python.Py_False.ToOwned().Take();

    private static nint RequestIsOver()
    {
        Raise.RuntimeError("seriema: the request is over");
        return 0;
    }

    private static nint Refuse(Exception e)
    {
        if (e is PythonException python)
        {
            python.Restore(); // Python's own error goes back unchanged
            return 0;
        }
        // An exception that reaches C frames aborts the whole worker, so it ends here.
        Raise.Error(Python.PyExc_SystemError, $"seriema: {e.GetType().Name}: {e.Message}");
        return 0;
    }
}
