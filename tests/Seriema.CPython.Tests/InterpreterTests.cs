using System.Collections.Concurrent;

namespace Seriema.CPython.Tests;

/// <summary>The checks of the host, one process for each Python of the machine, one test for each check.</summary>
public sealed class InterpreterTests
{
    private static readonly ConcurrentDictionary<string, Lazy<HostProcess>> s_runs = [];

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (PythonInstallation python in Interpreters.All)
            {
                foreach ((string name, _) in PythonHost.Checks.All) cases.Add(python.Executable, name);
                cases.Add(python.Executable, "ended");
            }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Check_holds_in_the_interpreter(string python, string check)
    {
        HostProcess run = s_runs.GetOrAdd(python, p => new(() => HostProcess.Host([p, "checks"]))).Value;
        string expected = check == "ended" ? "ended 0" : $"ok {check}";
        string? line = Array.Find(run.Output.Split('\n'), l => l.Split(' ', ':') is [_, var name, ..] && name == check);
        Assert.True(run.Output.Split('\n').Contains(expected), line ?? $"exit code {run.ExitCode}: {run.Output}");
    }
}
