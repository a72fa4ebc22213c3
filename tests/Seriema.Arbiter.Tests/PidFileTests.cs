using System.Diagnostics;

namespace Seriema.Arbiter.Tests;

public sealed class PidFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Own => $"{Environment.ProcessId}\n";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_holds_the_process_id_is_readable_by_all_and_goes_with_the_server()
    {
        PidFile file = PidFile.Write(_folder["app.pid"], null);
        Assert.Equal(Own, File.ReadAllText(_folder["app.pid"]));
        Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(_folder["app.pid"]), 8));
        Assert.Equal(["app.pid"], _folder.Names);
        file.Remove();
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void A_file_that_is_another_ones_by_now_stays()
    {
        PidFile file = PidFile.Write(_folder["app.pid"], null);
        File.WriteAllText(_folder["app.pid"], "1\n");
        file.Remove();
        Assert.Equal(["app.pid"], _folder.Names);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-5")]
    [InlineData("999999999")]
    public void A_stale_file_is_overwritten(string content)
    {
        File.WriteAllText(_folder["app.pid"], content);
        _ = PidFile.Write(_folder["app.pid"], null);
        Assert.Equal(Own, File.ReadAllText(_folder["app.pid"]));
    }

    [Fact]
    public void A_prepared_link_is_replaced_and_not_written_through()
    {
        File.WriteAllText(_folder["precious"], "precious");
        File.CreateSymbolicLink(_folder["app.pid"], _folder["precious"]);
        _ = PidFile.Write(_folder["app.pid"], null);
        Assert.Equal("precious", File.ReadAllText(_folder["precious"]));
        Assert.Null(new FileInfo(_folder["app.pid"]).LinkTarget);
    }

    [Fact]
    public void The_file_of_a_server_that_runs_is_refused_unless_this_one_takes_over_from_it()
    {
        using RunningProcess server = new("seriema");
        File.WriteAllText(_folder["app.pid"], $"{server.Pid}\n");
        PidFileException refusal = Assert.Throws<PidFileException>(() => PidFile.Write(_folder["app.pid"], null));
        Assert.Contains($"process {server.Pid}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal($"{server.Pid}\n", File.ReadAllText(_folder["app.pid"]));

        PidFile file = PidFile.Write(_folder["app.pid"], server.Pid);
        Assert.Equal(["app.pid", "app.pid.2"], _folder.Names);
        Assert.Equal($"{server.Pid}\n", File.ReadAllText(_folder["app.pid"]));
        file.TakeOver();
        Assert.Equal(["app.pid"], _folder.Names);
        Assert.Equal(Own, File.ReadAllText(_folder["app.pid"]));
        file.Remove();
        Assert.Empty(_folder.Names);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("/usr/bin/tail -f /var/log/seriema.log")]
    [InlineData("seriema --seriema-worker")]
    public void The_id_of_a_process_that_is_no_arbiter_is_stale(string name)
    {
        using RunningProcess other = new(name);
        File.WriteAllText(_folder["app.pid"], $"{other.Pid}\n");
        _ = PidFile.Write(_folder["app.pid"], null);
        Assert.Equal(Own, File.ReadAllText(_folder["app.pid"]));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        PidFileException failure = Assert.Throws<PidFileException>(() => PidFile.Write(_folder["none/app.pid"], null));
        Assert.Contains("none/app.pid", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("app.pid.", failure.Message, StringComparison.Ordinal); // the temporary name
    }

    /// <summary>A process with a name of the test's choice; it lives until it is disposed.</summary>
    private sealed class RunningProcess : IDisposable
    {
        private readonly Process _process;

        internal RunningProcess(string name)
        {
            // `exec -a` gives cat another name; it waits for its input to end.
            ProcessStartInfo start = new("/bin/bash", ["-c", $"exec -a '{name}' cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            _process = Process.Start(start)!;
            // An echo shows that the exec has happened.
            _process.StandardInput.WriteLine("up");
            Assert.Equal("up", _process.StandardOutput.ReadLine());
        }

        internal int Pid => _process.Id;

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
