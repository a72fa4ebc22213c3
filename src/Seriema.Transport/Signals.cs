using System.Globalization;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>signal.h: the signals that the server sends or tells apart (Linux on x86-64 and ARM64).</summary>
internal static class Signals
{
    internal const int SIGHUP = 1;
    internal const int SIGINT = 2;
    internal const int SIGQUIT = 3;
    internal const int SIGABRT = 6;
    internal const int SIGBUS = 7;
    internal const int SIGKILL = 9;
    internal const int SIGUSR1 = 10;
    internal const int SIGSEGV = 11;
    internal const int SIGUSR2 = 12;
    internal const int SIGTERM = 15;
    internal const int SIGCHLD = 17;
    internal const int SIGCONT = 18;
    internal const int SIGSTOP = 19;
    internal const int SIGTTIN = 21;
    internal const int SIGTTOU = 22;
    internal const int SIGWINCH = 28;

    /// <summary>A worker that gets it writes the Python stacks of all its threads to standard error, without the GIL.</summary>
    /// <remarks>SIGRTMAX - 2: far from the first real-time signals, which the C library and .NET take for themselves.</remarks>
    internal const int Stack = 62;

    private static readonly string[] s_names =
    [
        "0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>Whether this process ignores the signal, as it may have been told to by whoever started it.</summary>
    internal static bool IsIgnored(int signal)
    {
        const string name = "SigIgn:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is not null && ((ulong.Parse(line.AsSpan(name.Length), NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite,
            CultureInfo.InvariantCulture) >> (signal - 1)) & 1) != 0;
    }

    /// <summary>Ends that, before anyone takes the signal over: .NET leaves what is ignored alone.</summary>
    internal static void Heed(int signal)
    {
        if (IsIgnored(signal)) Libc.SetDefaultAction(signal);
    }

    internal static string NameOf(int signal) =>
        signal >= 0 && signal < s_names.Length ? s_names[signal] : $"signal {signal}";
}
