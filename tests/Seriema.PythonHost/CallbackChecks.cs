using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Seriema.CPython;

namespace Seriema.PythonHost;

internal static unsafe class CallbackChecks
{
    private static int s_freed;
    private static string s_problem = "";

    internal static (string, Action)[] All =>
    [
        ("Function_of_ours_is_called_and_raises", Function_of_ours_is_called_and_raises),
        ("Callback_on_a_Python_thread_may_release_and_enter", Callback_on_a_Python_thread_may_release_and_enter),
        ("Type_of_ours_has_methods_members_and_ends", Type_of_ours_has_methods_members_and_ends),
        ("Capsule_gives_its_pointer_back", Capsule_gives_its_pointer_back),
    ];

    private static PyMethodDef* Method(ReadOnlySpan<byte> name, void* function, int flags)
    {
        // Native memory for life, as PyCFunction_NewEx wants it.
        PyMethodDef* method = (PyMethodDef*)NativeMemory.AllocZeroed(2, (nuint)sizeof(PyMethodDef));
        method->ml_name = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name)); // a u8 literal never moves
        method->ml_meth = function;
        method->ml_flags = flags;
        return method;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Count(nint self, nint* args, nint count)
    {
        if (count == 0)
        {
            Python.PyErr_SetString(Python.PyExc_TypeError, "at least one");
            return 0;
        }
        return Python.PyLong_FromLongLong(count).Take();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint ReleaseAndEnter(nint self, nint unused)
    {
        try
        {
            nint state = Python.PyThreadState_Get();
            Checks.That(PythonThread.HoldsGil, "a callback holds the GIL");
            using (GilRelease.Begin())
            {
                Checks.That(!PythonThread.HoldsGil, "released");
                using GilScope inner = GilScope.Enter();
                Checks.Equal(state, Python.PyThreadState_Get(), "Python's own state");
            }
            using (GilScope nested = GilScope.Enter()) Checks.Equal(state, Python.PyThreadState_Get(), "nested");
            Checks.Equal(1, Python.PyGILState_Check(), "still held");
        }
#pragma warning disable CA1031 // nothing may unwind into C
        catch (Exception e)
#pragma warning restore CA1031
        {
            s_problem = e.Message;
        }
        return Py_NewNone();
    }

    private static nint Py_NewNone() => Python.Py_None.ToOwned().Take();

    private static void Function_of_ours_is_called_and_raises()
    {
        using GilScope gil = GilScope.Enter();
        delegate* unmanaged[Cdecl]<nint, nint*, nint, nint> count = &Count;
        using PyOwned function = Python.PyCFunction_NewEx(Method("count"u8, count, Python.METH_FASTCALL), default, default).OrThrow();
        using PyOwned globals = PyCode.Run("", "<callback>");
        Checks.Equal(0, Python.PyDict_SetItemString(globals, "count", function), "PyDict_SetItemString");
        using PyOwned three = PyCode.Evaluate("count(1, 2, 3)", globals);
        Checks.Equal(3L, Python.PyLong_AsLongLong(three), "count");
        try
        {
            PyCode.Evaluate("count()", globals).Dispose();
            Checks.That(false, "must raise");
        }
        catch (PythonException e)
        {
            Checks.Equal("TypeError: at least one", e.Message, "error");
            e.Dispose();
        }
    }

    private static void Callback_on_a_Python_thread_may_release_and_enter()
    {
        s_problem = "not called";
        using GilScope gil = GilScope.Enter();
        delegate* unmanaged[Cdecl]<nint, nint, nint> callback = &ReleaseAndEnter;
        using PyOwned function = Python.PyCFunction_NewEx(Method("callback"u8, callback, Python.METH_NOARGS), default, default).OrThrow();
        using PyOwned globals = PyCode.Run("import threading", "<callback>");
        Checks.Equal(0, Python.PyDict_SetItemString(globals, "callback", function), "PyDict_SetItemString");
        s_problem = "";
        using PyOwned here = PyCode.Evaluate("[callback(), callback()]", globals);
        Checks.Equal("", s_problem, "on our thread");
        using PyOwned thread = PyCode.Evaluate("threading.Thread(target=lambda: [callback(), callback()])", globals);
        PyCalls.CallMethod(thread, "start").OrThrow().Dispose();
        PyCalls.CallMethod(thread, "join").OrThrow().Dispose();
        Checks.Equal("", s_problem, "on Python's thread");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Dealloc(nint self)
    {
        nint type = Python.Py_TYPE(new PyBorrowed(self));
        s_freed++;
        Python.PyObject_Free(self);
        Python.Py_DecRef(type); // an instance owns a reference to its heap type
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Doubled(nint self, nint unused) => Python.PyLong_FromLongLong(2 * ((nint*)self)[2]).Take();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Triple(nint self, nint closure) => Python.PyLong_FromLongLong(3 * ((nint*)self)[2]).Take();

    private static PyOwned NewThingType()
    {
        delegate* unmanaged[Cdecl]<nint, void> dealloc = &Dealloc;
        delegate* unmanaged[Cdecl]<nint, nint, nint> doubled = &Doubled;
        PyGetSetDef* getset = (PyGetSetDef*)NativeMemory.AllocZeroed(2, (nuint)sizeof(PyGetSetDef));
        getset->name = Text("triple"u8);
        getset->get = &Triple;
        PyMemberDef* member = (PyMemberDef*)NativeMemory.AllocZeroed(2, (nuint)sizeof(PyMemberDef));
        *member = new PyMemberDef { name = Text("value"u8), type = Python.T_PYSSIZET, offset = 16, flags = Python.READONLY };
        PyType_Slot* slots = stackalloc PyType_Slot[]
        {
            new() { slot = Python.Py_tp_dealloc, pfunc = dealloc },
            new() { slot = Python.Py_tp_methods, pfunc = Method("doubled"u8, doubled, Python.METH_NOARGS) },
            new() { slot = Python.Py_tp_getset, pfunc = getset },
            new() { slot = Python.Py_tp_members, pfunc = member },
            new() { slot = Python.Py_tp_iter, pfunc = Python.PyObject_SelfIter },
            default,
        };
        PyType_Spec spec = new()
        {
            name = Text("host.Thing"u8),
            basicsize = 24,
            flags = Python.Py_TPFLAGS_DEFAULT,
            slots = slots,
        };
        return Python.PyType_FromSpec(&spec).OrThrow();
    }

    private static byte* Text(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

    private static void Type_of_ours_has_methods_members_and_ends()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned type = NewThingType();
        int typeCount = Refcount.Of(type);
        using PyOwned globals = PyCode.Run("", "<type>");
        using (PyOwned thing = Python.PyType_GenericAlloc(type.Raw, 0).OrThrow())
        {
            ((nint*)thing.Raw)[2] = 21;
            Checks.Equal(0, Python.PyDict_SetItemString(globals, "thing", thing), "PyDict_SetItemString");
            using PyOwned sum = PyCode.Evaluate("(thing.doubled(), thing.triple, thing.value, type(thing).__name__)", globals);
            Checks.Equal("(42, 63, 21, 'Thing')", PyStrings.ReprText(sum), "what Python sees");
        }
        int before = s_freed;
        using PyOwned name = PyStrings.FromText("thing").OrThrow();
        Checks.Equal(0, Python.PyDict_DelItem(globals, name), "PyDict_DelItem");
        Checks.Equal(before + 1, s_freed, "deallocated");
        Checks.Equal(typeCount, Refcount.Of(type), "the type's count");
    }

    private static void Capsule_gives_its_pointer_back()
    {
        using GilScope gil = GilScope.Enter();
        fixed (byte* name = "seriema.test"u8)
        {
            using PyOwned capsule = Python.PyCapsule_New(0x1234, name, null).OrThrow();
            Checks.Equal((nint)0x1234, Python.PyCapsule_GetPointer(capsule, name), "pointer");
            fixed (byte* other = "other"u8) Checks.Equal((nint)0, Python.PyCapsule_GetPointer(capsule, other), "wrong name");
            PythonException.Fetch().Dispose();
        }
    }
}
