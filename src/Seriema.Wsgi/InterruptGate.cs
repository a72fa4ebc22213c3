using Seriema.CPython;

namespace Seriema.Wsgi;

/// <summary>Where one thread may be interrupted by <c>seriema.RequestTimeout</c>: inside the application, and nowhere else.</summary>
/// <remarks>
/// Every member is used with the GIL held, and that is the whole exclusion: the exception is only asked for between
/// <see cref="Enter"/> and <see cref="Leave"/>, and what was not delivered by then is taken back. So neither the gateway's
/// own Python nor a later request ever gets it, however often the GIL changes hands.
/// </remarks>
internal sealed class InterruptGate
{
    private readonly Interruption? _interruption;
    private readonly nuint _ident; // of the thread; 0 when nobody is to interrupt it
    private nuint _inside; // the ident, while the thread is in the application
    private bool _raised;

    /// <summary>On the thread itself: its ident stays the same for life, also in a child of fork().</summary>
    internal InterruptGate(Interruption? interruption)
    {
        _interruption = interruption;
        if (interruption is not null) _ident = Python.PyThread_get_thread_ident();
    }

    /// <summary>A request begins.</summary>
    internal void Begin() => _raised = false;

    /// <summary>The thread's own: from here on its code is the application's.</summary>
    internal void Enter() => _inside = _ident;

    /// <summary>The thread's own: from here on its code is ours.</summary>
    internal void Leave()
    {
        if (_raised && _inside != 0) _ = Python.PyThreadState_SetAsyncExc(_inside, default);
        _inside = 0;
    }

    /// <summary>Whether it is the exception that was raised in this request, and not one that the application made.</summary>
    internal bool IsOurs(PythonException error) => _raised && error.Matches(_interruption!.Exception);

    /// <summary>Another thread: raises the exception, once in a request.</summary>
    /// <param name="isPresent">Whether the request is still the one that is meant.</param>
    /// <param name="stack">Where it was, as a traceback shows it.</param>
    /// <returns>False when it is not in the application any more.</returns>
    internal bool TryRaise(Func<bool> isPresent, out string stack)
    {
        stack = "";
        nuint ident = _inside;
        if (ident == 0 || !isPresent()) return false;
        stack = _interruption!.StackOf(ident);
        // Making that text reads files and lets other threads run; from here to the end none can.
        if (_inside == 0 || _raised || !isPresent()) return false;
        _raised = Python.PyThreadState_SetAsyncExc(_inside, _interruption.Exception) == 1;
        return _raised;
    }
}
