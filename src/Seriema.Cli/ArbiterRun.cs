using System.Globalization;
using Microsoft.Extensions.Logging;
using Seriema.Arbiter;
using Seriema.CPython;
using Seriema.Transport;
using Seriema.Transport.Interop;
using Seriema.Worker;

namespace Seriema.Cli;

/// <summary>The arbiter of one command line: binds, gives root away, and supervises until it is told to stop.</summary>
/// <remarks>Whatever can be wrong is found before anything is started or given away. The first thread only.</remarks>
internal sealed partial class ArbiterRun
{
    private readonly Launch _launch;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Func<string, string?> _environment;
    private readonly Heritage _heritage;
    private readonly OwnProgram _program;
    private readonly OwnProgram _successor;
    private readonly ILogger _logger;
    private readonly LogFile? _log;
    private readonly List<ListenSocket> _listeners = [];
    private readonly List<SocketFile> _files = [];
    private RateTable? _rates; // from the first settings on that limit how often clients may ask
    private int? _upgrade; // the arbiter that we started to replace us

    private ArbiterRun(Launch launch, TextWriter output, TextWriter error, Func<string, string?> environment)
    {
        (_launch, _output, _error, _environment) = (launch, output, error, environment);
        _heritage = Heritage.Of(Environment.GetEnvironmentVariables(), Environment.ProcessId, Libc.ParentId);
        _program = OwnProgram.Current();
        _successor = _program.AsStarted(OwnProgram.FirstWord(), Environment.CurrentDirectory);
        _logger = launch.Server.LoggerFactory.CreateLogger("seriema");
        _log = launch.Processes.ErrorLog is string path ? new LogFile(path) : null;
    }

    /// <summary>Serves until stopped; returns the exit status.</summary>
    /// <exception cref="Exception">Those of <see cref="Failures"/>, before anything serves.</exception>
    internal static int Serve(Launch launch, TextWriter output, TextWriter error, Func<string, string?> environment) =>
        new ArbiterRun(launch, output, error, environment).Serve();

    private int Serve()
    {
        ProcessSettings settings = _launch.Processes;
        if (settings.Umask is int mask) _ = Libc.Umask(mask);
        if (!_heritage.HasWordOnDiagnostics) DebuggerDoors.Close(_environment);
        PythonInstallation python = PythonLocator.Find(_launch.Server.Python);
        Account? account = Accounts.Find(settings.User, settings.Group, Account.Current);
        _log?.Create();
        try
        {
            Listen();
            using var arbiter = new Arbiter.Arbiter(new ArbiterOptions
            {
                Listeners = _listeners,
                Program = _program.Path,
                ProgramArguments = _program.Arguments,
                Environment = _heritage.ForWorkers,
                Settings = Settings(_launch, python),
                Reload = Reload,
                PidFile = settings.PidFile,
                ControlSocket = settings.ControlSocket,
                NotifySocket = _heritage.NotifySocket,
                WatchdogInterval = _heritage.WatchdogInterval,
                UpgradedFrom = _heritage.UpgradedFrom,
                OnOpened = () => Settle(account),
                ReopenLogs = () => _log?.Redirect(),
                OnServing = (version, workers) => _output.WriteLine(ReadyLine(
                    _listeners.Select(listener => listener.Url), Environment.ProcessId, workers, version, _launch.Server.Threads)),
                Error = _error,
                LoggerFactory = _launch.Server.LoggerFactory,
                SpawnUpgrade = SpawnUpgrade,
            });
            return arbiter.Run();
        }
        finally
        {
            foreach (ListenSocket listener in _listeners) listener.Dispose();
            _rates?.Dispose();
            if (!IsAnotherArbiterThere()) _files.ForEach(file => file.Remove());
        }
    }

    /// <summary>The one line on standard output; scripts wait for it and read the port from it.</summary>
    internal static string ReadyLine(IEnumerable<string> urls, int pid, int workers, string pythonVersion, int threads) => string.Create(
        CultureInfo.InvariantCulture,
        $"Serving HTTP on {string.Join(", ", urls)} (pid {pid}, workers {workers}, Python {pythonVersion}, threads {threads})");

    private void Listen()
    {
        foreach (int fd in _heritage.Listeners)
        {
            ListenSocket listener = BindAddress.Inherit(fd, $"fd://{fd}");
            _listeners.Add(listener);
            // What systemd made, systemd removes; what our predecessor made is ours from now on.
            if (_heritage.UpgradedFrom is not null && PathOf(listener) is string path && SocketFile.At(path) is SocketFile file) _files.Add(file);
        }
        if (_listeners.Count > 0) return;
        foreach (string text in _launch.Server.Bind)
        {
            BindAddress address = BindAddress.Parse(text);
            _listeners.Add(address.Listen(_launch.Server.Backlog, _launch.Processes.SocketMode));
            if (address.File is SocketFile file) _files.Add(file);
        }
    }

    /// <summary>The last that root does: files change hands, errors go to the log, and root is gone.</summary>
    private void Settle(Account? account)
    {
        if (account is Account user)
        {
            foreach (SocketFile file in _files) user.Own(file.Path);
            foreach (string? path in (string?[])[_log?.Path, _launch.Processes.PidFile, _launch.Processes.ControlSocket])
            {
                if (Path.Exists(path)) user.Own(path);
            }
            user.Become();
        }
        // Last: what went wrong until here is shown where the command was typed.
        _log?.Redirect();
    }

    private ArbiterSettings Settings(Launch launch, PythonInstallation python)
    {
        // One for all generations: who asks too often does so also while workers are replaced.
        if (launch.Server.LimitRequestRate > 0) _rates ??= RateTable.Create(RateTable.DefaultSlots);
        return Settings(launch, python, launch.Server.LimitRequestRate > 0 ? _rates!.Fd : null);
    }

    private ArbiterSettings Settings(Launch launch, PythonInstallation python, int? rates) => new()
    {
        Inherited = rates is int fd ? [fd] : [],
        Workers = launch.Processes.Workers,
        Timeout = launch.Server.Timeout,
        GracefulTimeout = launch.Server.GracefulTimeout,
        MaxWorkerAge = launch.Processes.MaxWorkerAge,
        MaxWorkerRss = launch.Processes.MaxWorkerRss,
        WorkerArguments = spec => new WorkerWords
        {
            Spec = spec,
            Python = python,
            Rates = rates,
            Log = _log?.Path,
            Arguments = launch.Arguments,
            FromFile = launch.FromFile,
        }.ToArguments(),
    };

    /// <exception cref="SettingsRefusedException">The configuration file or the Python cannot be used as they are now.</exception>
    private ArbiterSettings Reload()
    {
        try
        {
            Launch next = CommandLine.Again(_launch, _environment, _error);
            PythonInstallation python = PythonLocator.Find(next.Server.Python);
            foreach ((string option, string was, string now) in Unchangeable(_launch, next)) NotChanged(_logger, option, was, now);
            return Settings(next, python);
        }
        catch (Exception e)
        {
            var text = new StringWriter { NewLine = "\n" };
            int status = Failures.Report(e, text, showStack: false);
            throw new SettingsRefusedException(text.ToString().TrimEnd('\n'), status);
        }
    }

    /// <summary>The settings that only a new start would change, with what they are and what the file now says.</summary>
    internal static IEnumerable<(string Option, string Was, string Now)> Unchangeable(Launch present, Launch next) =>
        present.Processes.Fixed(present.Server.Bind).Zip(next.Processes.Fixed(next.Server.Bind))
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => (pair.First.Option, pair.First.Value, pair.Second.Value));

    /// <exception cref="LinuxException">The program cannot be started; it may be gone.</exception>
    private int? SpawnUpgrade()
    {
        int[] listeners = [.. _listeners.Select(listener => listener.Fd)];
        _upgrade = ChildProcess.Spawn(
            _successor.Path, [_successor.Path, .. _successor.Arguments, .. _launch.Typed], _heritage.ForSuccessor(listeners), listeners);
        return _upgrade;
    }

    /// <summary>Whether the socket files are still somebody's: our successor's, or our predecessor's when we failed.</summary>
    private bool IsAnotherArbiterThere() =>
        (_upgrade is int successor && !ChildProcess.TryReap(successor, out _))
        || (_heritage.UpgradedFrom is int predecessor && predecessor == Libc.ParentId);

    private static string? PathOf(ListenSocket listener) =>
        listener.EndPoint is System.Net.Sockets.UnixDomainSocketEndPoint point && point.ToString() is ['/', ..] path ? path : null;

    [LoggerMessage(1, LogLevel.Warning, "{Option} stays '{Was}': a reload cannot change it to '{Now}'")]
    private static partial void NotChanged(ILogger logger, string option, string was, string now);
}
