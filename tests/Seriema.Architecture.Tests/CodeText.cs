using System.Text.RegularExpressions;

namespace Seriema.Architecture.Tests;

/// <summary>C# without what people wrote for people.</summary>
internal static partial class CodeText
{
    /// <summary>Comments and the contents of strings become spaces; lines stay where they are.</summary>
    internal static string Of(string source) =>
        Prose().Replace(source, match => match.Value.StartsWith('"') || match.Value.StartsWith('\'')
            ? "\"" + Blank(match.Value[1..^1]) + "\""
            : Blank(match.Value));

    private static string Blank(string text) => NotLineEnd().Replace(text, " ");

    // Raw strings before ordinary ones, verbatim ones before both; a quote inside a character literal is no string.
    [GeneratedRegex(""""
        //[^\n]* | /\*.*?\*/ | """.*?""" | @"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
        """", RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Prose();

    [GeneratedRegex("[^\n]")]
    private static partial Regex NotLineEnd();
}
