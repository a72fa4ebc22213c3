using Microsoft.Extensions.Logging;
using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>What stays the same for the life of an arbiter.</summary>
internal sealed record ArbiterOptions
{
    /// <summary>The arbiter owns them from its start on, and closes them when it stops.</summary>
    internal required IReadOnlyList<ListenSocket> Listeners { get; init; }

    /// <summary>The program that a worker runs.</summary>
    internal required string Program { get; init; }

    /// <summary>What comes before a worker's own arguments: the dll when the program is <c>dotnet</c>, else nothing.</summary>
    internal IReadOnlyList<string> ProgramArguments { get; init; } = [];

    /// <summary>The whole environment of a worker, <c>NAME=VALUE</c>.</summary>
    internal required IReadOnlyList<string> Environment { get; init; }

    internal required ArbiterSettings Settings { get; init; }

    /// <summary>Reads the settings again; throws <see cref="SettingsRefusedException"/>.</summary>
    internal required Func<ArbiterSettings> Reload { get; init; }

    internal string? PidFile { get; init; }

    internal string? ControlSocket { get; init; }

    /// <summary>systemd's <c>NOTIFY_SOCKET</c>.</summary>
    internal string? NotifySocket { get; init; }

    /// <summary>systemd's <c>WATCHDOG_USEC</c>; zero is none.</summary>
    internal TimeSpan WatchdogInterval { get; init; }

    /// <summary>The process id of the arbiter that this one takes over from (SIGUSR2).</summary>
    internal int? UpgradedFrom { get; init; }

    /// <summary>Called once, when the pid file and the control socket are there: what only root may do is over.</summary>
    internal Action OnOpened { get; init; } = static () => { };

    internal Action ReopenLogs { get; init; } = static () => { };

    /// <summary>Called once, when workers serve: the version of Python, and how many workers there are to be.</summary>
    internal Action<string, int> OnServing { get; init; } = static (_, _) => { };

    /// <summary>Where a failure to start is explained.</summary>
    internal required TextWriter Error { get; init; }

    internal required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>Starts the program anew with the listeners (SIGUSR2); its process id, or null when that failed and was logged.</summary>
    internal Func<int?> SpawnUpgrade { get; init; } = static () => null;
}
