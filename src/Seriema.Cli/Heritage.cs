using System.Collections;
using System.Globalization;

namespace Seriema.Cli;

/// <summary>What this process got through its environment from who started it: systemd, or the arbiter that it replaces.</summary>
internal sealed class Heritage
{
    /// <summary>Set by an arbiter for the one that replaces it: <c>PID:FD,FD</c>.</summary>
    internal const string UpgradeName = "SERIEMA_UPGRADE";

    /// <summary>The runtime's switch for keeping compiled code in memory that is never writable and executable at once.</summary>
    internal const string CodeGuardName = "DOTNET_EnableWriteXorExecute";

    /// <summary>The runtime's switch for the sockets and pipes at which debuggers and profilers may attach.</summary>
    internal const string DiagnosticsName = "DOTNET_EnableDiagnostics";

    /// <summary>Off, in a spelling of ours: an operator's own 0 or 1 is left alone.</summary>
    internal const string Off = "00";

    /// <summary>Switches that a worker's runtime is started without, unless the operator has set them.</summary>
    internal static readonly string[] RuntimeSwitches = [CodeGuardName, DiagnosticsName];

    // With one of these the operator has decided about debuggers: DOTNET_EnableDiagnostics_IPC is one, too.
    private static readonly string[] s_diagnostics = [DiagnosticsName, "COMPlus_EnableDiagnostics", "DOTNET_DiagnosticPorts"];

    private const int FirstActivated = 3; // SD_LISTEN_FDS_START

    /// <summary>Addressed to one process: passing them on would make a child answer for its parent.</summary>
    private static readonly string[] s_ownNames =
    [
        UpgradeName, "LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC",
        "WATCHDOG_PID",
    ];

    private readonly IReadOnlyList<(string Name, string Value)> _variables;
    private readonly int _pid;

    private Heritage(IReadOnlyList<(string, string)> variables, int pid, int parent)
    {
        (_variables, _pid) = (variables, pid);
        string[] upgrade = Get(UpgradeName).Split(':');
        // An old value that came down to a shell, and from it to us, is not meant for us.
        if (upgrade.Length == 2 && Number(upgrade[0]) == parent)
        {
            UpgradedFrom = parent;
            Listeners = [.. upgrade[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
        }
        else if (Number(Get("LISTEN_PID")) == pid && Number(Get("LISTEN_FDS")) is > 0 and < 1024 and int count)
        {
            Listeners = [.. Enumerable.Range(FirstActivated, count)];
        }
    }

    /// <summary>The arbiter that this process replaces; null when it is the first.</summary>
    internal int? UpgradedFrom { get; }

    /// <summary>Listening sockets that are open already, instead of those of <c>--bind</c>.</summary>
    internal IReadOnlyList<int> Listeners { get; } = [];

    internal string? NotifySocket => Get("NOTIFY_SOCKET") is { Length: > 0 } path ? path : null;

    /// <summary>Zero when systemd does not watch this process.</summary>
    internal TimeSpan WatchdogInterval
    {
        get
        {
            string watched = Get("WATCHDOG_PID");
            bool isOurs = watched.Length == 0 || Number(watched) == _pid || (UpgradedFrom is int old && Number(watched) == old);
            return isOurs && long.TryParse(Get("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
                ? TimeSpan.FromMicroseconds(microseconds) : TimeSpan.Zero;
        }
    }

    /// <summary>Whether who started us has a word on debuggers of the runtime.</summary>
    internal bool HasWordOnDiagnostics =>
        _variables.Any(variable => s_diagnostics.Any(name => variable.Name.StartsWith(name, StringComparison.Ordinal)));

    /// <summary>The environment of a worker; without the switches it is the application's too.</summary>
    /// <remarks>
    /// The guard maps compiled code as shared memory. A child of the application's fork(), multiprocessing's for one, that
    /// as much as writes to wsgi.errors would change the code under its parent, which then dies of SIGSEGV.
    /// </remarks>
    internal IReadOnlyList<string> ForWorkers =>
        [.. Without(s_ownNames), .. RuntimeSwitches.Where(name => !IsDecided(name)).Select(name => $"{name}={Off}")];

    /// <summary>The environment of the arbiter that is to replace this one.</summary>
    internal IReadOnlyList<string> ForSuccessor(IEnumerable<int> listeners)
    {
        string numbers = string.Join(',', listeners.Select(fd => fd.ToString(CultureInfo.InvariantCulture)));
        var all = new List<string>(Without([UpgradeName, "LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES", "WATCHDOG_PID"]))
        {
            string.Create(CultureInfo.InvariantCulture, $"{UpgradeName}={_pid}:{numbers}"),
        };
        // It does not know yet that it will be the service's main process: our id stands for "the one you come from".
        if (WatchdogInterval > TimeSpan.Zero) all.Add(string.Create(CultureInfo.InvariantCulture, $"WATCHDOG_PID={_pid}"));
        return all;
    }

    /// <param name="variables">What <see cref="Environment.GetEnvironmentVariables()"/> returns: text, so that a value which
    /// is not UTF-8 reaches the workers changed.</param>
    internal static Heritage Of(IDictionary variables, int pid, int parent) => new(
        [.. variables.Cast<DictionaryEntry>().Select(entry => ((string)entry.Key, entry.Value as string ?? ""))], pid, parent);

    private bool IsDecided(string name) =>
        name == DiagnosticsName ? HasWordOnDiagnostics : _variables.Any(variable => variable.Name == name);

    private string Get(string name) => _variables.FirstOrDefault(variable => variable.Name == name).Value ?? "";

    private IEnumerable<string> Without(string[] names) =>
        _variables.Where(variable => !names.Contains(variable.Name)).Select(variable => $"{variable.Name}={variable.Value}");

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
