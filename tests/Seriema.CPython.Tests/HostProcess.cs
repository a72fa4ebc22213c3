using System.Diagnostics;

namespace Seriema.CPython.Tests;

/// <summary>Runs a program to its end with the output and exit code; the interpreter's host or Python itself.</summary>
internal sealed record HostProcess(int ExitCode, string Output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs the Python host that stands beside the tests.</summary>
    internal static HostProcess Host(IReadOnlyList<string> args, IReadOnlyDictionary<string, string?>? environment = null) =>
        Run(Path.Combine(AppContext.BaseDirectory, "Seriema.PythonHost"), args, environment);

    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    internal static HostProcess Run(
        string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} does not end: {output.Result}{errors.Result}");
        }
        return new HostProcess(process.ExitCode, output.Result + errors.Result);
    }
}
