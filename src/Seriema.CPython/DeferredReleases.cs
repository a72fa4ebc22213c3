using System.Collections.Concurrent;

namespace Seriema.CPython;

/// <summary>References given up by a thread without the GIL, such as the finalizer's; the next one to take it frees
/// them.</summary>
internal static class DeferredReleases
{
    private static readonly ConcurrentQueue<nint> s_queue = new();
    private static volatile bool s_any;

    /// <summary>Any thread.</summary>
    internal static void Add(nint owned)
    {
        s_queue.Enqueue(owned);
        s_any = true; // after the entry is visible, so a drain that sees it finds the entry
    }

    /// <summary>With the GIL held, and no error pending: freeing may run Python code.</summary>
    internal static void DrainIfAny()
    {
        if (s_any) Drain();
    }

    internal static void Drain()
    {
        s_any = false;
        if (PythonRuntime.HasEnded) return; // the objects went with the interpreter
        while (s_queue.TryDequeue(out nint owned)) Python.Py_DecRef(owned);
    }
}
