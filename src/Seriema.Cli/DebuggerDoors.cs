using System.Globalization;

namespace Seriema.Cli;

/// <summary>The socket and the pipes at which a debugger may attach to this process, which .NET makes before any of our code runs.</summary>
/// <remarks>
/// Workers are started without them (<see cref="Heritage.RuntimeSwitches"/>). The arbiter was started by somebody else, and
/// no file beside the program can switch them off; but without their files nobody can reach them, and none are left behind
/// by an arbiter that is killed.
/// </remarks>
internal static class DebuggerDoors
{
    internal static void Close(Func<string, string?> environment)
    {
        string folder = environment("TMPDIR") is { Length: > 0 } own ? own : "/tmp"; // as the runtime chooses it
        string process = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{StartTime()}");
        foreach (string name in (ReadOnlySpan<string>)[$"dotnet-diagnostic-{process}-socket", $"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out"])
        {
            try
            {
                File.Delete(Path.Combine(folder, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The runtime could not make it there either.
            }
        }
    }

    // proc(5): the 22nd field of stat, in clock ticks since the boot. The second is the program's name, which may hold spaces.
    private static string StartTime()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
    }
}
