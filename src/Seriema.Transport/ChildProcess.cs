using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>Starting, ending and burying child processes. Any thread.</summary>
/// <remarks>
/// Not System.Diagnostics.Process: that one passes every descriptor without close-on-exec on, tells a crash by a signal
/// and an exit status above 128 not apart, and reaps by itself.
/// </remarks>
internal static class ChildProcess
{
    /// <summary>Starts a program with an empty signal mask; its process id.</summary>
    /// <param name="argv">All arguments; the first is the name that <c>ps</c> shows.</param>
    /// <param name="environment"><c>NAME=VALUE</c>, the whole of it.</param>
    /// <param name="inherited">Descriptors that are open in the child under the same numbers.</param>
    /// <exception cref="LinuxException">The kernel says no: out of memory or processes, or no such program.</exception>
    internal static int Spawn(
        string program, IReadOnlyList<string> argv, IReadOnlyList<string> environment, IReadOnlyList<int> inherited)
    {
        int result = Libc.Spawn(program, argv, environment, inherited);
        return result > 0 ? result : throw new LinuxException("posix_spawn " + program, -result);
    }

    /// <summary>Whether the child has ended; it is buried then, and its id may be another process's.</summary>
    internal static bool TryReap(int pid, out ExitCause cause)
    {
        int result = Libc.WaitNoHang(pid, out int status);
        cause = ExitCause.Of(status);
        // ECHILD: somebody else has buried it, so that its end is all that is known.
        return result == pid || result == -Errno.ECHILD;
    }

    /// <summary>Sends a signal; false when there is no such process, or it is not ours to signal.</summary>
    internal static bool Signal(int pid, int signal) => Libc.Kill(pid, signal) == 0;
}
