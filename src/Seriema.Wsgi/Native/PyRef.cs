using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>A reference of our own that lives in a field; its owner clears it, with the GIL held.</summary>
internal struct PyRef
{
    private nint _raw;

    internal readonly bool IsNull => _raw == 0;

    public static implicit operator PyBorrowed(PyRef reference) => new(reference._raw);

    /// <summary>The object's type is exactly this one.</summary>
    internal readonly bool IsTypeOf(PyBorrowed o) => _raw != 0 && Python.Py_TYPE(o) == _raw;

    /// <summary>How many references to the object there are, this one included.</summary>
    internal readonly int Count => Refcount.Of(new PyBorrowed(_raw));

    /// <summary>Takes over a reference; what was here is released.</summary>
    internal void Set(PyStolen value)
    {
        nint old = _raw;
        _raw = value.Raw;
        if (old != 0) Refcount.Decrement(old);
    }

    internal void Clear() => Set(default);
}
