namespace Seriema.Worker;

/// <summary>A call that has passed its deadline and has not come back yet.</summary>
/// <remarks>Belongs to the deadline's thread; <see cref="TryReport"/> is for any.</remarks>
internal sealed class OverdueCall(AppThread thread, long number, Connection connection, string request, long graceEnd)
{
    private int _reported;

    internal AppThread Thread { get; } = thread;

    internal long Number { get; } = number;

    /// <summary>The call's while it is inside; after that it may be closed.</summary>
    internal Connection Connection { get; } = connection;

    /// <summary>Method and target, safe to show.</summary>
    internal string Request { get; } = request;

    /// <summary>When it is given up, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long GraceEnd { get; } = graceEnd;

    internal bool IsGivenUp { get; set; }

    internal bool IsInside => Thread.Clock.IsInside(Number);

    /// <summary>Whether the caller is the one who logs it.</summary>
    internal bool TryReport() => Interlocked.Exchange(ref _reported, 1) == 0;
}
