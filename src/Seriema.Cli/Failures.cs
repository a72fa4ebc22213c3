using Seriema.Arbiter;
using Seriema.CPython;
using Seriema.Transport;

namespace Seriema.Cli;

/// <summary>The one table from exceptions to exit statuses and the line that explains them.</summary>
internal static class Failures
{
    /// <summary>Explains <paramref name="failure"/> on <paramref name="error"/>; returns the exit status.</summary>
    /// <param name="showStack">Whether an internal error shows where it happened.</param>
    internal static int Report(Exception failure, TextWriter error, bool showStack)
    {
        switch (failure)
        {
            case UsageException or SettingsException:
                Line(error, failure.Message);
                return ExitStatus.Usage;
            case UnavailableException or ListenException or PythonNotFoundException or LinuxException or PidFileException:
                Line(error, failure.Message);
                return ExitStatus.CannotServe;
            case ApplicationLoadException load: return LoadFailed(load, error);
            default:
                Line(error, $"internal error: {failure.GetType().Name}: {failure.Message}");
                break;
        }
        if (showStack) error.WriteLine(failure.ToString());
        return ExitStatus.InternalError;
    }

    private static int LoadFailed(ApplicationLoadException load, TextWriter error)
    {
        // Python's own words come first and unchanged, so that editors and eyes find the file and the line.
        if (load.Traceback is { Length: > 0 } traceback)
        {
            error.Write(traceback.EndsWith('\n') ? traceback : traceback + "\n");
        }
        Line(error, load.Message);
        return load.Kind is ApplicationLoadFailure.ImportFailed or ApplicationLoadFailure.Unhealthy ? ExitStatus.ImportFailed : ExitStatus.NoApplication;
    }

    private static void Line(TextWriter error, string message) =>
        error.WriteLine("seriema: " + message.ReplaceLineEndings(" "));
}
