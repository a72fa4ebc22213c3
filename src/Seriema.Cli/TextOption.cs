using System.CommandLine;
using System.Globalization;

namespace Seriema.Cli;

/// <summary>
/// Makes and reads the options that take text. Every one may be repeated and the last one wins, as with gunicorn: a
/// Procfile may append to what another one wrote.
/// </summary>
internal static class TextOption
{
    internal static Option<string[]> Create(string helpName, string description, string name, params string[] aliases) =>
        new(name, aliases)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    internal static Option<bool> Flag(string description, string name, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        Arity = ArgumentArity.Zero,
    };

    /// <summary>A description that ends with the default value.</summary>
    internal static string Default(string description, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{description} [{value}]");

    internal static string Default(string description, TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{description} [{value.TotalSeconds}]");

    /// <summary>The last value given; null when there is none.</summary>
    internal static string? Last(this ParseResult parsed, Option<string[]> option) =>
        parsed.GetValue(option) is { Length: > 0 } all ? all[^1] : null;

    internal static int Count(this ParseResult parsed, Option<string[]> option, int otherwise) =>
        parsed.Last(option) is string text ? Values.Count(option.Name, text) : otherwise;

    internal static int Size(this ParseResult parsed, Option<string[]> option, int otherwise) =>
        parsed.Last(option) is string text ? (int)Values.Size(option.Name, text, int.MaxValue) : otherwise;

    internal static long LongSize(this ParseResult parsed, Option<string[]> option, long otherwise) =>
        parsed.Last(option) is string text ? Values.Size(option.Name, text, long.MaxValue) : otherwise;

    internal static TimeSpan Seconds(this ParseResult parsed, Option<string[]> option, TimeSpan otherwise) =>
        parsed.Last(option) is string text ? Values.Seconds(option.Name, text) : otherwise;

    internal static int? Octal(this ParseResult parsed, Option<string[]> option) =>
        parsed.Last(option) is string text ? Values.Octal(option.Name, text) : null;
}
