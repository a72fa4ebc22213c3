namespace Seriema.CPython;

/// <summary>Gives the GIL up for one lexical scope: <c>using (GilRelease.Begin()) { blocking work }</c></summary>
/// <remarks>
/// Needs the GIL held: by a <see cref="GilScope"/> of this thread, or because Python is calling us on any thread of
/// its own.
/// No Python object may be touched inside.
/// </remarks>
internal readonly ref struct GilRelease : IDisposable
{
    private readonly nint _state;
    private readonly PythonThread? _holder; // the thread's record, if one of its scopes holds the GIL

    private GilRelease(nint state, PythonThread? holder)
    {
        _state = state;
        _holder = holder;
    }

    internal static GilRelease Begin()
    {
        PythonThread? holder = PythonThread.CurrentOrNull is { Holds: true } thread ? thread : null;
        nint state = Python.PyEval_SaveThread();
        if (holder is not null) holder.Holds = false;
        return new GilRelease(state, holder);
    }

    public void Dispose()
    {
        if (_state == 0) return; // default(GilRelease)
        if (_holder is not null) _holder.Holds = true; // before the look at the gate, as in PythonThread.Acquire
        if (_holder is null ? PythonRuntime.HasJoinedThreads : PythonRuntime.IsClosing) PythonThread.PassGate();
        Python.PyEval_RestoreThread(_state);
    }
}
