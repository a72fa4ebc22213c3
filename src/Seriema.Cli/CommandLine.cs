using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Seriema.Cli;

/// <summary>
/// Arguments in, exit status out: everything the program does except touching the process it runs in.
/// </summary>
internal static class CommandLine
{
    /// <summary>
    /// Reads <paramref name="args"/> and serves; every mistake ends as one line on <paramref name="error"/>.
    /// </summary>
    /// <param name="serve">Serves until stopped and returns the exit status.</param>
    internal static int Run(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, Func<string, string?> environment,
        Func<WsgiServerOptions, int> serve)
    {
        bool showStack = false;
        try
        {
            var options = new CommandLineOptions();
            // No response files: an argument that begins with @ must not read a file.
            var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
            ParseResult parsed = options.ToCommand().Parse(args, configuration);
            if (parsed.GetValue(options.Help))
            {
                HelpText.Write(parsed.RootCommandResult.Command, output);
                return ExitStatus.Success;
            }
            if (parsed.GetValue(options.Version))
            {
                output.WriteLine("seriema " + Version);
                return ExitStatus.Success;
            }
            ParseMistakes.Check(args, parsed, options);
            LogLevel level = CommandLineOptions.Last(parsed, options.LogLevel) is string text
                ? Values.Level(options.LogLevel.Name, text) : LogLevel.Information;
            showStack = level <= LogLevel.Debug;
            if (parsed.GetValue(options.Application) is not { Length: > 0 } application)
            {
                error.WriteLine("Provide a WSGI application as MODULE:CALLABLE");
                error.WriteLine(HelpText.Usage);
                error.WriteLine("All options: seriema --help");
                return ExitStatus.Usage;
            }

            using var loggers = new StreamLoggerFactory(error, level, TimeProvider.System);
            WsgiServerOptions server = options.ToServerOptions(parsed, application, args, environment, error, loggers);
            GunicornNotes.Log(loggers.CreateLogger("seriema"), parsed, options, server.Threads, environment);
            return serve(server);
        }
        catch (Exception e)
        {
            return Failures.Report(e, error, showStack);
        }
    }

    private static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(fieldCount: 3);
}
