namespace Seriema.Process.Tests.Arbiter;

/// <summary>What a server leaves on the disk, for whom, and for how long.</summary>
public sealed class FileTests
{
    private const string Anyone = "import os, sys; os.umask(0); os.execv(sys.argv[1], sys.argv[1:])";

    [Theory]
    [InlineData(null, "600", "640", "644", "777")]
    [InlineData("077", "600", "600", "644", "700")]
    public void Files_have_their_modes_whatever_the_umask_is(string? umask, string control, string log, string pid, string socket)
    {
        using TemporaryFile file = new();
        string[] options =
        [
            "--pid", file.Beside("pid"), "--error-logfile", file.Beside("log"), "--bind", $"unix:{file.Beside("http")}",
            .. umask is null ? Array.Empty<string>() : ["--umask", umask],
        ];
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            ServerProcess.Arguments(TestPython.Default, "faults:application", options), null, null, TestPython.Default, "-c", Anyone));
        Assert.Equal(["http", "log", "pid", "pid.ctl"], Directory.GetFiles(Path.GetDirectoryName(file.Path)!).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(
            (control, log, pid, socket),
            (Mode(file.Beside("pid.ctl")), Mode(file.Beside("log")), Mode(file.Beside("pid")), Mode(file.Beside("http"))));
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.False(File.Exists(file.Beside("pid.ctl")));
    }

    [Fact]
    public void A_link_in_place_of_the_pid_file_or_the_control_socket_is_not_written_through()
    {
        using TemporaryFile file = new();
        File.WriteAllText(file.Path, "precious");
        File.CreateSymbolicLink(file.Beside("pid"), file.Path);
        using (ServerProcess server = ServerProcess.Start("faults:application", "--pid", file.Beside("pid")))
        {
            Assert.Equal("precious", File.ReadAllText(file.Path));
            Assert.Equal($"{server.Id}\n", File.ReadAllText(file.Beside("pid")));
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExit());
        }
        File.CreateSymbolicLink(file.Beside("control"), file.Beside("elsewhere"));
        (int status, string _, string error) = ServerProcess.Run(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "faults:application", ["--control-socket", file.Beside("control")])]);
        Assert.Equal(1, status);
        Assert.Contains("no socket has this name", error, StringComparison.Ordinal);
        Assert.False(File.Exists(file.Beside("elsewhere")));
    }

    [Fact]
    public void The_runtime_opens_no_door_to_debuggers_and_leaves_nothing_behind()
    {
        using TemporaryFile temporary = new();
        string folder = Path.GetDirectoryName(temporary.Path)!;
        Dictionary<string, string?> environment = new() { ["TMPDIR"] = folder };
        using ServerProcess server = ServerProcess.StartWith(TestPython.Default, "forks:application", ["--workers", "2"], environment);
        server.WaitForReadyWorkers(2);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Assert.Equal("none", server.Get("/environ").Body); // the switch is the worker's, not the application's
        int mark = server.Log.Mark;
        ProcessTree.Signal(server.WorkerId, ProcessTree.SIGKILL);
        server.WaitForNewWorker(mark);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        ProcessTree.Signal(server.Id, ProcessTree.SIGKILL);
        server.WaitForExitAlone();
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_debugger_finds_its_doors_when_the_operator_asks_for_them()
    {
        using TemporaryFile temporary = new();
        string folder = Path.GetDirectoryName(temporary.Path)!;
        Dictionary<string, string?> environment = new() { ["TMPDIR"] = folder, ["DOTNET_EnableDiagnostics"] = "1" };
        using ServerProcess server = ServerProcess.StartWith(TestPython.Default, "faults:application", [], environment);
        string[] names = [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path))];
        foreach (int pid in (int[])[server.Id, server.WorkerId])
        {
            Assert.Contains(names, name => name.StartsWith($"dotnet-diagnostic-{pid}-", StringComparison.Ordinal));
        }
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
