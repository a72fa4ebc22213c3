using System.Runtime.InteropServices;
using Seriema.CPython;

namespace Seriema.Wsgi.Native;

/// <summary>
/// The field through which a Python object of ours finds its C# side: a GCHandle, or 0 once it is cut.
/// </summary>
/// <remarks>
/// An object that the application keeps beyond its request is cut, so it can never reach into another one.
/// </remarks>
internal static unsafe class Link
{
    /// <summary>
    /// sizeof(PyObject), a count and a type, in every build that has a GIL; checked when the types are made.
    /// </summary>
    internal const int Offset = 16;

    internal const int ObjectSize = Offset + 8;

    internal static void Set(PyBorrowed o, GCHandle handle) => *(nint*)(o.Raw + Offset) = GCHandle.ToIntPtr(handle);

    internal static void Cut(PyBorrowed o) => *(nint*)(o.Raw + Offset) = 0;

    internal static GatewayThread? Of(nint o)
    {
        nint handle = *(nint*)(o + Offset);
        return handle == 0 ? null : (GatewayThread?)GCHandle.FromIntPtr(handle).Target;
    }
}
