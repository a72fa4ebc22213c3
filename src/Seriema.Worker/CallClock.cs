namespace Seriema.Worker;

/// <summary>One thread's present call, as the deadline's thread sees it: which it is, on what connection, and when it is due.</summary>
/// <remarks>
/// The calling thread begins, pauses and ends; the deadline's thread expires. The due time alone decides between them: it
/// is changed by compare and swap wherever both could change it. No lock, and nothing allocated.
/// </remarks>
internal sealed class CallClock
{
    /// <summary>Values of <see cref="Due"/> that are no time.</summary>
    internal const long None = 0, Expired = -1, Paused = long.MaxValue;

    private long _due;
    private long _number;
    private long _stuck; // the number of the call that was given up
    private long _left; // while paused
    private Connection? _connection;

    /// <summary>When the call is due, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long Due => Volatile.Read(ref _due);

    /// <summary>Grows with each call.</summary>
    internal long Number => Volatile.Read(ref _number);

    /// <summary>The connection of the call with that number, or of a later one.</summary>
    internal Connection? Connection => Volatile.Read(ref _connection);

    /// <summary>The thread was given up in its present call.</summary>
    internal bool IsStuck => IsInside(Volatile.Read(ref _stuck));

    /// <summary>Whether that call has not come back. Number 0 is no call.</summary>
    internal bool IsInside(long call) => Number == call && Due != None;

    /// <summary>The calling thread, which owns the connection from here.</summary>
    internal void Begin(Connection connection, long due)
    {
        _connection = connection; // in this order: who sees the number finds the connection
        Volatile.Write(ref _number, _number + 1);
        Volatile.Write(ref _due, due);
    }

    /// <summary>The application is done. Before the calling thread gives the connection back, or claims its first byte.</summary>
    internal void End() => Volatile.Write(ref _due, None);

    /// <summary>The application is about to wait for the client, which is not its own time. False when it is overdue.</summary>
    internal bool TryPause()
    {
        long due = Due;
        if (due is None) return true; // it has no deadline
        if (due is Expired) return false;
        _left = due - ServerClock.Now;
        return Interlocked.CompareExchange(ref _due, Paused, due) == due;
    }

    /// <summary>After <see cref="TryPause"/>: the client has done something.</summary>
    internal void Resume()
    {
        if (Due == Paused) Volatile.Write(ref _due, ServerClock.Now + _left);
    }

    /// <summary>The deadline's thread: false when the call has ended, or waits for its client.</summary>
    internal bool TryExpire(long due) => Interlocked.CompareExchange(ref _due, Expired, due) == due;

    /// <summary>The deadline's thread gives that call up.</summary>
    internal void GiveUp(long call) => Volatile.Write(ref _stuck, call);
}
