using Seriema.Transport;

namespace Seriema.Arbiter.Tests;

/// <summary>Real processes, as small as they can be.</summary>
public sealed class WorkerProcessesTests
{
    [Fact]
    public void A_worker_has_its_end_of_the_socket_and_we_have_no_copy_of_it()
    {
        WorkerProcesses processes = new("/bin/bash", ["LANG=C"]);
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using (ours)
        {
            int fd = theirs.Fd;
            int pid = processes.Start(theirs, ["seriema: worker", "-c", $"printf %s \"$LANG\" >&{fd}"], [fd]);
            Assert.True(ours.WaitReadable(60_000));
            Assert.Equal(ControlReceive.Message, ours.TryReceive(out string word));
            Assert.Equal("C", word);
            // A copy of ours would keep the end from being seen.
            Assert.True(ours.WaitReadable(60_000));
            Assert.Equal(ControlReceive.Ended, ours.TryReceive(out _));
            Assert.Equal(new ExitCause(0, 0, CoreDumped: false), Reap(processes, pid));
        }
    }

    [Fact]
    public void A_crash_and_a_kill_are_told_apart()
    {
        WorkerProcesses processes = new("/bin/sh", []);
        Assert.Equal("crashed with SIGSEGV", Reap(processes, Start("ulimit -c 0; kill -SEGV $$")).ToString());
        Assert.Equal("exited with status 139", Reap(processes, Start("exit 139")).ToString());
        int sleeper = Start("exec sleep 600");
        Assert.False(processes.TryReap(sleeper, out _));
        processes.Signal(sleeper, Signals.SIGKILL);
        Assert.Equal("was killed by SIGKILL", Reap(processes, sleeper).ToString());

        int Start(string script) => processes.Start(ControlChannel.Pair().Theirs, ["sh", "-c", script], []);
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_error_and_leaves_no_descriptor()
    {
        WorkerProcesses processes = new("/nowhere/at/all", []);
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using (ours)
        {
            LinuxException error = Assert.Throws<LinuxException>(() => processes.Start(theirs, ["x"], []));
            Assert.Contains("/nowhere/at/all", error.Message, StringComparison.Ordinal);
            Assert.Equal(ControlReceive.Ended, ours.TryReceive(out _));
        }
    }

    private static ExitCause Reap(WorkerProcesses processes, int pid)
    {
        ExitCause cause = default;
        // A signal would be the event, but the handler of this process is the test runner's.
        Assert.True(SpinWait.SpinUntil(() => processes.TryReap(pid, out cause), TimeSpan.FromSeconds(60)), $"{pid} does not end");
        return cause;
    }
}
