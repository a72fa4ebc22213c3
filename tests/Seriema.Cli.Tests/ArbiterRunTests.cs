namespace Seriema.Cli.Tests;

public sealed class ArbiterRunTests
{
    [Fact]
    public void The_ready_line_names_addresses_pid_workers_python_and_threads() =>
        Assert.Equal(
            "Serving HTTP on http://127.0.0.1:8888 (pid 42, workers 2, Python 3.11.7, threads 16)",
            ArbiterRun.ReadyLine(["http://127.0.0.1:8888"], 42, 2, "3.11.7", 16));

    [Fact]
    public void Several_addresses_are_separated_by_commas() =>
        Assert.Equal(
            "Serving HTTP on http://[::1]:81, unix:/run/app.sock (pid 1, workers 1, Python 3.9.2, threads 1)",
            ArbiterRun.ReadyLine(["http://[::1]:81", "unix:/run/app.sock"], 1, 1, "3.9.2", 1));

    [Fact]
    public void What_a_reload_cannot_change_is_named_with_both_values()
    {
        Launch present = Invocation.Of("-b", "127.0.0.1:1", "-m", "22", "-w", "1", "--pid", "/run/a", "a:b").Launch;
        Launch next = Invocation.Of("-b", "127.0.0.1:2", "-m", "022", "-w", "4", "--socket-mode", "60", "--pid", "/run/a", "a:b").Launch;
        Assert.Equal(
            [("--bind", "127.0.0.1:1", "127.0.0.1:2"), ("--socket-mode", "", "060")],
            ArbiterRun.Unchangeable(present, next));
        Assert.Empty(ArbiterRun.Unchangeable(present, present));
    }
}
