using System.Globalization;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests.Proxies;

/// <summary>Whether the server and a proxy in front of it ever disagree about where a request ends.</summary>
public sealed class DifferentialTests
{
    private static readonly string s_program = Path.Combine(ServerProcess.Repository, "bench", "conformance", "proxy-differential");

    [Fact]
    public void Behind_nginx_and_HAProxy_no_request_arrives_that_they_did_not_send()
    {
        using PythonProcess run = Run(ServerProcess.Executable, "2000");
        int status = run.WaitForExit();
        Assert.True(status == 0 && run.Text.Contains("\n0 differences", StringComparison.Ordinal), run.Text);
        // That nothing is found is worth something only where requests do arrive.
        Assert.True(Count(run.Text, "requests at the application") > 100, run.Text);
        Assert.True(Count(run.Text, "requests sent and refused") > 30, run.Text);
    }

    [Fact]
    public void A_server_that_misses_chunks_would_be_found_out()
    {
        using PythonProcess run = Run(Path.Combine(ServerProcess.TestApps, "chunkless"), "0");
        Assert.Equal(1, run.WaitForExit());
        Assert.Contains(" went to ", run.Text, StringComparison.Ordinal); // the answer of one request to another
    }

    private static PythonProcess Run(string server, string count) => new(
        TestPython.Default, [s_program, "--server", server, "--python", TestPython.Default, "--count", count, "--seconds", "20"]);

    private static int Count(string text, string what) =>
        int.Parse(Regex.Match(text, $@"^ *(\d+) {what}$", RegexOptions.Multiline).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
}
