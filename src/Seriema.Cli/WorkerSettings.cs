using System.Globalization;

namespace Seriema.Cli;

/// <summary>
/// What gunicorn's <c>--workers</c> and <c>--worker-class</c> may ask of a server of one process with threads.
/// </summary>
/// <param name="IsSync">One request at a time was asked for, as gunicorn's sync workers do.</param>
internal readonly record struct WorkerSettings(bool IsSync)
{
    /// <exception cref="SettingsException">More was asked for than this server does.</exception>
    internal static WorkerSettings Of(string? workers, string? workerClass)
    {
        if (workers is not null)
        {
            if (!int.TryParse(workers, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count == 0)
            {
                throw Values.Refuse("--workers", workers, "not a number of worker processes");
            }
            if (count > 1)
            {
                throw Values.Refuse("--workers", workers, "there is only one worker process so far; see --threads");
            }
        }
        return workerClass switch
        {
            null or "gthread" => new WorkerSettings(IsSync: false),
            "sync" => new WorkerSettings(IsSync: true),
            _ => throw Values.Refuse("--worker-class", workerClass, "only sync and gthread are supported"),
        };
    }
}
