using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>
/// The Python types and functions that the gateway hands to applications. Owned by the <see cref="Gateway"/>.
/// </summary>
internal sealed unsafe class NativeTypes
{
    private PyRef _request;
    private PyRef _input;
    private PyRef _errors;

    internal NativeTypes()
    {
        CheckObjectSize();
        _request.Set(New("seriema.Request"u8, Slots(null)).Steal());
        _input.Set(New("seriema.InputStream"u8, Slots(Tables.Input, &Callbacks.InputNext)).Steal());
        _errors.Set(New("seriema.ErrorStream"u8, Slots(Tables.Errors)).Steal());
        SetErrorsText();
    }

    /// <summary>What <c>start_response</c> and <c>write</c> are bound to.</summary>
    internal PyOwned NewRequest(GCHandle thread) => NewLinked(_request, thread);

    internal PyOwned NewInput(GCHandle thread) => NewLinked(_input, thread);

    internal PyOwned NewErrors(GCHandle thread) => NewLinked(_errors, thread);

    internal static PyOwned NewStartResponse(PyBorrowed request) =>
        Python.PyCFunction_NewEx(Tables.StartResponse, request, default).OrThrow();

    internal static PyOwned NewWrite(PyBorrowed request) =>
        Python.PyCFunction_NewEx(Tables.Write, request, default).OrThrow();

    internal void Clear()
    {
        _request.Clear();
        _input.Clear();
        _errors.Clear();
    }

    private static PyOwned NewLinked(PyBorrowed type, GCHandle thread)
    {
        PyOwned o = Python.PyType_GenericAlloc(type.Raw, 0).OrThrow();
        Link.Set(o, thread);
        return o;
    }

    private static void CheckObjectSize()
    {
        using PyOwned builtins = Python.PyImport_ImportModule("builtins").OrThrow();
        using PyOwned type = Python.PyObject_GetAttrString(builtins, "object").OrThrow();
        using PyOwned size = Python.PyObject_GetAttrString(type, "__basicsize__").OrThrow();
        long actual = Python.PyLong_AsLongLong(size);
        if (actual != Link.Offset)
        {
            throw new NotSupportedException(
                $"This Python's objects have a header of {actual} bytes: free-threaded builds are not supported.");
        }
    }

    // What code that treats wsgi.errors as a text file looks at.
    private void SetErrorsText()
    {
        using PyOwned encoding = PyStrings.FromLatin1("utf-8"u8).OrThrow();
        using PyOwned errors = PyStrings.FromLatin1("backslashreplace"u8).OrThrow();
        using PyOwned name = PyStrings.FromLatin1("<wsgi.errors>"u8).OrThrow();
        SetAttribute(_errors, "encoding", encoding);
        SetAttribute(_errors, "errors", errors);
        SetAttribute(_errors, "name", name);
    }

    private static void SetAttribute(PyBorrowed type, string name, PyBorrowed value)
    {
        if (Python.PyObject_SetAttrString(type, name, value) < 0) throw PythonException.Fetch();
    }

    private static PyOwned New(ReadOnlySpan<byte> name, PyType_Slot* slots)
    {
        var spec = new PyType_Spec
        {
            name = Tables.Literal(name),
            basicsize = Link.ObjectSize,
            flags = Python.Py_TPFLAGS_DEFAULT, // no BASETYPE: a subclass could outlive and re-make what it links to
            slots = slots,
        };
        PyOwned type = Python.PyType_FromSpec(&spec);
        NativeMemory.Free(slots); // copied into the type; the tables they point to stay
        return type.OrThrow();
    }

    private static PyType_Slot* Slots(PyMethodDef* methods, delegate* unmanaged[Cdecl]<nint, nint> next = null)
    {
        var slots = (PyType_Slot*)NativeMemory.AllocZeroed(4, (nuint)sizeof(PyType_Slot));
        int count = 0;
        if (methods != null) slots[count++] = new PyType_Slot { slot = Python.Py_tp_methods, pfunc = methods };
        if (next != null)
        {
            slots[count++] = new PyType_Slot { slot = Python.Py_tp_iter, pfunc = Python.PyObject_SelfIter };
            slots[count] = new PyType_Slot { slot = Python.Py_tp_iternext, pfunc = next };
        }
        return slots;
    }

    /// <summary>Method tables: Python keeps pointers into them, so they are made once and never freed.</summary>
    private static class Tables
    {
        internal static readonly PyMethodDef* StartResponse = Table(1);
        internal static readonly PyMethodDef* Write = Table(1);
        internal static readonly PyMethodDef* Input = Table(3);
        internal static readonly PyMethodDef* Errors = Table(4);

        static Tables()
        {
            StartResponse[0] = new PyMethodDef
            {
                ml_name = Literal("start_response"u8),
                ml_meth = (delegate* unmanaged[Cdecl]<nint, nint*, nint, nint, nint>)&Callbacks.StartResponse,
                ml_flags = Python.METH_FASTCALL | Python.METH_KEYWORDS,
                ml_doc = Literal("start_response(status, headers, exc_info=None) -> write"u8),
            };
            Write[0] = Fast("write"u8, &Callbacks.Write);
            Input[0] = Fast("read"u8, &Callbacks.InputRead);
            Input[1] = Fast("readline"u8, &Callbacks.InputReadLine);
            Input[2] = Fast("readlines"u8, &Callbacks.InputReadLines);
            Errors[0] = Fast("write"u8, &Callbacks.ErrorsWrite);
            Errors[1] = Fast("writelines"u8, &Callbacks.ErrorsWriteLines);
            Errors[2] = Fast("flush"u8, &Callbacks.ErrorsFlush);
            Errors[3] = Fast("isatty"u8, &Callbacks.ErrorsIsATty);
        }

        // A u8 literal lies in the image's data with a NUL behind it, so its address holds for the process's life.
        internal static byte* Literal(ReadOnlySpan<byte> literal) =>
            (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

        // One more than the methods: a zeroed entry ends the table.
        private static PyMethodDef* Table(nuint methods) =>
            (PyMethodDef*)NativeMemory.AllocZeroed(methods + 1, (nuint)sizeof(PyMethodDef));

        private static PyMethodDef Fast(
            ReadOnlySpan<byte> name, delegate* unmanaged[Cdecl]<nint, nint*, nint, nint> function) => new()
            {
                ml_name = Literal(name),
                ml_meth = function,
                ml_flags = Python.METH_FASTCALL,
            };
    }
}
