using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>CPython's C API, one file per header, names and prototypes as in C. The GIL is held unless a remark says
/// otherwise.</summary>
/// <remarks>
/// Only functions of the stable ABI from 3.9 on, so one build runs on every later version. Those that appeared later
/// say so
/// and are called under a version check: a binding is resolved at its first call, never before.
/// <see cref="SuppressGCTransitionAttribute"/> marks calls that cannot run Python code, free an object, collect or
/// block.
/// </remarks>
internal static unsafe partial class Python
{
    internal const string Lib = "libpython";
}
