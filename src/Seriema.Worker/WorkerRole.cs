using Seriema.CPython;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>What a worker process got from its arbiter.</summary>
internal sealed record WorkerRole
{
    /// <summary>To and from the arbiter. The process owns it: it is open until the process ends.</summary>
    internal required ControlChannel Control { get; init; }

    /// <summary>The arbiter's own listeners, shared with all workers. The server closes this process's copies.</summary>
    internal required IReadOnlyList<ListenSocket> Listeners { get; init; }

    /// <summary>The Python that the arbiter has found.</summary>
    internal required PythonInstallation Python { get; init; }

    /// <summary>Where workers see who of them has a free thread; null takes part in no such thing.</summary>
    internal Scoreboard? Board { get; init; }

    /// <summary>This worker's place on the board.</summary>
    internal int Slot { get; init; }

    /// <summary>Where all workers count how often clients ask; null where no limit is set. The process owns it.</summary>
    internal RateTable? Rates { get; init; }

    /// <summary><c>wsgi.multiprocess</c>: other workers run the same application.</summary>
    internal bool IsMultiprocess { get; init; }

    /// <summary>Opens the log files anew; on the link's thread.</summary>
    internal Action? ReopenLogs { get; init; }
}
