using System.CommandLine;
using System.Globalization;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options of the arbiter: how many workers, as whom, and under which files it is found.</summary>
internal sealed class ProcessOptions
{
    private const int MaxWorkers = 512; // a slot of the scoreboard each, and one for a successor; more is a typing error
    private const string Concurrency = "WEB_CONCURRENCY";

    internal Option<string[]> Workers { get; } =
        Create("N", "Worker processes, or auto for one a core [$WEB_CONCURRENCY, else 1]", "--workers", "-w");

    internal Option<string[]> MaxWorkerAge { get; } =
        Create("SECONDS", "Age at which a worker is replaced, 0 for never [0]", "--max-worker-age");

    internal Option<string[]> MaxWorkerRss { get; } =
        Create("SIZE", "Resident memory at which a worker is replaced, 0 for any [0]", "--max-worker-rss");

    internal Option<string[]> Pid { get; } =
        Create("FILE", "File that the process id is written to", "--pid", "-p");

    internal Option<string[]> ControlSocket { get; } =
        Create("PATH", "Where seriema reload and seriema status find the server [the file of --pid, ending in .ctl]",
        "--control-socket");

    internal Option<string[]> User { get; } =
        Create("USER", "User to become once the addresses are bound, by name or number", "--user", "-u");

    internal Option<string[]> Group { get; } =
        Create("GROUP", "Group to become once the addresses are bound [the user's own]", "--group", "-g");

    internal Option<string[]> Umask { get; } =
        Create("OCTAL", "Permissions that new files do not get, such as 027", "--umask", "-m");

    internal Option<string[]> SocketMode { get; } =
        Create("OCTAL", "Permissions of unix sockets, such as 660 [by the umask]", "--socket-mode");

    internal Option<string[]> ErrorLog { get; } =
        Create("FILE", "File for the log and everything else on standard error [-]", "--error-logfile", "--log-file");

    internal Option<string[]> WorkerTmpDir { get; } =
        Create("FOLDER", "Accepted: there is no heartbeat file to put there", "--worker-tmp-dir");

    /// <exception cref="SettingsException">A value is not what its option takes.</exception>
    internal ProcessSettings Read(ParseResult parsed, Func<string, string?> environment)
    {
        string? pid = Folders.FullPath(Pid.Name, parsed.Last(Pid));
        return new ProcessSettings
        {
            Workers = WorkerCount(parsed, environment),
            MaxWorkerAge = Positive(MaxWorkerAge.Name, parsed.Seconds(MaxWorkerAge, TimeSpan.Zero)),
            MaxWorkerRss = parsed.LongSize(MaxWorkerRss, 0),
            PidFile = pid,
            ControlSocket = Folders.FullPath(ControlSocket.Name, parsed.Last(ControlSocket)) ?? DefaultControlSocket(pid),
            User = Named(User.Name, parsed.Last(User)),
            Group = Named(Group.Name, parsed.Last(Group)),
            Umask = parsed.Octal(Umask),
            SocketMode = parsed.Octal(SocketMode),
            ErrorLog = parsed.Last(ErrorLog) is string log and not "-" ? Folders.FullPath(ErrorLog.Name, log) : null,
        };
    }

    /// <summary>Where the control socket of a server with this pid file is, unless it was told another place.</summary>
    internal static string? DefaultControlSocket(string? pidFile) => Path.ChangeExtension(pidFile, ".ctl");

    private int WorkerCount(ParseResult parsed, Func<string, string?> environment)
    {
        (string name, string? text) = parsed.Last(Workers) is string given
            ? (Workers.Name, given) : ("$" + Concurrency, environment(Concurrency));
        if (text is null || (text.Length == 0 && name != Workers.Name)) return 1;
        if (text == "auto") return Environment.ProcessorCount;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxWorkers)
        {
            throw Values.Refuse(name, text, $"not a number of worker processes from 1 to {MaxWorkers}, nor auto");
        }
        return count;
    }

    private static string? Named(string option, string? text) =>
        text?.Length == 0 ? throw Values.Refuse(option, text, "the name is empty") : text;

    private static TimeSpan Positive(string option, TimeSpan time) => time >= TimeSpan.Zero
        ? time
        : throw Values.Refuse(option, time.TotalSeconds.ToString(CultureInfo.InvariantCulture), "must not be negative");
}
