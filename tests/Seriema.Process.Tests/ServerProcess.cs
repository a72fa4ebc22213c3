using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>One running <c>seriema</c>, arbiter and workers, started as a user would and ended by its id. Owns the processes.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    // A loaded machine is slow, a hung server is slower: nothing in a test depends on the difference.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What the environment of whoever runs the tests must not decide.
    private static readonly string[] s_unwanted =
        ["VIRTUAL_ENV", "PORT", "WEB_CONCURRENCY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

    private readonly System.Diagnostics.Process _process;

    private ServerProcess(IEnumerable<string> command, IReadOnlyDictionary<string, string?>? environment, string? folder)
    {
        ProcessStartInfo start = new(command.First())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Repository,
        };
        foreach (string argument in command.Skip(1)) start.ArgumentList.Add(argument);
        foreach (string name in s_unwanted) start.Environment.Remove(name);
        // A module that is rewritten twice within a second, at the same length, would be taken from the cache.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        _process = new System.Diagnostics.Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Log.Add(line.Data, isOutput: true);
        _process.ErrorDataReceived += (_, line) => Log.Add(line.Data, isOutput: false);
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

    /// <summary>The arbiter's pid: the process that a user starts and signals.</summary>
    internal int Id => _process.Id;

    /// <summary>The pid of the worker that became ready last: the only one, where a test has no more.</summary>
    internal int WorkerId => Log.All(@"worker (\d+) ready") is [.., (_, Match last)] ? Number(last) : throw new InvalidOperationException($"no worker is ready:\n{Log}");

    /// <summary>The workers that said that they are ready and still run.</summary>
    internal List<int> Workers => [.. Log.All(@"worker (\d+) ready").Select(found => Number(found.Match)).Where(pid => ProcessTree.IsAlive(pid))];

    internal int Port { get; private set; }

    internal string ReadyLine { get; private set; } = "";

    internal ProcessLog Log { get; } = new();

    internal string Error => Log.Text(isOutput: false);

    internal string Output => Log.Text(isOutput: true);

    /// <summary>Starts a server on a free port and waits until it says that it serves.</summary>
    internal static ServerProcess Start(string application, params string[] options) => StartWith(TestPython.Default, application, options);

    /// <param name="folder">The application's; the tests' own without it.</param>
    internal static ServerProcess StartWith(
        string python, string application, string[] options, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null) =>
        Ready(Launch(["--bind", "127.0.0.1:0", .. Arguments(python, application, options, folder)], environment));

    /// <summary>The arguments of a server without an address to bind to.</summary>
    internal static string[] Arguments(string python, string application, string[] options, string? folder = null) =>
    [
        "--python", python, .. options.Contains("--chdir") ? Array.Empty<string>() : ["--chdir", folder ?? TestApps], .. options, application,
    ];

    /// <summary>Starts a command line and waits for nothing.</summary>
    /// <param name="through">A program, with its arguments, that becomes the server; none by default.</param>
    internal static ServerProcess Launch(
        string[] arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, params string[] through) =>
        new([.. through, Executable, .. arguments], environment, folder);

    /// <summary>Waits until the server says that it serves; ends it when it does not.</summary>
    internal static ServerProcess Ready(ServerProcess server)
    {
        try
        {
            server.ReadyLine = server.Log.WaitFor("^Serving HTTP on").Line.Text;
            Match port = PortPattern().Match(server.ReadyLine); // a server on a unix socket alone has none
            if (port.Success) server.Port = Number(port);
            return server;
        }
        catch (Exception e)
        {
            server.Dispose();
            throw new InvalidOperationException($"the server did not start: {e.Message}", e);
        }
    }

    /// <summary>Runs a command line that is to end by itself.</summary>
    internal static (int Status, string Output, string Error) Run(
        string[] arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using ServerProcess process = Launch(arguments, environment, folder);
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

    /// <summary>To the arbiter, as a user would.</summary>
    internal void Signal(string name) => ProcessTree.Signal(Id, name);

    /// <summary>To the only worker: for the handlers of an application.</summary>
    internal void SignalWorker(string name) => ProcessTree.Signal(WorkerId, name);

    /// <summary>Waits for the end; its exit status.</summary>
    internal int WaitForExit()
    {
        int status = WaitForExitAlone();
        Log.WaitForEnd();
        return status;
    }

    /// <summary>Waits for the end of the first process; others may go on and hold its streams.</summary>
    internal int WaitForExitAlone()
    {
        if (!_process.WaitForExit(Patience)) throw new TimeoutException($"still running:\n{Log}");
        return _process.ExitCode;
    }

    /// <summary>Waits for the next worker that is ready; <paramref name="mark"/> is from before what makes it start.</summary>
    internal int WaitForNewWorker(int mark) => Number(Log.WaitFor(@"worker (\d+) ready", mark).Match);

    /// <summary>Waits until so many workers in all have been ready since the start.</summary>
    internal List<int> WaitForReadyWorkers(int count)
    {
        List<int> pids = [];
        for (int mark = 0; pids.Count < count;)
        {
            (ProcessLine line, Match match) = Log.WaitFor(@"worker (\d+) ready", mark);
            pids.Add(Number(match));
            mark = line.Number + 1;
        }
        return pids;
    }

    internal bool IsRunning => !_process.HasExited;

    /// <summary>Waits until a line with this text is on standard error or standard output.</summary>
    internal void WaitForLine(string text) => Log.WaitFor(Regex.Escape(text));

    public void Dispose()
    {
        // Stopped first, so that the arbiter starts no worker that is in nobody's list.
        if (!_process.HasExited) ProcessTree.Signal(Id, ProcessTree.SIGSTOP);
        HashSet<int> all = [.. _process.HasExited ? [] : ProcessTree.Descendants(Id)];
        foreach ((ProcessLine _, Match match) in Log.All(@"(?:worker|arbiter) (\d+)"))
        {
            // The others of an upgrade, and workers whose arbiter is gone. A pid may belong to a stranger by now.
            if (ProcessTree.CommandLine(Number(match)).Contains(Executable)) all.UnionWith(ProcessTree.Descendants(Number(match)));
        }
        foreach (int pid in all) ProcessTree.Signal(pid, ProcessTree.SIGKILL);
        _process.WaitForExit(Patience); // not for the streams: a child of the application may hold them
        _process.Dispose();
    }

    private static int Number(Match match) => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "seriema.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? Environment.GetEnvironmentVariable("SERIEMA_REPOSITORY")
            ?? throw new InvalidOperationException("not below the repository; set SERIEMA_REPOSITORY");
    }

    [GeneratedRegex(@"(?:127\.0\.0\.1|\[::1\]|0\.0\.0\.0):(\d+)[ ,]")]
    private static partial Regex PortPattern();
}
