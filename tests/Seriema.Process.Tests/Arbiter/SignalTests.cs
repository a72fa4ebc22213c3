using System.Globalization;
using Xunit.Abstractions;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>What each signal to the arbiter does.</summary>
public sealed class SignalTests(ITestOutputHelper output)
{
    [Fact]
    public void TTIN_and_TTOU_change_the_number_of_workers()
    {
        using ServerProcess server = ServerProcess.Start("faults:application");
        int first = server.WorkerId;
        using LoadClients load = new(server, 8);
        int mark = server.Log.Mark;
        server.Signal("TTIN");
        int second = server.WaitForNewWorker(mark);
        load.WaitForPid(second);
        server.Signal("TTOU");
        server.Log.WaitFor(@"worker \d+ left", mark);
        int left = Assert.Single(server.Workers);
        Assert.Contains(left, new[] { first, second });
        server.Signal("TTOU"); // one always stays
        server.Signal("TTIN");
        server.WaitForReadyWorkers(3);
        load.WaitForAnswers(200);
        load.Stop().AssertNothingFailed();
        Assert.Contains(left, server.Workers);
    }

    [Fact]
    public void WINCH_ends_the_workers_only_and_HUP_starts_others()
    {
        using ServerProcess server = ServerProcess.Start("faults:application", "--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        server.Signal("WINCH");
        foreach (int worker in workers) server.Log.WaitFor($"worker {worker} left");
        foreach (int worker in workers) ProcessTree.WaitUntilGone(worker);
        Assert.True(server.IsRunning);
        using WireClient waiting = server.Connect(); // the port is still there
        waiting.SendRequest("GET", "/", []);
        server.Signal("HUP");
        Assert.Equal(200, waiting.ReadResponse().Status);
        server.WaitForReadyWorkers(4);
        Assert.Equal(2, server.Workers.Count);
    }

    [Fact]
    public void USR1_reopens_the_log_of_the_arbiter_and_of_the_workers()
    {
        using TemporaryFile log = new();
        string rotated = log.Beside("log.1");
        using ServerProcess server = ServerProcess.Start("faults:application", "--error-logfile", log.Path);
        Eventually.True(() => LineOf(log.Path, "ready") is not null, "no line in the log");
        int worker = int.Parse(LineOf(log.Path, "ready")!.Split("worker ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Empty(server.Error);
        File.Move(log.Path, rotated);
        server.Signal("USR1");
        Eventually.True(() => File.Exists(log.Path), "the log was not opened again");
        // Whoever is told second may be the worker: what it says ends up in the new file sooner or later.
        using TemporaryFile gate = new();
        gate.Create();
        Eventually.True(
            () =>
            {
                server.Get($"/wait?{gate.Path}");
                return LineOf(log.Path, $"waiting in {worker}") is not null;
            },
            "the worker does not write to the new file");
        long size = new FileInfo(rotated).Length;
        server.Get($"/wait?{gate.Path}");
        ProcessTree.Signal(worker, ProcessTree.SIGKILL);
        Eventually.True(() => LineOf(log.Path, $"worker {worker} was killed by SIGKILL") is not null, "the arbiter does not write to the new file");
        Assert.Equal(size, new FileInfo(rotated).Length);
        Assert.Empty(server.Error);
    }

    [Fact]
    public void USR2_hands_the_port_to_a_new_arbiter()
    {
        using RollingApp app = new("old");
        string pidFile = app.PathOf("server.pid");
        using ServerProcess server = app.Start("--workers", "2", "--pid", pidFile);
        server.WaitForReadyWorkers(2);
        Assert.Equal(server.Id, PidIn(pidFile));
        using LoadClients load = new(server, 16);
        load.WaitForVersion("old");
        app.Write("new");
        int mark = server.Log.Mark;
        server.Signal("USR2");
        int next = int.Parse(server.Log.WaitFor(@"arbiter (\d+), workers 2", mark).Match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.NotEqual(server.Id, next);
        server.WaitForReadyWorkers(4);
        load.WaitForVersion("new"); // both serve
        Assert.True(server.IsRunning);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExitAlone());
        Eventually.True(() => PidIn(pidFile) == next, $"the pid file does not name {next}");
        int over = server.Log.Mark;
        load.WaitForAnswers(500);
        LoadReport report = load.Stop();
        output.WriteLine(report.ToString());
        report.AssertNothingFailed();
        Assert.EndsWith(" new", server.Get("/").Body, StringComparison.Ordinal);
        ProcessTree.Signal(next, ProcessTree.SIGTERM);
        ProcessTree.WaitUntilGone(next);
        Assert.False(File.Exists(pidFile));
        Assert.Empty(server.Log.All("ERROR|CRITICAL", over));
    }

    [Fact]
    public void An_upgrade_that_does_not_start_leaves_the_old_arbiter_serving()
    {
        using RollingApp app = new("old");
        string pidFile = app.PathOf("server.pid");
        using ServerProcess server = app.Start("--pid", pidFile);
        int worker = server.WorkerId;
        app.Write("broken", "import nothing_of_that_name");
        int mark = server.Log.Mark;
        server.Signal("USR2");
        server.Log.WaitFor("No module named 'nothing_of_that_name'", mark);
        for (int i = 0; i < 5; i++) Assert.Equal($"{worker} old", server.Get("/").Body);
        Eventually.True(() => PidIn(pidFile) == server.Id, "the pid file does not name the old arbiter");
        app.Write("fixed");
        server.Signal("USR2");
        server.Log.WaitFor(@"worker \d+ ready", mark);
        Assert.True(server.IsRunning);
    }

    private static string? LineOf(string file, string text) => File.ReadAllLines(file).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));

    private static int PidIn(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out int pid) ? pid : 0;
}
