using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>The one libpython of this process: loaded by path, found again by every binding. Any thread.</summary>
/// <remarks>
/// A call with <see cref="SuppressGCTransitionAttribute"/> is bound when its caller is compiled, so a method that calls
/// <see cref="Load"/> must not itself contain such calls, nor methods small enough to be inlined into it that do.
/// </remarks>
internal static class LibPython
{
    private static readonly Lock s_lock = new();
    private static bool s_resolverSet;
    private static nint s_handle;

    /// <summary>Whether a library is loaded, so that the bindings can be called.</summary>
    internal static bool IsLoaded => s_handle != 0;

    /// <summary>Loads the library and makes its symbols visible to extension modules. A second library is
    /// refused.</summary>
    /// <exception cref="PythonNotFoundException">The file cannot be loaded.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Load(string path)
    {
        EnsureResolver();
        lock (s_lock)
        {
            // RTLD_GLOBAL, which NativeLibrary.Load cannot ask for: extension modules (math, _socket, _ssl…) do not
            // name libpython as a dependency and would fail with undefined symbols. RTLD_NOW: a broken file fails here.
            nint handle = HostLibc.dlopen(path, HostLibc.RTLD_NOW | HostLibc.RTLD_GLOBAL);
            if (handle == 0)
            {
                throw new PythonNotFoundException($"cannot load {path}: {Marshal.PtrToStringUTF8(HostLibc.dlerror())}");
            }
            if (s_handle != 0 && s_handle != handle)
            {
                throw new PythonNotFoundException($"cannot load {path}: this process already runs another Python");
            }
            s_handle = handle;
        }
    }

    /// <summary>Tells the runtime how to find the libraries of this assembly's bindings; needed before the first of
    /// them.</summary>
    internal static void EnsureResolver()
    {
        lock (s_lock)
        {
            if (s_resolverSet) return;
            NativeLibrary.SetDllImportResolver(typeof(LibPython).Assembly, Resolve);
            s_resolverSet = true;
        }
    }

    /// <summary>The address of an exported symbol, or 0 when this version of Python does not have it.</summary>
    internal static nint TryGetSymbol(string name) =>
        NativeLibrary.TryGetExport(s_handle, name, out nint address) ? address : 0;

    /// <summary>The address of a symbol that every supported version exports.</summary>
    /// <exception cref="PythonNotFoundException">The library does not export it, so it is no libpython.</exception>
    internal static nint GetSymbol(string name)
    {
        nint address = TryGetSymbol(name);
        return address != 0 ? address : throw new PythonNotFoundException($"the Python library has no symbol {name}");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => name switch
    {
        Python.Lib => s_handle,
        HostLibc.Lib => NativeLibrary.GetMainProgramHandle(),
        _ => 0,
    };
}
