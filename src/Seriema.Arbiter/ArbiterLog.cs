using Microsoft.Extensions.Logging;

namespace Seriema.Arbiter;

/// <summary>What the arbiter has to say. Operators and tests wait for these texts.</summary>
internal sealed partial class ArbiterLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Information, "arbiter {Pid}, workers {Count}")]
    internal partial void Began(int pid, int count);

    [LoggerMessage(2, LogLevel.Information, "worker {Pid} started")]
    internal partial void Started(int pid);

    [LoggerMessage(3, LogLevel.Information, "worker {Pid} ready")]
    internal partial void Ready(int pid);

    [LoggerMessage(4, LogLevel.Error, "worker {Pid} {Cause}; starting another{Hint}")]
    internal partial void Died(int pid, string cause, string hint);

    [LoggerMessage(5, LogLevel.Information, "worker {Pid} left")]
    internal partial void Left(int pid);

    [LoggerMessage(6, LogLevel.Warning, "worker {Pid} {Cause} on its way out")]
    internal partial void DiedLeaving(int pid, string cause);

    [LoggerMessage(7, LogLevel.Information, "worker {Pid} is leaving by itself: {Reason}")]
    internal partial void LeavingByItself(int pid, string reason);

    [LoggerMessage(8, LogLevel.Warning, "worker {Pid} has not left in time; killed")]
    internal partial void Overdue(int pid);

    [LoggerMessage(9, LogLevel.Error, "worker {Pid} does not listen to the arbiter any more; killed")]
    internal partial void Deaf(int pid);

    [LoggerMessage(10, LogLevel.Error, "worker {Pid} sent what no worker sends: {Text}; killed")]
    internal partial void Nonsense(int pid, string text);

    [LoggerMessage(11, LogLevel.Error, "worker {Pid}: no heartbeat for {Seconds} s; killed")]
    internal partial void NoHeartbeat(int pid, double seconds);

    [LoggerMessage(12, LogLevel.Error, "worker {Pid}: its loop has been stuck for {Seconds} s; killed")]
    internal partial void StuckLoop(int pid, double seconds);

    [LoggerMessage(13, LogLevel.Information, "replacing worker {Pid}: {Reason}")]
    internal partial void Replacing(int pid, string reason);

    [LoggerMessage(14, LogLevel.Error, "a worker could not start; the next try is in {Seconds} s\n{Text}")]
    internal partial void BootFailed(double seconds, string text);

    [LoggerMessage(15, LogLevel.Error, "worker {Pid} {Cause} while it started")]
    internal partial void DiedBooting(int pid, string cause);

    [LoggerMessage(16, LogLevel.Warning, "workers crash as soon as they serve; the next one is started in {Seconds} s")]
    internal partial void CrashLoop(double seconds);

    [LoggerMessage(17, LogLevel.Information, "reloading")]
    internal partial void Reloading();

    [LoggerMessage(18, LogLevel.Information, "reload finished")]
    internal partial void ReloadFinished();

    [LoggerMessage(19, LogLevel.Error, "reload failed; the old workers keep serving\n{Text}")]
    internal partial void ReloadFailed(string text);

    [LoggerMessage(20, LogLevel.Error, "reload failed; no old worker is left to serve\n{Text}")]
    internal partial void ReloadFailedWithoutOld(string text);

    [LoggerMessage(21, LogLevel.Information, "stopping; {Count} workers")]
    internal partial void Stopping(int count);

    [LoggerMessage(22, LogLevel.Information, "workers wanted: {Count}")]
    internal partial void Wanted(int count);

    [LoggerMessage(23, LogLevel.Information, "upgrade: arbiter {Pid} started")]
    internal partial void UpgradeStarted(int pid);

    [LoggerMessage(24, LogLevel.Warning, "upgrade refused: arbiter {Pid}, started by an earlier one, still runs")]
    internal partial void UpgradeRefused(int pid);

    [LoggerMessage(25, LogLevel.Error, "upgrade: arbiter {Pid} {Cause}; this one serves on")]
    internal partial void UpgradeDied(int pid, string cause);

    [LoggerMessage(26, LogLevel.Information, "upgrade: arbiter {Pid} is gone; this one has taken over")]
    internal partial void TookOver(int pid);

    [LoggerMessage(27, LogLevel.Error, "{What}: {Error}")]
    internal partial void Failed(string what, string error);

    [LoggerMessage(28, LogLevel.Warning, "worker {Pid} has been starting for {Seconds} s")]
    internal partial void SlowBoot(int pid, long seconds);
}
