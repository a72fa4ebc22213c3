using System.Runtime.CompilerServices;

namespace Seriema.CPython;

/// <summary>Holds the GIL for one lexical scope: <c>using var gil = GilScope.Enter();</c></summary>
/// <remarks>
/// A ref struct cannot sit in a field or cross an <c>await</c>, so the thread that takes the GIL gives it back.
/// Each thread keeps one <c>PyThreadState</c> for life: creating one per call costs more than the call.
/// A scope inside another one of the same thread does nothing. A thread that ends calls
/// <see cref="PythonThread.Detach"/>.
/// </remarks>
internal readonly ref struct GilScope : IDisposable
{
    private readonly PythonThread? _thread; // null: an outer scope holds the GIL

    private GilScope(PythonThread? thread) => _thread = thread;

    /// <summary>Waits for the GIL. Never returns once the interpreter is being ended by another thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static GilScope Enter()
    {
        PythonThread thread = PythonThread.Current;
        if (thread.Holds) return default;
        thread.Acquire();
        return new GilScope(thread);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _thread?.Release();
}
