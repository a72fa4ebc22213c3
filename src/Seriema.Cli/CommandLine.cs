using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>
/// Arguments in, exit status out: everything that a server's command line does before there is a server.
/// </summary>
internal static class CommandLine
{
    /// <summary>
    /// Reads <paramref name="args"/> and serves; every mistake ends as one line on <paramref name="error"/>.
    /// </summary>
    /// <param name="serve">Serves until stopped and returns the exit status.</param>
    internal static int Run(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, Func<string, string?> environment,
        Func<Launch, int> serve)
    {
        bool showStack = false;
        try
        {
            ParsedLine line = ConfigFile.Expand(args, environment);
            if (line.WantsHelp)
            {
                HelpText.Write(line.Result.RootCommandResult.Command, HelpText.Usage, output);
                return ExitStatus.Success;
            }
            if (line.WantsVersion)
            {
                output.WriteLine("seriema " + Version);
                return ExitStatus.Success;
            }
            LogLevel level = line.Level;
            showStack = level <= LogLevel.Debug;
            if (!line.ServesAnything)
            {
                error.WriteLine("Provide a WSGI application as MODULE:CALLABLE");
                error.WriteLine(HelpText.Usage);
                error.WriteLine("All options: seriema --help");
                return ExitStatus.Usage;
            }

            using var loggers = new StreamLoggerFactory(error, level, TimeProvider.System);
            Launch launch = line.ToLaunch(line.Application, args, environment, error, loggers);
            GunicornNotes.Log(loggers.CreateLogger("seriema"), line, launch.Server.Threads, environment);
            return serve(launch);
        }
        catch (Exception e)
        {
            return Failures.Report(e, error, showStack);
        }
    }

    /// <summary>Reads the same arguments again, and the configuration file as it is now.</summary>
    /// <exception cref="UsageException">The file has the wrong shape; so have the other exceptions of a first start.</exception>
    internal static Launch Again(Launch launch, Func<string, string?> environment, TextWriter error)
    {
        ParsedLine line = ConfigFile.Expand(launch.Typed, environment);
        _ = line.Level; // a worker reads it
        if (!line.ServesAnything) throw new UsageException("the configuration file names no application any more");
        return line.ToLaunch(line.Application, launch.Typed, environment, error, launch.Server.LoggerFactory);
    }

    private static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(fieldCount: 3);
}
