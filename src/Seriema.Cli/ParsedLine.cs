using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging;
using Seriema.Worker;

namespace Seriema.Cli;

/// <summary>Arguments that have the right shape; their values are not looked at yet.</summary>
internal sealed class ParsedLine
{
    private readonly IReadOnlyList<string> _args;

    private ParsedLine(IReadOnlyList<string> args, ParseResult result, CommandLineOptions options)
    {
        _args = args;
        Result = result;
        Options = options;
    }

    internal ParseResult Result { get; }

    internal CommandLineOptions Options { get; }

    internal bool WantsHelp => Result.GetValue(Options.Help);

    internal bool WantsVersion => Result.GetValue(Options.Version);

    /// <summary>The file of <c>--config</c>; null when none is named.</summary>
    internal string? ConfigFile => Result.Last(Options.Config);

    /// <summary>Null when there is none, or an empty one.</summary>
    internal string? Application => Result.GetValue(Options.Application) is { Length: > 0 } name ? name : null;

    /// <summary>Whether there is something to serve: an application, or a site without one.</summary>
    internal bool ServesAnything => Application is not null || Options.Serving.Site.IsGiven(Result);

    internal LogLevel Level => Result.Last(Options.LogLevel) is string text
        ? Values.Level(Options.LogLevel.Name, text) : LogLevel.Information;

    /// <exception cref="UsageException">The arguments have the wrong shape.</exception>
    internal static ParsedLine Of(IReadOnlyList<string> args)
    {
        var options = new CommandLineOptions();
        // No response files: an argument that begins with @ must not read a file.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult result = options.ToCommand().Parse(args, configuration);
        var line = new ParsedLine(args, result, options);
        // Who asks for help has not to get the rest right.
        if (!line.WantsHelp && !line.WantsVersion) ParseMistakes.Check(args, result, options.Application);
        return line;
    }

    /// <summary>Whether an option was given, in any of its spellings.</summary>
    internal bool Has(Option option) => Result.GetResult(option) is OptionResult { Implicit: false };

    /// <summary>The values, all of them checked.</summary>
    /// <param name="typed">What the user typed: without what came from the configuration file.</param>
    /// <param name="isWhole">False for one line of a configuration file alone.</param>
    /// <exception cref="SettingsException">A value cannot be used.</exception>
    /// <exception cref="UnavailableException">A folder cannot be used.</exception>
    internal Launch ToLaunch(
        string? application, IReadOnlyList<string> typed, Func<string, string?> environment, TextWriter error,
        ILoggerFactory loggerFactory, bool isWhole = true)
    {
        WsgiServerOptions server = Options.Serving.Read(Result, application, typed, environment, error, loggerFactory);
        OptionsCheck.Check(server, isWhole);
        foreach (string address in server.Bind) _ = BindAddress.Parse(address);
        return new Launch(server, Options.Processes.Read(Result, environment), _args, typed);
    }
}
