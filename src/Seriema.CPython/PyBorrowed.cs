using System.Runtime.CompilerServices;

namespace Seriema.CPython;

/// <summary>A reference that someone else owns; valid while the owner keeps it and the GIL is held.</summary>
internal readonly ref struct PyBorrowed
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PyBorrowed(nint raw) => Raw = raw;

    /// <summary>The <c>PyObject *</c>; 0 for null.</summary>
    internal nint Raw { get; }

    internal bool IsNull => Raw == 0;

    internal bool IsNone => Raw == PythonData.None;

    /// <summary>This reference, or the pending Python error as an exception when it is null.</summary>
    /// <exception cref="PythonException">The reference is null; the pending error is taken.</exception>
    internal PyBorrowed OrThrow()
    {
        if (Raw == 0) PythonException.ThrowPending();
        return this;
    }

    /// <summary>A new reference to the same object; a null stays null.</summary>
    internal PyOwned ToOwned()
    {
        if (Raw != 0) Refcount.Increment(Raw);
        return new PyOwned(Raw);
    }

    /// <summary>A new reference for a call that steals its argument.</summary>
    internal PyStolen ToStolen()
    {
        if (Raw != 0) Refcount.Increment(Raw);
        return new PyStolen(Raw);
    }
}
