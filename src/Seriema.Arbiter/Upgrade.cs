using System.Globalization;
using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>SIGUSR2 from both sides: starting the new arbiter, and as the new one, waiting for the old to go. Arbiter thread only.</summary>
internal sealed class Upgrade(ArbiterOptions options, WorkerProcesses processes, ArbiterLog log)
{
    private int? _predecessor = options.UpgradedFrom;

    /// <summary>The new arbiter, while it lives.</summary>
    internal int? Successor { get; private set; }

    /// <summary>Whether the old arbiter still runs.</summary>
    internal bool HasPredecessor => _predecessor is not null;

    /// <summary>The parent of this process; virtual time cannot show one, so that a test replaces this.</summary>
    internal Func<int> ParentPid { get; init; } = ReadParentPid;

    internal void Start()
    {
        if (Successor is int other)
        {
            log.UpgradeRefused(other);
            return;
        }
        try
        {
            Successor = options.SpawnUpgrade();
            if (Successor is int pid) log.UpgradeStarted(pid);
        }
        catch (Exception e)
        {
            // No new binary, no memory: this arbiter serves on, whatever it is.
            log.Failed("upgrade", e.Message);
        }
    }

    /// <summary>Notices the end of the new arbiter.</summary>
    internal void Look()
    {
        if (Successor is not int pid || !processes.TryReap(pid, out ExitCause cause)) return;
        Successor = null;
        log.UpgradeDied(pid, cause.ToString());
    }

    /// <summary>Whether the old arbiter has gone since the last look.</summary>
    internal bool TakesOver()
    {
        // A process whose parent dies gets another one; the id of the old parent may be any process's by then.
        if (_predecessor is not int pid || ParentPid() == pid) return false;
        _predecessor = null;
        log.TookOver(pid);
        return true;
    }

    private static int ReadParentPid()
    {
        // .NET does not tell it.
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("PPid:", StringComparison.Ordinal)) return int.Parse(line.AsSpan(5).Trim(), CultureInfo.InvariantCulture);
        }
        return 0;
    }
}
