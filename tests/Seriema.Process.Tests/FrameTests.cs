using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>The small framework by itself, under Seriema, and under another server.</summary>
public sealed partial class FrameTests
{
    public static TheoryData<string> Versions => [.. TestPython.All.Select(entry => entry.Version)];

    [Theory, MemberData(nameof(Versions))]
    public void Its_own_tests_pass(string version)
    {
        string folder = Path.Combine(ServerProcess.Repository, "tests", "python");
        using PythonProcess python = new(PathOf(version), ["-W", "error", "-m", "unittest", "discover"], folder: folder);
        int status = python.WaitForExit();
        Assert.True(status == 0, python.Text);
        Assert.Matches(@"Ran [1-9]\d+ tests", python.Text); // no test found is a success, too
    }

    [Theory, MemberData(nameof(Versions))]
    public void Its_site_works_here_and_the_validator_finds_nothing(string version)
    {
        using ServerProcess server = ServerProcess.StartWith(
            PathOf(version), "validated_frame:application", ["--pythonpath", PythonProcess.Examples]);
        using WireClient client = server.Connect();
        FrameVisit.Check(client);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.DoesNotContain("AssertionError", server.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Traceback", server.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_site_works_unchanged_under_gunicorn()
    {
        // One thread for each connection that is kept open; scripts/setup --tests provides gunicorn.
        using PythonProcess gunicorn = new(
            TestPython.Default, ["-m", "gunicorn", "--bind", "127.0.0.1:0", "--worker-class", "gthread", "--threads", "4", "frame.app:app"]);
        string listening = gunicorn.WaitForLine("Listening at: http://127.0.0.1:");
        int port = int.Parse(Port().Match(listening).Groups[1].Value, CultureInfo.InvariantCulture);
        using WireClient client = new(new IPEndPoint(IPAddress.Loopback, port));
        FrameVisit.Check(client);
        Assert.DoesNotContain("Traceback", gunicorn.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_as_small_as_it_says()
    {
        int lines = File.ReadAllLines(Path.Combine(PythonProcess.Examples, "frame", "frame.py")).Length;
        Assert.InRange(lines, 1, 149);
    }

    private static string PathOf(string version) => TestPython.All.First(entry => entry.Version == version).Path;

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
