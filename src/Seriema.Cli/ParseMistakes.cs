using System.CommandLine;
using System.CommandLine.Parsing;

namespace Seriema.Cli;

/// <summary>
/// Mistakes in the shape of the command line, worded so that the reader knows which word to change.
/// </summary>
internal static class ParseMistakes
{
    /// <param name="application">The one argument that is no option; null when none is taken.</param>
    /// <exception cref="UsageException">The first mistake found.</exception>
    internal static void Check(IReadOnlyList<string> args, ParseResult parsed, Argument<string?>? application)
    {
        // "--threads= app:app", an unset variable in a script: the parser would take the next word as the value.
        string? empty = args.TakeWhile(word => word != "--")
            .FirstOrDefault(word => word.EndsWith('=') && IsOption(word[..^1], parsed));
        if (empty is not null) throw new UsageException($"{empty[..^1]} needs a value");
        // The parser takes a word it does not know as the application, if there is none yet.
        IReadOnlyList<Token> taken = application is null ? [] : parsed.GetResult(application)?.Tokens ?? [];
        bool isAfterDashes = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash);
        foreach (string word in taken.Select(token => token.Value).Concat(parsed.UnmatchedTokens))
        {
            if (word.StartsWith('-') && !isAfterDashes) throw Unknown(word, parsed);
        }
        foreach (OptionResult option in parsed.Errors.Select(error => error.SymbolResult).OfType<OptionResult>())
        {
            throw new UsageException($"{option.IdentifierToken?.Value ?? option.Option.Name} needs a value");
        }
        foreach (OptionResult option in parsed.RootCommandResult.Children.OfType<OptionResult>())
        {
            // "--chdir --threads 4": the parser takes the next option as the value of this one.
            if (option.Tokens.Any(token => IsOption(token.Value, parsed)))
            {
                throw new UsageException($"{option.IdentifierToken?.Value ?? option.Option.Name} needs a value");
            }
        }
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string first = taken.Count > 0
                ? $": the application '{taken[0].Value}' was given before it"
                : "";
            throw new UsageException($"unexpected argument '{parsed.UnmatchedTokens[0]}'{first}");
        }
        foreach (ParseError error in parsed.Errors)
        {
            throw new UsageException(error.Message);
        }
    }

    private static bool IsOption(string word, ParseResult parsed) => word.StartsWith('-')
        && parsed.RootCommandResult.Command.Options.Any(option => option.Name == word || option.Aliases.Contains(word));

    private static UsageException Unknown(string word, ParseResult parsed)
    {
        string name = word.Split('=')[0];
        if (GunicornOptions.IsAbsent(name))
        {
            return new UsageException($"gunicorn's option '{name}' is not supported yet");
        }
        string[] near =
        [
            .. parsed.RootCommandResult.Command.Options
                .Select(option => option.Name)
                .Where(known => name.Length > 2 && known.StartsWith(name, StringComparison.Ordinal)),
        ];
        string hint = near.Length > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
        return new UsageException($"unknown option '{name}'{hint}");
    }
}
