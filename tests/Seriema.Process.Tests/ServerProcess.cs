using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>One running <c>seriema</c>, started as a user would and ended by its id. Owns the process.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    // A loaded machine is slow, a hung server is slower: nothing in a test depends on the difference.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly System.Diagnostics.Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private ServerProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? folder)
    {
        ProcessStartInfo start = new(Executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Repository,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Remove("VIRTUAL_ENV");
        start.Environment.Remove("PORT");
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        _process = new System.Diagnostics.Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data, _output, isOutput: true);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data, _error, isOutput: false);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal static string Repository { get; } = FindRepository();

    internal static string TestApps { get; } = Path.Combine(Repository, "tests", "apps");

    /// <summary>Beside this test's own output folder, whichever configuration was built.</summary>
    internal static string Executable
    {
        get
        {
            DirectoryInfo own = new(AppContext.BaseDirectory.TrimEnd('/'));
            return Path.Combine(own.Parent!.Parent!.FullName, "Seriema.Cli", own.Name, "seriema");
        }
    }

    internal int Id => _process.Id;

    internal int Port { get; private set; }

    internal string ReadyLine { get; private set; } = "";

    internal string Error
    {
        get { lock (_error) return _error.ToString(); }
    }

    internal string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Starts a server on a free port and waits until it says that it serves.</summary>
    internal static ServerProcess Start(string application, params string[] options) => StartWith(TestPython.Default, application, options);

    internal static ServerProcess StartWith(
        string python, string application, string[] options, IReadOnlyDictionary<string, string?>? environment = null)
    {
        List<string> arguments = ["--bind", "127.0.0.1:0", "--python", python];
        if (!options.Contains("--chdir")) arguments.AddRange(["--chdir", TestApps]);
        arguments.AddRange(options);
        arguments.Add(application);
        ServerProcess server = new(arguments, environment, null);
        try
        {
            server.ReadyLine = server._ready.Task.WaitAsync(Patience).GetAwaiter().GetResult();
            server.Port = int.Parse(PortPattern().Match(server.ReadyLine).Groups[1].Value, CultureInfo.InvariantCulture);
            return server;
        }
        catch (Exception e)
        {
            server.Dispose();
            throw new InvalidOperationException($"{application} did not start: {e.Message}\n{server.Output}\n{server.Error}", e);
        }
    }

    /// <summary>Runs a command line that is to end by itself.</summary>
    internal static (int Status, string Output, string Error) Run(
        string[] arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using ServerProcess process = new(arguments, environment, folder);
        int status = process.WaitForExit();
        return (status, process.Output, process.Error);
    }

    internal WireClient Connect() => new(new IPEndPoint(IPAddress.Loopback, Port));

    /// <summary>One request on a connection of its own.</summary>
    internal WireResponse Get(string target, params string[] fields)
    {
        using WireClient client = Connect();
        client.SendRequest("GET", target, fields);
        return client.ReadResponse();
    }

    internal void Signal(string name)
    {
        using System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-" + name, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end; its exit status.</summary>
    internal int WaitForExit()
    {
        if (!_process.WaitForExit(Patience)) throw new TimeoutException($"still running:\n{Output}\n{Error}");
        _process.WaitForExit(); // the overload without a time waits for the last lines of both streams
        return _process.ExitCode;
    }

    /// <summary>Waits until a line with this text is on standard error or standard output.</summary>
    internal void WaitForLine(string text)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited) _awaited.Add((text, seen));
        if (Error.Contains(text, StringComparison.Ordinal) || Output.Contains(text, StringComparison.Ordinal)) return;
        if (!seen.Task.Wait(Patience)) throw new TimeoutException($"no line with '{text}':\n{Output}\n{Error}");
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void OnLine(string? line, StringBuilder into, bool isOutput)
    {
        if (line is null)
        {
            if (isOutput) _ready.TrySetException(new InvalidOperationException("the output ended"));
            return;
        }
        lock (into) into.Append(line).Append('\n');
        if (isOutput && line.StartsWith("Serving HTTP on", StringComparison.Ordinal)) _ready.TrySetResult(line);
        lock (_awaited)
        {
            foreach ((string text, TaskCompletionSource seen) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal)) seen.TrySetResult();
            }
        }
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "seriema.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? Environment.GetEnvironmentVariable("SERIEMA_REPOSITORY")
            ?? throw new InvalidOperationException("not below the repository; set SERIEMA_REPOSITORY");
    }

    [GeneratedRegex(@":(\d+)[ ,]")]
    private static partial Regex PortPattern();
}
