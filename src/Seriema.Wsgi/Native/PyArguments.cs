using System.Runtime.CompilerServices;
using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>What a METH_FASTCALL function was called with; borrowed, for the length of the call.</summary>
internal readonly unsafe ref struct PyArguments
{
    private readonly nint* _items;

    internal PyArguments(nint* items, nint count, nint keywords)
    {
        _items = items;
        Count = (int)count;
        Keywords = new PyBorrowed(keywords);
    }

    /// <summary>How many are positional.</summary>
    internal int Count { get; }

    /// <summary>A tuple of str, or null; the values follow the positional ones.</summary>
    internal PyBorrowed Keywords { get; }

    internal int KeywordCount => Keywords.IsNull ? 0 : (int)Python.PyTuple_Size(Keywords);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PyBorrowed At(int index) => new(_items[index]);

    /// <summary>The only argument of a function that takes one.</summary>
    /// <returns>False with a TypeError set.</returns>
    internal bool TryOne(string function, out PyBorrowed argument)
    {
        argument = Count == 1 ? At(0) : default;
        if (Count == 1) return true;
        Raise.TypeError($"{function}() takes exactly one argument ({Count} given)");
        return false;
    }

    /// <summary>The optional integer of <c>read</c> and its kin: absent, None and negative give -1.</summary>
    /// <returns>False with a TypeError set.</returns>
    internal bool TryReadSize(string function, out long size)
    {
        size = -1;
        if (Count > 1)
        {
            Raise.TypeError($"{function}() takes at most 1 argument ({Count} given)");
            return false;
        }
        if (Count == 0 || At(0).IsNone) return true;
        if (!Python.PyLong_Check(At(0)))
        {
            Raise.TypeError($"{function}() takes an int or None, not {Text.TypeName(At(0))}");
            return false;
        }
        size = Python.PyLong_AsSsize_t(At(0));
        if (size != -1 || Python.PyErr_Occurred().IsNull)
        {
            size = Math.Max(size, -1);
            return true;
        }
        // An int beyond Py_ssize_t means no limit, whichever its sign: no body is that long.
        Python.PyErr_Clear();
        return true;
    }
}
