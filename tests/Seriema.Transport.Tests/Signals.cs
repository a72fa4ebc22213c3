using System.Runtime.InteropServices;

namespace Seriema.Transport.Tests;

/// <summary>Interrupts a system call of one thread of this process.</summary>
internal static partial class Signals
{
    private const int SIGWINCH = 28; // with a handler it interrupts a call, and it does nothing else

    internal static int ThreadId() => gettid();

    internal static void Send(int thread) => _ = tgkill(Environment.ProcessId, thread, SIGWINCH);

    // pid_t gettid(void)
    [LibraryImport("libc")]
    private static partial int gettid();

    // int tgkill(pid_t tgid, pid_t tid, int sig)
    [LibraryImport("libc")]
    private static partial int tgkill(int process, int thread, int signal);
}
