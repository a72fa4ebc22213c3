using System.Globalization;
using Seriema.Arbiter;
using Seriema.CPython;

namespace Seriema.Cli;

/// <summary>The first arguments of a worker process, before the arbiter's own: what it inherited, and its Python.</summary>
/// <remarks>
/// <c>--seriema-worker "control=5 board=6 slot=3 workers=2 listen=7,8 file=4" EXECUTABLE LIBRARY VERSION TEXT LOG</c>, where
/// <c>file</c> counts the following words that come from the configuration file, and LOG is empty for standard error; with
/// a limit on how often clients may ask, <c>rates=9</c> follows.
/// The Python was found once by the arbiter, so that a worker needs not start an interpreter to ask.
/// </remarks>
internal sealed record WorkerWords
{
    internal const string Role = "--seriema-worker";

    private const int Count = 7;

    internal required WorkerSpec Spec { get; init; }

    internal required PythonInstallation Python { get; init; }

    /// <summary>The memory in which workers count how often clients ask; null when there is no limit.</summary>
    internal int? Rates { get; init; }

    /// <summary>Where standard error goes, for when it is opened anew; null when it is no file of ours.</summary>
    internal string? Log { get; init; }

    /// <summary>The configuration file's arguments, then the user's own.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>How many of <see cref="Arguments"/> come from the configuration file.</summary>
    internal int FromFile { get; init; }

    internal IReadOnlyList<string> Typed => [.. Arguments.Skip(FromFile)];

    internal IReadOnlyList<string> ToArguments() =>
    [
        Role,
        string.Create(
            CultureInfo.InvariantCulture,
            $"control={Spec.Control} board={Spec.Board} slot={Spec.Slot} workers={Spec.Workers} listen={Numbers(Spec.Listeners)} file={FromFile}{(Rates is int rates ? $" rates={rates}" : "")}"),
        Python.Executable, Python.Library, Python.Version.ToString(), Python.VersionText, Log ?? "",
        .. Arguments,
    ];

    /// <exception cref="UsageException">These are not a worker's words: somebody typed them.</exception>
    internal static WorkerWords Read(IReadOnlyList<string> args)
    {
        try
        {
            Dictionary<string, string> spec = args[1].Split(' ').Select(word => word.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]);
            return new WorkerWords
            {
                Spec = new WorkerSpec(
                    Number(spec["control"]), Number(spec["board"]), Number(spec["slot"]), Number(spec["workers"]),
                    [.. spec["listen"].Split(',').Select(Number)]),
                FromFile = Number(spec["file"]),
                Rates = spec.TryGetValue("rates", out string? rates) ? Number(rates) : null,
                Python = new PythonInstallation(args[2], args[3], Version.Parse(args[4]), args[5]),
                Log = args[6].Length > 0 ? args[6] : null,
                Arguments = [.. args.Skip(Count)],
            };
        }
        catch (Exception e) when (
            e is ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or KeyNotFoundException)
        {
            throw new UsageException(Role + " is how the server starts its own workers; it is not for the command line");
        }
    }

    private static string Numbers(IEnumerable<int> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
