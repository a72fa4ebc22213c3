using System.CommandLine;

namespace Seriema.Cli;

/// <summary>
/// The text of <c>--help</c>, made from the table of options and no wider than an 80-column terminal.
/// </summary>
internal static class HelpText
{
    internal const string Usage = "Usage: seriema [OPTIONS] MODULE:CALLABLE";

    private const int Indent = 28;
    private const int Width = 79; // terminals of 80 columns break a line that fills the last one

    internal static void Write(Command command, string usage, TextWriter output)
    {
        output.WriteLine(usage);
        output.WriteLine();
        output.WriteLine(command.Description);
        output.WriteLine();
        foreach (Argument argument in command.Arguments)
        {
            WriteEntry(output, argument.Name, argument.Description);
        }
        if (command.Arguments.Count > 0) output.WriteLine();
        output.WriteLine("Options, with their defaults in brackets. Names and meanings are gunicorn's");
        output.WriteLine("where it has them. SIZE is in bytes, or with a suffix k, m or g.");
        output.WriteLine();
        foreach (Option option in command.Options)
        {
            if (!option.Hidden) WriteEntry(output, Spelling(option), option.Description);
        }
    }

    private static string Spelling(Option option)
    {
        // gunicorn's spelling stands for the one that has a dash where gunicorn has an underscore.
        IEnumerable<string> aliases = option.Aliases.Where(alias => alias != option.Name.Replace('_', '-'));
        string names = string.Join(", ", aliases.Append(option.Name));
        return option.HelpName is null ? names : $"{names} {option.HelpName}";
    }

    private static void WriteEntry(TextWriter output, string term, string? description)
    {
        string line = "  " + term;
        // A term that reaches into the second column leaves it to the next line.
        if (line.Length >= Indent - 1)
        {
            output.WriteLine(line);
            line = "";
        }
        foreach (string word in (description ?? "").Split(' '))
        {
            if (line.Length > Indent && line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                line = "";
            }
            line = line.Length < Indent ? line.PadRight(Indent) + word : $"{line} {word}";
        }
        output.WriteLine(line);
    }
}
