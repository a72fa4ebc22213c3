using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>A worker that a test plays: its end of a real control socket, and what the arbiter did to it.</summary>
internal sealed class FakeWorker(int pid, ControlChannel channel, IReadOnlyList<string> argv, IReadOnlyList<int> inherited)
{
    internal int Pid { get; } = pid;

    internal IReadOnlyList<string> Argv { get; } = argv;

    internal IReadOnlyList<int> Inherited { get; } = inherited;

    internal List<int> Signals { get; } = [];

    internal ExitCause? Exit { get; private set; }

    internal bool IsReaped { get; set; }

    internal bool IsAlive => Exit is null;

    /// <summary>Whether it dies of SIGKILL; a process in an uninterruptible wait does not.</summary>
    internal bool CanBeKilled { get; set; } = true;

    internal void Say(string message) => Assert.True(channel.Send(message), $"the arbiter does not hear {message}");

    /// <summary>All that it was told since the last time.</summary>
    internal string[] Heard()
    {
        List<string> words = [];
        while (channel.TryReceive(out string word) == ControlReceive.Message) words.Add(word);
        return [.. words];
    }

    /// <summary>Its process ends.</summary>
    internal void End(int status = 0, int signal = 0)
    {
        if (!IsAlive) return;
        Exit = new ExitCause(status, signal, CoreDumped: false);
        channel.Dispose();
    }

    /// <summary>Closes its end of the control socket, and lives on.</summary>
    internal void Deafen() => channel.Dispose();
}

/// <summary>Workers without processes.</summary>
internal sealed class FakeProcesses() : WorkerProcesses("/nowhere", [])
{
    private int _lastPid = 1000;

    /// <summary>Oldest first, those that have ended included.</summary>
    internal List<FakeWorker> All { get; } = [];

    internal LinuxException? Refusal { get; set; }

    internal FakeWorker Latest => All[^1];

    internal override int Start(ControlChannel theirs, IReadOnlyList<string> argv, IReadOnlyList<int> inherited)
    {
        if (Refusal is not null)
        {
            theirs.Dispose();
            throw Refusal;
        }
        All.Add(new FakeWorker(++_lastPid, theirs, argv, inherited));
        return _lastPid;
    }

    internal override bool TryReap(int pid, out ExitCause cause)
    {
        FakeWorker? worker = All.Find(one => one.Pid == pid);
        cause = worker?.Exit ?? default;
        if (worker?.Exit is null) return false;
        worker.IsReaped = true;
        return true;
    }

    internal override void Signal(int pid, int signal)
    {
        FakeWorker worker = All.Single(one => one.Pid == pid);
        Assert.False(worker.IsReaped, $"signal {signal} for {pid}, an id that may be another process's by now");
        worker.Signals.Add(signal);
        if (signal == Transport.Signals.SIGKILL && worker.CanBeKilled) worker.End(signal: signal);
    }
}
