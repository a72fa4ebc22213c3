using System.Diagnostics;
using System.Text;

namespace Seriema.Process.Tests;

/// <summary>One running Python, started with the examples on its path and ended by its id. Owns the process.</summary>
internal sealed class PythonProcess : IDisposable
{
    private readonly System.Diagnostics.Process _process;
    private readonly StringBuilder _text = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];

    internal PythonProcess(string python, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        ProcessStartInfo start = new(python)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Examples,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Remove("VIRTUAL_ENV");
        start.Environment["PYTHONPATH"] = Examples;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1"; // the sources stay as they are
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = new System.Diagnostics.Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal static string Examples { get; } = Path.Combine(ServerProcess.Repository, "examples");

    /// <summary>Both streams, line by line as they came.</summary>
    internal string Text
    {
        get { lock (_awaited) return _text.ToString(); }
    }

    /// <summary>Waits until a line has this text; the line.</summary>
    internal string WaitForLine(string text)
    {
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            string? line = Array.Find(_text.ToString().Split('\n'), line => line.Contains(text, StringComparison.Ordinal));
            if (line is not null) return line;
            _awaited.Add((text, seen));
        }
        Task ended = _process.WaitForExitAsync();
        if (Task.WaitAny([seen.Task, ended], ServerProcess.Patience) != 0)
        {
            throw new InvalidOperationException($"no line with '{text}':\n{Text}");
        }
        return seen.Task.Result;
    }

    /// <summary>Waits for the end; its exit status.</summary>
    internal int WaitForExit(TimeSpan? patience = null)
    {
        if (!_process.WaitForExit(patience ?? ServerProcess.Patience)) throw new TimeoutException($"still running:\n{Text}");
        _process.WaitForExit(); // the overload without a time waits for the last lines of both streams
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        lock (_awaited)
        {
            _text.Append(line).Append('\n');
            foreach ((string text, TaskCompletionSource<string> seen) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal)) seen.TrySetResult(line);
            }
        }
    }
}
