using Seriema.CPython;
using Seriema.Transport;

namespace Seriema.Worker.Tests.Link;

/// <summary>Roles for workers whose arbiter is the test.</summary>
internal static class Roles
{
    internal static WorkerRole Of(
        IReadOnlyList<ListenSocket> listeners, ControlChannel? control = null, Scoreboard? board = null, int slot = 0, Action? reopenLogs = null) => new()
        {
            Control = control ?? new ControlChannel(-1),
            Listeners = listeners,
            Python = new PythonInstallation("none", "none", new Version(3, 11), "3.11"),
            Board = board,
            Slot = slot,
            IsMultiprocess = board is not null,
            ReopenLogs = reopenLogs,
        };
}
