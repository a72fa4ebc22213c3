using System.Runtime.CompilerServices;

namespace Seriema.CPython;

/// <summary>A reference of our own: disposed once, or handed on with <see cref="Take"/> or
/// <see cref="Steal"/>.</summary>
/// <remarks>
/// Handing on empties it, so a later <see cref="Dispose"/> does nothing. The GIL is held wherever one lives.
/// A copy would own the same reference a second time: pass it as <see cref="PyBorrowed"/>, or by <c>ref</c>.
/// </remarks>
internal ref struct PyOwned : IDisposable
{
    private nint _raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PyOwned(nint raw) => _raw = raw;

    /// <summary>The <c>PyObject *</c>; 0 for null or after it was handed on.</summary>
    internal readonly nint Raw => _raw;

    internal readonly bool IsNull => _raw == 0;

    internal readonly bool IsNone => _raw == PythonData.None;

    internal readonly PyBorrowed Borrow() => new(_raw);

    public static implicit operator PyBorrowed(PyOwned owned) => new(owned._raw);

    /// <summary>Hands the reference to the caller as a bare pointer and empties this one.</summary>
    internal nint Take()
    {
        nint raw = _raw;
        _raw = 0;
        return raw;
    }

    /// <summary>Hands the reference to a call that steals it and empties this one.</summary>
    internal PyStolen Steal() => new(Take());

    /// <summary>This reference, or the pending Python error as an exception when it is null.</summary>
    /// <exception cref="PythonException">The reference is null; the pending error is taken.</exception>
    internal readonly PyOwned OrThrow()
    {
        if (_raw == 0) PythonException.ThrowPending();
        return this;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        nint raw = Take();
        if (raw != 0) Refcount.Decrement(raw);
    }
}
