using System.Globalization;
using System.Runtime.InteropServices;

namespace Seriema.Process.Tests;

/// <summary>What /proc tells of processes that this one did not start itself.</summary>
internal static partial class ProcessTree
{
    internal const int SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGABRT = 6, SIGKILL = 9, SIGUSR1 = 10, SIGUSR2 = 12, SIGTERM = 15,
        SIGCONT = 18, SIGSTOP = 19, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28;

    internal static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    internal static bool Signal(int pid, string name) => Signal(pid, name switch
    {
        "HUP" => SIGHUP,
        "INT" => SIGINT,
        "QUIT" => SIGQUIT,
        "KILL" => SIGKILL,
        "USR1" => SIGUSR1,
        "USR2" => SIGUSR2,
        "TERM" => SIGTERM,
        "CONT" => SIGCONT,
        "STOP" => SIGSTOP,
        "TTIN" => SIGTTIN,
        "TTOU" => SIGTTOU,
        "WINCH" => SIGWINCH,
        _ => throw new ArgumentException(name),
    });

    /// <summary>The children of a process, in no order.</summary>
    internal static List<int> Children(int pid)
    {
        List<int> children = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int child)) continue;
            if (Stat(child) is { } stat && int.Parse(stat[1], CultureInfo.InvariantCulture) == pid) children.Add(child);
        }
        return children;
    }

    /// <summary>The process, its children, and theirs.</summary>
    internal static List<int> Descendants(int pid)
    {
        List<int> tree = [pid];
        for (int i = 0; i < tree.Count; i++) tree.AddRange(Children(tree[i]));
        return tree;
    }

    /// <summary>The letter of its state, as <c>ps</c> shows it; null when there is no such process.</summary>
    internal static char? State(int pid) => Stat(pid)?[0][0];

    /// <summary>Whether it still runs: one that nobody has waited for (a zombie) does not.</summary>
    internal static bool IsAlive(int pid) => State(pid) is not (null or 'Z' or 'X');

    internal static bool IsWorker(int pid) => CommandLine(pid).Contains("--seriema-worker");

    internal static string[] CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (IOException) // the process is gone
        {
            return [];
        }
    }

    internal static void WaitUntilGone(int pid) => Eventually.True(() => !IsAlive(pid), $"process {pid} is still there");

    /// <summary>A field of /proc/PID/status, such as VmRSS or Uid.</summary>
    internal static string Status(int pid, string field) =>
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Trim();

    internal static long ResidentKilobytes(int pid) =>
        long.Parse(Status(pid, "VmRSS").Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    internal static int OpenDescriptors(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    internal static int OpenSockets(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd")
        .Count(link => new FileInfo(link).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal));

    /// <summary>
    /// Stops a process for good and says which clients it had accepted: the remote ports of its connections to
    /// <paramref name="port"/>. The kernel's word, so that nobody has to guess what was on a worker that died.
    /// </summary>
    internal static HashSet<int> KillAndCount(int pid, int port)
    {
        HashSet<int> clients = [];
        if (!Signal(pid, SIGSTOP)) return clients;
        Eventually.True(() => State(pid) is 'T' or 'Z' or null, $"process {pid} does not stop");
        try
        {
            HashSet<string> inodes = [.. Directory.GetFileSystemEntries($"/proc/{pid}/fd")
                .Select(link => new FileInfo(link).LinkTarget ?? "")
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(target => target[8..^1])];
            foreach (string line in File.ReadLines($"/proc/{pid}/net/tcp").Skip(1))
            {
                string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries); // sl local remote st queues tr retr uid timeout inode
                if (PortOf(cells[1]) == port && inodes.Contains(cells[9])) clients.Add(PortOf(cells[2]));
            }
        }
        catch (IOException)
        {
            // It died before it could be stopped; what it held is unknown, and the test will say so.
        }
        Signal(pid, SIGKILL);
        return clients;
    }

    private static int PortOf(string address) => int.Parse(address.AsSpan(address.IndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The fields of /proc/PID/stat from the state on; the name before it may hold anything.</summary>
    private static string[]? Stat(int pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    // int kill(pid_t pid, int sig)
    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
