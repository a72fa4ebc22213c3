using System.Net.Sockets;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>Real children, each of them a shell that ends by itself or by its id.</summary>
public sealed class ChildProcessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("exit 7", 7, 0, "exited with status 7")]
    [InlineData("exit 0", 0, 0, "exited with status 0")]
    [InlineData("exit 139", 139, 0, "exited with status 139")]
    [InlineData("kill -KILL $$", 0, Transport.Signals.SIGKILL, "was killed by SIGKILL")]
    [InlineData("kill -TERM $$", 0, Transport.Signals.SIGTERM, "was killed by SIGTERM")]
    [InlineData("ulimit -c 0; kill -SEGV $$", 0, Transport.Signals.SIGSEGV, "crashed with SIGSEGV")]
    public void The_cause_of_an_end_is_told_apart(string script, int status, int signal, string text)
    {
        ExitCause cause = AwaitEnd(ChildProcess.Spawn("/bin/sh", ["sh", "-c", script], [], []));
        Assert.Equal((status, signal), (cause.Status, cause.Signal));
        Assert.StartsWith(text, cause.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_runs_until_it_is_signalled_and_is_buried_once()
    {
        int pid = ChildProcess.Spawn("/bin/sleep", ["sleep", "1000"], [], []);
        Assert.False(ChildProcess.TryReap(pid, out _));
        Assert.True(ChildProcess.Signal(pid, Transport.Signals.SIGKILL));
        Assert.Equal(Transport.Signals.SIGKILL, AwaitEnd(pid).Signal);
        Assert.False(ChildProcess.Signal(pid, 0)); // it is gone, and no zombie of it is left
    }

    [Fact]
    public void A_child_has_the_environment_and_the_name_that_it_was_given()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel first = ours, second = theirs;
        // The shell (bash: others know no descriptor above 9) says it on the inherited socket.
        string script = $"echo \"$0 $A $(env | grep -c HOME)\" >&{theirs.Fd}";
        int pid = ChildProcess.Spawn("/bin/bash", ["bash", "-c", script, "a name"], ["A=ä b", "PATH=/bin:/usr/bin"], [theirs.Fd]);
        Assert.Equal(0, AwaitEnd(pid).Status);
        Assert.Equal(ControlReceive.Message, ours.TryReceive(out string said));
        Assert.Equal("a name ä b 0\n", said);
    }

    [Fact]
    public void Only_what_is_named_is_inherited()
    {
        (ControlChannel ours, ControlChannel theirs) = ControlChannel.Pair();
        using ControlChannel first = ours, second = theirs;
        int pid = ChildProcess.Spawn("/bin/sh", ["sh", "-c", $"test -e /proc/self/fd/{theirs.Fd} && ! test -e /proc/self/fd/{ours.Fd}"], [], [theirs.Fd]);
        Assert.Equal("exited with status 0", AwaitEnd(pid).ToString());
        // Ours keep their flag: a child of somebody else gets neither.
        pid = ChildProcess.Spawn("/bin/sh", ["sh", "-c", $"! test -e /proc/self/fd/{theirs.Fd}"], [], []);
        Assert.Equal("exited with status 0", AwaitEnd(pid).ToString());
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_error_of_the_start()
    {
        LinuxException error = Assert.Throws<LinuxException>(() => ChildProcess.Spawn("/no/such/program", ["x"], [], []));
        Assert.Equal(Errno.ENOENT, error.ErrorNumber);
    }

    [Fact]
    public void The_scoreboard_is_one_memory_for_all_who_map_it()
    {
        using Scoreboard ours = Scoreboard.Create(4);
        using Scoreboard theirs = new(Descriptor.Duplicate(ours.Fd), 4);
        Assert.False(theirs.AnyOtherFree(0));
        ours.Set(2, WorkerLoad.Free);
        Assert.Equal(WorkerLoad.Free, theirs.Get(2));
        Assert.Equal((true, false), (theirs.AnyOtherFree(0), theirs.AnyOtherFree(2)));
        theirs.Set(2, WorkerLoad.Busy);
        Assert.False(ours.AnyOtherFree(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ours.Set(4, WorkerLoad.Free));
    }

    [Fact]
    public void A_descriptor_that_is_no_memory_is_no_scoreboard()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<LinuxException>(() => new Scoreboard((int)socket.Handle, 4));
    }

    private static ExitCause AwaitEnd(int pid)
    {
        ExitCause cause = default;
        Assert.True(SpinWait.SpinUntil(() => ChildProcess.TryReap(pid, out cause), s_patience), $"Process {pid} does not end.");
        return cause;
    }
}
