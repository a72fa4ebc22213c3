using Seriema.CPython;

namespace Seriema.PythonHost;

internal static unsafe class OwnershipChecks
{
    internal static (string, Action)[] All =>
    [
        ("Object_header_is_a_count_and_a_type", Object_header_is_a_count_and_a_type),
        ("New_reference_is_released_once", New_reference_is_released_once),
        ("Borrowed_reference_changes_no_count", Borrowed_reference_changes_no_count),
        ("Stolen_reference_moves_to_the_container", Stolen_reference_moves_to_the_container),
        ("Own_counting_agrees_with_Python", Own_counting_agrees_with_Python),
        ("Immortal_objects_keep_their_count", Immortal_objects_keep_their_count),
        ("Last_release_frees_the_object", Last_release_frees_the_object),
        ("Struct_sizes_are_those_of_C", Struct_sizes_are_those_of_C),
        ("Built_in_types_are_recognised", Built_in_types_are_recognised),
    ];

    // An object nobody else counts: not None or a small int, which are immortal or shared.
    private static PyOwned NewObject(out PyOwned globals)
    {
        globals = PyCode.Run("""
            import sys
            class Thing: pass
            freed = []
            class Last:
                def __del__(self): freed.append(1)
            thing = Thing()
            """, "<ownership>");
        return PyCode.Evaluate("Thing()", globals);
    }

    private static long CountSeenByPython(PyBorrowed globals, PyBorrowed o)
    {
        using PyOwned sys = Python.PyImport_ImportModule("sys").OrThrow();
        using PyOwned count = PyCalls.CallMethod(sys, "getrefcount", o.Raw).OrThrow();
        return Python.PyLong_AsLongLong(count);
    }

    private static void Object_header_is_a_count_and_a_type()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned thing = NewObject(out PyOwned globals);
        using PyOwned type = Python.PyObject_Type(thing);
        Checks.Equal(type.Raw, Python.Py_TYPE(thing), "ob_type");
        Checks.Equal(1, Refcount.Of(thing), "ob_refcnt of a new object");
        globals.Dispose();
    }

    private static void New_reference_is_released_once()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("class Thing: pass\nthing = Thing()", "<own>");
        PyBorrowed thing = Python.PyDict_GetItemString(globals, "thing");
        int before = Refcount.Of(thing);
        PyOwned owned = thing.ToOwned();
        Checks.Equal(before + 1, Refcount.Of(thing), "after ToOwned");
        owned.Dispose();
        owned.Dispose();
        Checks.Equal(before, Refcount.Of(thing), "after two Disposes");
        using (PyOwned taken = thing.ToOwned())
        {
            // Handing on must act on the using local itself, not on a copy of it.
            nint raw = taken.Take();
            Checks.That(taken.IsNull, "Take leaves the source empty");
            Python.Py_DecRef(raw);
        }
        Checks.Equal(before, Refcount.Of(thing), "after Take");
    }

    private static void Borrowed_reference_changes_no_count()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned dict = Python.PyDict_New().OrThrow();
        using PyOwned value = Python.PyList_New(0).OrThrow();
        using PyOwned key = PyStrings.FromText("a key that is nobody else's").OrThrow();
        Checks.Equal(0, Python.PyDict_SetItem(dict, key, value), "PyDict_SetItem");
        Checks.Equal(2, Refcount.Of(value), "the dict took its own reference");
        PyBorrowed found = Python.PyDict_GetItemWithError(dict, key);
        Checks.Equal(value.Raw, found.Raw, "the item");
        Checks.Equal(2, Refcount.Of(value), "after reading");
        Checks.Equal(0, Python.PyDict_DelItem(dict, key), "PyDict_DelItem");
        Checks.Equal(1, Refcount.Of(value), "after removal");
        Checks.That(Python.PyDict_GetItemWithError(dict, key).IsNull, "absent is null");
        Checks.That(Python.PyErr_Occurred().IsNull, "absent is no error");
    }

    private static void Stolen_reference_moves_to_the_container()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned item = Python.PyList_New(0).OrThrow();
        using (PyOwned tuple = Python.PyTuple_New(1).OrThrow())
        {
            using PyOwned second = ((PyBorrowed)item).ToOwned();
            Checks.Equal(0, Python.PyTuple_SetItem(tuple, 0, second.Steal()), "PyTuple_SetItem");
            Checks.That(second.IsNull, "Steal leaves the source empty");
            Checks.Equal(2, Refcount.Of(item), "ours and the tuple's");
        }
        Checks.Equal(1, Refcount.Of(item), "the tuple gave its own back");
        using PyOwned list = Python.PyList_New(0).OrThrow();
        Checks.Equal(-1, Python.PyList_SetItem(list, 5, ((PyBorrowed)item).ToStolen()), "out of range");
        PythonException.Fetch().Dispose();
        Checks.Equal(1, Refcount.Of(item), "stolen on failure too");
    }

    private static void Own_counting_agrees_with_Python()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned thing = NewObject(out PyOwned globals);
        long seen = CountSeenByPython(globals, thing);
        for (int i = 0; i < 1000; i++) Refcount.Increment(thing.Raw);
        Checks.Equal(seen + 1000, CountSeenByPython(globals, thing), "after 1000 increments");
        for (int i = 0; i < 500; i++) Python.Py_DecRef(thing.Raw);
        for (int i = 0; i < 500; i++) Refcount.Decrement(thing.Raw);
        Checks.Equal(seen, CountSeenByPython(globals, thing), "after 1000 decrements");
        globals.Dispose();
    }

    private static void Immortal_objects_keep_their_count()
    {
        using GilScope gil = GilScope.Enter();
        int before = Refcount.Of(Python.Py_None);
        for (int i = 0; i < 10_000; i++)
        {
            Refcount.Increment(PythonData.None);
            Refcount.Decrement(PythonData.None);
        }
        Checks.Equal(before, Refcount.Of(Python.Py_None), "None");
    }

    private static void Last_release_frees_the_object()
    {
        using GilScope gil = GilScope.Enter();
        PyOwned thing = NewObject(out PyOwned globals);
        thing.Dispose();
        PyOwned last = PyCode.Evaluate("Last()", globals);
        last.Dispose();
        using PyOwned freed = PyCode.Evaluate("len(freed)", globals);
        Checks.Equal(1L, Python.PyLong_AsLongLong(freed), "__del__ ran");
        globals.Dispose();
    }

    private static void Struct_sizes_are_those_of_C()
    {
        Checks.Equal(32, sizeof(PyMethodDef), "PyMethodDef");
        Checks.Equal(16, sizeof(PyType_Slot), "PyType_Slot");
        Checks.Equal(32, sizeof(PyType_Spec), "PyType_Spec");
        Checks.Equal(40, sizeof(PyGetSetDef), "PyGetSetDef");
        Checks.Equal(40, sizeof(PyMemberDef), "PyMemberDef");
        // object.__basicsize__ is sizeof(PyObject): the header ends after the type.
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("size = object.__basicsize__", "<size>");
        Checks.Equal(16L, Python.PyLong_AsLongLong(Python.PyDict_GetItemString(globals, "size")), "sizeof(PyObject)");
    }

    private static void Built_in_types_are_recognised()
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned globals = PyCode.Run("""
            class S(str): pass
            class B(bytes): pass
            class L(list): pass
            class T(tuple): pass
            class D(dict): pass
            values = [S(), B(), L(), T(), D(), '', b'', [], (), {}, True, object()]
            """, "<types>");
        PyBorrowed values = Python.PyDict_GetItemString(globals, "values");
        for (nint i = 0; i < 12; i++)
        {
            PyBorrowed o = Python.PyList_GetItem(values, i);
            string seen = $"{Python.PyUnicode_Check(o)},{Python.PyBytes_Check(o)},{Python.PyList_Check(o)}," +
                $"{Python.PyTuple_Check(o)},{Python.PyDict_Check(o)},{Python.PyLong_Check(o)}";
            nint hit = i < 10 ? i % 5 : i == 10 ? 5 : -1;
            string expected = string.Join(',', Enumerable.Range(0, 6).Select(column => column == hit));
            Checks.Equal(expected, seen, $"value {i}");
            Checks.Equal(i is >= 5 and < 10, Python.PyUnicode_CheckExact(o) || Python.PyBytes_CheckExact(o)
                || Python.PyList_CheckExact(o) || Python.PyTuple_CheckExact(o) || Python.PyDict_CheckExact(o), $"exact {i}");
        }
    }
}
