namespace Seriema.Process.Tests.Arbiter;

/// <summary>Workers that do not come up.</summary>
public sealed class BootTests
{
    private const string Traceback = "Traceback (most recent call last)";

    [Fact]
    public void An_import_that_fails_ends_all_with_one_traceback()
    {
        using RollingApp app = new("1");
        app.Write("1", "import nothing_of_that_name");
        (int status, string output, string error) = Run(app, "--workers", "2");
        Assert.True(status == 3, $"{status}: {error}");
        Assert.Equal(2, error.Split(Traceback).Length);
        Assert.Contains("rolling.py\", line 1", error, StringComparison.Ordinal);
        Assert.Contains("nothing_of_that_name", LastLine(error), StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("import os; os._exit(5)", "5")]
    [InlineData("import ctypes; ctypes.string_at(0)", "SIGSEGV")]
    public void A_crash_at_import_is_retried_and_then_ends_all_with_one_line(string crash, string cause)
    {
        using RollingApp app = new("1");
        app.Write("1", crash);
        (int status, string output, string error) = Run(app, "--workers", "2");
        Assert.True(status == 3, $"{status}: {error}");
        Assert.StartsWith("seriema: ", LastLine(error), StringComparison.Ordinal);
        Assert.Contains(cause, LastLine(error), StringComparison.Ordinal);
        int started = error.Split('\n').Count(line => line.EndsWith(" started", StringComparison.Ordinal));
        Assert.True(started > 2, $"{started} were started:\n{error}");
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void What_breaks_after_a_good_start_is_retried_while_the_others_serve()
    {
        using RollingApp app = new("good");
        using ServerProcess server = app.Start("--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        app.Write("bad", "import nothing_of_that_name");
        int mark = server.Log.Mark;
        ProcessTree.Signal(workers[0], ProcessTree.SIGKILL);
        // The second failure shows that it was tried again.
        int first = server.Log.WaitFor("No module named 'nothing_of_that_name'", mark).Line.Number;
        server.Log.WaitFor("Traceback", server.Log.WaitFor(@"worker \d+ started", first).Line.Number);
        for (int i = 0; i < 20; i++) Assert.Equal($"{workers[1]} good", server.Get("/").Body);
        mark = server.Log.Mark;
        app.Write("repaired");
        int repaired = server.WaitForNewWorker(mark);
        Assert.Equal([workers[1], repaired], server.Workers);
        using LoadClients load = new(server, 8);
        load.WaitForPid(repaired);
        load.Stop().AssertNothingFailed();
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void A_stop_while_the_application_is_being_imported_is_a_stop()
    {
        using RollingApp app = new("1");
        app.Write("1", "import sys, time; print('importing', file=sys.stderr, flush=True); time.sleep(60)");
        using ServerProcess server = ServerProcess.Launch(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "rolling:application", ["--workers", "2"], app.Folder)]);
        server.WaitForLine("importing");
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(server.Output);
    }

    private static (int Status, string Output, string Error) Run(RollingApp app, params string[] options) => ServerProcess.Run(
        ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "rolling:application", options, app.Folder)]);

    private static string LastLine(string text) => text.TrimEnd('\n').Split('\n')[^1];
}
