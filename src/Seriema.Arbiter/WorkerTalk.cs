using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Reads what workers send and acts on it. Arbiter thread only.</summary>
internal sealed class WorkerTalk(
    Fleet fleet, Reloads reloads, Stopping stopping, WorkerEnds ends, HeartbeatWatch watch, ArbiterLog log)
{
    /// <summary>One worker that sends without end does not keep the others from being heard.</summary>
    private const int MessagesPerTurn = 64;

    private const int QuotedLength = 80;

    /// <summary>The Python that serves, as the first ready worker told it.</summary>
    internal string PythonVersion { get; private set; } = "";

    /// <summary>Reads what is there.</summary>
    internal void Read(WorkerHandle worker, long now)
    {
        for (int i = 0; i < MessagesPerTurn && worker.State != WorkerState.Gone && worker.IsWatched; i++)
        {
            switch (worker.Control.TryReceive(out string message))
            {
                case ControlReceive.Message: OnMessage(worker, message, now); break;
                case ControlReceive.Ended: OnDeaf(worker, now); return;
                default: return;
            }
        }
    }

    private void OnMessage(WorkerHandle worker, string message, long now)
    {
        if (worker.Departure == Departure.Condemned) return;
        string rest = ControlWords.RestOf(message);
        switch (ControlWords.KindOf(message))
        {
            case ControlWords.BeatKind when ControlWords.TryParseBeat(message, out WorkerCounters counters):
                OnBeat(worker, counters);
                break;
            case ControlWords.ReadyKind: OnReady(worker, rest, now); break;
            case ControlWords.ReplaceKind: Replace(worker, ReplaceMark.Asked, rest); break;
            case ControlWords.GoingKind: OnGoing(worker, rest, now); break;
            case ControlWords.FailedKind when ControlWords.TryParseFailed(message, out int status, out string? text):
                OnFailed(worker, status, text, now);
                break;
            default: OnNonsense(worker, message, now); break;
        }
    }

    private void OnReady(WorkerHandle worker, string pythonVersion, long now)
    {
        // Anything else has just crossed with an order to leave.
        if (worker.State != WorkerState.Booting) return;
        worker.BecomeReady(now);
        watch.OnReady(worker);
        log.Ready(worker.Pid);
        if (PythonVersion.Length == 0) PythonVersion = pythonVersion;
        ends.OnReady();
        reloads.OnReady(worker);
    }

    private void OnBeat(WorkerHandle worker, in WorkerCounters counters)
    {
        worker.Counters = counters;
        watch.OnBeat(worker, counters);
        long limit = fleet.Settings.MaxWorkerRss;
        if (limit > 0 && counters.Rss > limit)
        {
            Replace(worker, ReplaceMark.Recycle, $"it uses {counters.Rss >> 20} MiB, and {limit >> 20} MiB are allowed");
        }
    }

    /// <summary>Wants a worker replaced, and says so once.</summary>
    internal void Replace(WorkerHandle worker, ReplaceMark mark, string reason)
    {
        if (stopping.IsStopping || worker.State != WorkerState.Ready) return;
        if (worker.MarkFor(mark)) log.Replacing(worker.Pid, reason);
    }

    private void OnGoing(WorkerHandle worker, string reason, long now)
    {
        worker.LeftPort();
        if (!worker.IsLive) return; // what we asked for
        bool wasBooting = worker.State == WorkerState.Booting;
        log.LeavingByItself(worker.Pid, reason);
        worker.Leave(Departure.ByItself, now);
        worker.KillAt = Math.Min(worker.KillAt, now + (long)fleet.Settings.GracefulTimeout.TotalMilliseconds + Fleet.LeaveGrace);
        string text = $"worker {worker.Pid} left while it started: {reason}";
        if (wasBooting) ends.BootFailed(worker.Generation, null, text, text, now);
        else ends.CountLife(worker, now);
    }

    private void OnFailed(WorkerHandle worker, int status, string text, long now)
    {
        if (worker.State != WorkerState.Booting) return;
        worker.Leave(Departure.Failed, now);
        worker.KillAt = now + Fleet.EndGrace;
        ends.BootFailed(worker.Generation, status, text, text, now);
    }

    private void OnNonsense(WorkerHandle worker, string message, long now)
    {
        string quoted = message.Length > QuotedLength ? message[..QuotedLength] + "..." : message;
        log.Nonsense(worker.Pid, quoted);
        Condemn(worker, $"worker {worker.Pid} sent what no worker sends while it started", now);
        fleet.Kill(worker);
    }

    /// <summary>Gives a worker up; the caller kills it, now or soon. Its successor need not wait for its end.</summary>
    internal void Condemn(WorkerHandle worker, string text, long now)
    {
        bool wasBooting = worker.State == WorkerState.Booting;
        worker.Leave(Departure.Condemned, now);
        if (wasBooting) ends.BootFailed(worker.Generation, null, text, text, now);
    }

    private void OnDeaf(WorkerHandle worker, long now)
    {
        fleet.Unwatch(worker);
        // Usually its process is just ending; without the socket it is of no use either way.
        worker.KillAt = Math.Min(worker.KillAt, now + Fleet.EndGrace);
    }
}
