namespace Seriema.Cli;

/// <summary>What the command line asks of the arbiter. Paths are absolute.</summary>
internal sealed record ProcessSettings
{
    internal int Workers { get; init; } = 1;

    /// <summary>Zero for no limit.</summary>
    internal TimeSpan MaxWorkerAge { get; init; }

    /// <summary>Bytes; 0 for no limit.</summary>
    internal long MaxWorkerRss { get; init; }

    internal string? PidFile { get; init; }

    internal string? ControlSocket { get; init; }

    internal string? User { get; init; }

    internal string? Group { get; init; }

    internal int? Umask { get; init; }

    internal int? SocketMode { get; init; }

    /// <summary>Null is the standard error that the process was started with.</summary>
    internal string? ErrorLog { get; init; }

    /// <summary>The options whose effect is over once the server runs, each with its value as text.</summary>
    /// <remarks>A reload compares them, so that a change that it cannot make is said and not swallowed.</remarks>
    internal IEnumerable<(string Option, string Value)> Fixed(IReadOnlyList<string> bind) =>
    [
        ("--bind", string.Join(", ", bind)),
        ("--pid", PidFile ?? ""),
        ("--control-socket", ControlSocket ?? ""),
        ("--user", User ?? ""),
        ("--group", Group ?? ""),
        ("--umask", Octal(Umask)),
        ("--socket-mode", Octal(SocketMode)),
        ("--error-logfile", ErrorLog ?? "-"),
    ];

    private static string Octal(int? bits) =>
        bits is int value ? Convert.ToString(value, 8).PadLeft(3, '0') : "";
}
