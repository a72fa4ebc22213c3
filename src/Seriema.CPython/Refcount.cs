using System.Runtime.CompilerServices;

namespace Seriema.CPython;

/// <summary>Reference counts without a call into Python where the count stays above zero. The GIL must be
/// held.</summary>
/// <remarks>
/// <c>ob_refcnt</c> is the first field of every object. Its low 32 bits are a plain count at offset 0 in every GIL
/// build
/// from 3.9 to 3.14 on little-endian machines: up to 3.11 the low half of a 64-bit count; in 3.12 and 3.13 the half
/// that
/// Py_INCREF itself adds to; from 3.14 a 32-bit field. Immortal objects (PEP 683) read as negative. Whatever is not a
/// small
/// positive count goes to Python's own function, so only the common case relies on it.
/// </remarks>
internal static unsafe class Refcount
{
    /// <summary>The low 32 bits of the count: negative or very large for an immortal object.</summary>
    internal static int Of(PyBorrowed o) => *(int*)o.Raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Increment(nint raw)
    {
        int count = *(int*)raw;
        if (count is > 0 and < int.MaxValue - 1) *(int*)raw = count + 1;
        else Python.Py_IncRef(new PyBorrowed(raw));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Decrement(nint raw)
    {
        int count = *(int*)raw;
        if (count > 1) *(int*)raw = count - 1;
        else Python.Py_DecRef(new PyStolen(raw)); // the last one runs finalizers, so never without a GC transition
    }
}
