using System.Globalization;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>A short run of <c>bench/soak</c>: random clients, reloads and killed workers. Nothing here depends on speed.</summary>
public sealed class SoakTests
{
    private static readonly string s_program = Path.Combine(ServerProcess.Repository, "bench", "soaking", "soak");

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4); // half a minute on an idle machine

    [Fact]
    public void Under_random_clients_reloads_and_kills_no_answer_is_wrong_or_lost_and_nothing_is_left_open()
    {
        using PythonProcess run = Run("--duration", "16");
        int status = run.WaitForExit(s_patience);
        Assert.True(status == 0 && run.Text.Contains("\n0 failures", StringComparison.Ordinal), run.Text);
        // That nothing is found is worth something only where there was something to find.
        Assert.True(Count(run.Text, "right answers") > 100, run.Text);
        Assert.True(Count(run.Text, "reloads") >= 2 && Count(run.Text, "workers killed") >= 2, run.Text);
    }

    [Fact]
    public void An_application_that_answers_wrongly_and_leaks_descriptors_is_found_out()
    {
        using PythonProcess run = Run("--duration", "8", "--faulty");
        Assert.Equal(1, run.WaitForExit(s_patience));
        Assert.Contains("FAILED wrong: ignored body: the body is not the one", run.Text, StringComparison.Ordinal);
        Assert.Contains(" descriptors, allowed are ", run.Text, StringComparison.Ordinal);
    }

    private static PythonProcess Run(params string[] options) => new(
        TestPython.Default, [s_program, "--server", ServerProcess.Executable, "--python", TestPython.Default, .. options]);

    private static int Count(string text, string what) =>
        int.Parse(Regex.Match(text, $@"\b(\d+) {what}\b").Groups[1].ValueSpan, CultureInfo.InvariantCulture);
}
