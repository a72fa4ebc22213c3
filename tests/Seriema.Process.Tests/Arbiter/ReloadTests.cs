using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>New code in the place of old, while clients ask without a pause.</summary>
public sealed class ReloadTests(ITestOutputHelper output)
{
    private const int Reloads = 20;
    private const string Broken = "import nothing_of_that_name";

    [Fact]
    public void Twenty_reloads_under_load_lose_no_request()
    {
        using RollingApp app = new("0");
        using ServerProcess server = app.Start("--workers", "2", "--pid", app.PathOf("server.pid"));
        server.WaitForReadyWorkers(2);
        using LoadClients load = new(server, 16);
        load.WaitForVersion("0");
        long[] written = new long[Reloads + 1];
        for (int version = 1; version <= Reloads; version++)
        {
            int mark = server.Log.Mark;
            app.Write(version.ToString(CultureInfo.InvariantCulture));
            written[version] = Stopwatch.GetTimestamp();
            if (version < Reloads)
            {
                server.Signal("HUP");
                server.Log.WaitFor("reload finished", mark);
            }
            else
            {
                (int status, string _, string error) = ServerProcess.Run(["reload", "--pid", app.PathOf("server.pid")]);
                Assert.True(status == 0, $"{status}: {error}\n{server.Log}");
            }
            load.WaitForVersion(version.ToString(CultureInfo.InvariantCulture));
        }
        long over = Stopwatch.GetTimestamp();
        load.WaitForAnswers(1000);
        LoadReport report = load.Stop();
        output.WriteLine(report.ToString());
        Eventually.True(() => server.Workers.Count == 2 && server.Log.All(@"worker \d+ left").Count == 2 * Reloads, "an old worker stays");
        report.AssertNothingFailed(server);
        foreach (RequestRecord answer in report.Answers)
        {
            int version = int.Parse(answer.Version, CultureInfo.InvariantCulture);
            Assert.True(written[version] <= answer.End, $"version {version} before it was written");
            Assert.True(version == Reloads || answer.Start < over, $"version {version} after the last reload had ended");
        }
        Assert.Equal(2 + (2 * Reloads), server.Log.All(@"worker \d+ ready").Count);
    }

    [Fact]
    public void New_code_that_does_not_import_leaves_the_old_in_its_place()
    {
        using RollingApp app = new("old");
        using ServerProcess server = app.Start("--workers", "2");
        List<int> workers = server.WaitForReadyWorkers(2);
        using LoadClients load = new(server, 16);
        int mark = server.Log.Mark;
        app.Write("broken", Broken);
        server.Signal("HUP");
        server.Log.WaitFor("reloading", mark);
        server.Log.WaitFor("reload failed; the old workers keep serving", mark);
        server.Log.WaitFor("No module named 'nothing_of_that_name'", mark);
        load.WaitForAnswers(200);
        Assert.Equal(workers.Order(), server.Workers.Order());

        mark = server.Log.Mark;
        app.Write("fixed");
        server.Signal("HUP");
        server.Log.WaitFor("reload finished", mark);
        load.WaitForVersion("fixed");
        foreach (int worker in workers) ProcessTree.WaitUntilGone(worker);
        LoadReport report = load.Stop();
        output.WriteLine(report.ToString());
        report.AssertNothingFailed();
        Assert.Equal(["fixed", "old"], report.Answers.Select(answer => answer.Version).Distinct().Order());
        Assert.EndsWith(" fixed", server.Get("/").Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--pid", "server.pid")]
    [InlineData("--control-socket", "server.ctl")]
    public void The_command_reload_waits_and_its_status_says_how_it_went(string option, string file)
    {
        using RollingApp app = new("1");
        using ServerProcess server = app.Start("--pid", app.PathOf("server.pid"));
        string[] command = ["reload", option, app.PathOf(file)];
        app.Write("2");
        (int status, string text, string error) = ServerProcess.Run(command);
        Assert.True(status == 0, $"{status}: {text}{error}");
        Assert.EndsWith(" 2", server.Get("/").Body, StringComparison.Ordinal);

        app.Write("3", Broken);
        (status, text, error) = ServerProcess.Run(command);
        Assert.True(status == 3, $"{status}: {text}{error}");
        Assert.Contains("Traceback (most recent call last)", error, StringComparison.Ordinal);
        Assert.Contains("nothing_of_that_name", error, StringComparison.Ordinal);
        Assert.EndsWith(" 2", server.Get("/").Body, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_status_has_a_line_for_each_worker()
    {
        using RollingApp app = new("1");
        using ServerProcess server = app.Start("--workers", "2", "--pid", app.PathOf("server.pid"));
        List<int> workers = server.WaitForReadyWorkers(2);
        (int status, string text, string error) = ServerProcess.Run(["status", "--pid", app.PathOf("server.pid")]);
        Assert.True(status == 0, $"{status}: {error}");
        foreach (int worker in workers)
        {
            Assert.Single(text.Split('\n'), line => Regex.IsMatch(line, $@"\b{worker}\b"));
        }
    }

    [Fact]
    public void A_command_to_a_server_that_is_not_there_is_one_line()
    {
        using TemporaryFile file = new();
        (int status, string _, string error) = ServerProcess.Run(["reload", "--control-socket", file.Path]);
        Assert.NotEqual(0, status);
        Assert.Contains(file.Path, Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_of_four_seconds_holds_nobody()
    {
        using RollingApp app = new("old");
        using ServerProcess server = app.Start();
        using LoadClients load = new(server, 16);
        load.WaitForAnswers(2000);
        int mark = server.Log.Mark;
        long start = Stopwatch.GetTimestamp();
        app.Write("new", "import time; time.sleep(4)");
        server.Signal("HUP");
        ProcessLine finished = server.Log.WaitFor("reload finished", mark).Line;
        load.WaitForVersion("new");
        LoadReport report = load.Stop();
        // How long anybody waited depends on the machine; bench/run faults measures it.
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"slowest {report.Slowest(0, start).TotalMilliseconds:0.0} ms before, {report.Slowest(start, finished.Time).TotalMilliseconds:0.0} ms meanwhile; {report}"));
        report.AssertNothingFailed();
        Assert.True(Stopwatch.GetElapsedTime(start, finished.Time) > TimeSpan.FromSeconds(4), "the import was not waited for");
        // The old code answered all the time: the new could not before its import was over.
        Assert.True(report.Answers.Count(answer => answer.Version == "old" && answer.Start > start) > 100, $"the old worker answered nothing meanwhile: {report}");
    }

    [Fact]
    public void New_code_that_is_not_well_leaves_the_old_in_its_place()
    {
        using RollingApp app = new("old");
        using ServerProcess server = app.Start("--health-path", "/health", "--pid", app.PathOf("server.pid"));
        int worker = server.WorkerId;
        int mark = server.Log.Mark;
        app.Write("sick"); // its /health answers 500
        server.Signal("HUP");
        server.Log.WaitFor("reload failed; the old workers keep serving", mark);
        Assert.Equal($"{worker} old", server.Get("/").Body);
        Assert.NotEqual(0, ServerProcess.Run(["reload", "--pid", app.PathOf("server.pid")]).Status);
        Assert.Equal($"{worker} old", server.Get("/").Body);
        app.Write("well");
        Assert.Equal(0, ServerProcess.Run(["reload", "--pid", app.PathOf("server.pid")]).Status);
        Assert.EndsWith(" well", server.Get("/").Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reload_reads_the_configuration_again()
    {
        using RollingApp app = new("1");
        app.Replace("seriema.conf", "# the number that changes\nworkers = 1\n");
        using ServerProcess server = app.Start("--config", app.PathOf("seriema.conf"));
        using LoadClients load = new(server, 8);
        foreach ((int workers, int ready) in new[] { (2, 3), (1, 4) })
        {
            int mark = server.Log.Mark;
            app.Replace("seriema.conf", $"workers = {workers}\n");
            server.Signal("HUP");
            server.Log.WaitFor("reload finished", mark);
            server.WaitForReadyWorkers(ready);
            Eventually.True(() => server.Workers.Count == workers, $"not {workers} workers");
            load.WaitForAnswers(200);
        }
        app.Replace("seriema.conf", "workers = many\n");
        int failed = server.Log.Mark;
        server.Signal("HUP");
        server.Log.WaitFor("reload failed; the old workers keep serving", failed);
        server.Log.WaitFor("workers", failed);
        load.WaitForAnswers(200);
        load.Stop().AssertNothingFailed();
    }
}
