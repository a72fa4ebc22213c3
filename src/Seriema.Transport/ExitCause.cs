namespace Seriema.Transport;

/// <summary>How a child process ended, as <c>waitpid</c> tells it.</summary>
/// <param name="Status">Its exit status; 0 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 when it exited by itself.</param>
/// <param name="CoreDumped">Whether the kernel wrote a core file.</param>
internal readonly record struct ExitCause(int Status, int Signal, bool CoreDumped)
{
    /// <summary>WIFEXITED, WEXITSTATUS, WTERMSIG and WCOREDUMP of a wait status.</summary>
    internal static ExitCause Of(int waitStatus)
    {
        int signal = waitStatus & 0x7f;
        return signal == 0
            ? new ExitCause((waitStatus >> 8) & 0xff, 0, CoreDumped: false)
            : new ExitCause(0, signal, (waitStatus & 0x80) != 0);
    }

    /// <summary>As the log says it, with the child as its subject.</summary>
    public override string ToString()
    {
        if (Signal == 0) return $"exited with status {Status}";
        // These the kernel sends for what the program did; the others somebody sent.
        bool isCrash = Signal is 4 or 5 or 6 or 7 or 8 or 11 or 31; // ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS
        return $"{(isCrash ? "crashed with" : "was killed by")} {Signals.NameOf(Signal)}{(CoreDumped ? " (core dumped)" : "")}";
    }
}
