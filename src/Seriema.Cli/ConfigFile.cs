using System.CommandLine;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Seriema.Cli;

/// <summary>
/// The file of <c>--config</c>: lines of <c>name = value</c> that become arguments in front of the user's own.
/// </summary>
internal static class ConfigFile
{
    private const string Option = "--config";
    private const string ApplicationName = "application";

    /// <summary>The user's arguments with those of the configuration file, if one is named, in front of them.</summary>
    /// <remarks>An option that the user gave replaces all lines of that name, also of one that collects its values.</remarks>
    /// <exception cref="UnavailableException">The file cannot be read.</exception>
    /// <exception cref="UsageException">A line is wrong; the message names file and line.</exception>
    internal static ParsedLine Expand(IReadOnlyList<string> typed, Func<string, string?> environment)
    {
        ParsedLine line = ParsedLine.Of(typed);
        if (line.ConfigFile is not string path || line.WantsHelp || line.WantsVersion) return line;
        var arguments = new List<string>();
        foreach ((int number, string name, string value) in Read(path))
        {
            try
            {
                if (Argument(name, value, line) is not string argument) continue;
                Check(name == ApplicationName ? [argument] : [argument, "module:application"], environment);
                arguments.Add(argument);
            }
            catch (Exception e) when (e is UsageException or SettingsException or UnavailableException)
            {
                string message = $"{path}:{number}: {e.Message}";
                throw e is UnavailableException ? new UnavailableException(message) : new UsageException(message);
            }
        }
        return ParsedLine.Of([.. arguments, .. typed]);
    }

    /// <summary>The settings of a file in their order, names and values as they stand there.</summary>
    /// <exception cref="UnavailableException">The file cannot be read.</exception>
    /// <exception cref="UsageException">A line is no setting.</exception>
    internal static List<(int Number, string Name, string Value)> Read(string path)
    {
        if (path.EndsWith(".py", StringComparison.Ordinal) || path.StartsWith("python:", StringComparison.Ordinal))
        {
            throw new SettingsException(
                Option, path, "gunicorn's configuration in Python is not supported; a file here has lines of name = value");
        }
        var settings = new List<(int, string, string)>();
        int number = 0;
        foreach (string text in Lines(path))
        {
            number++;
            string line = WithoutComment(text).Trim();
            if (line.Length == 0) continue;
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0) throw new UsageException($"{path}:{number}: expected name = value");
            settings.Add((number, line[..sign].TrimEnd(), line[(sign + 1)..].TrimStart()));
        }
        return settings;
    }

    private static string[] Lines(string path)
    {
        if (path.Length == 0) throw Values.Refuse(Option, path, "the file has no name");
        if (Directory.Exists(path)) throw new UnavailableException($"{Option} {path}: a folder, not a file");
        try
        {
            // Strict: text in another encoding would become other values without a word.
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)).Split('\n');
        }
        catch (DecoderFallbackException)
        {
            throw new UnavailableException($"{Option} {path}: not UTF-8");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnavailableException($"{Option} {path}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnavailableException($"{Option} {path}: no permission to read the file");
        }
        catch (IOException)
        {
            throw new UnavailableException($"{Option} {path}: the file cannot be read");
        }
    }

    // A # in the middle of a word is part of it.
    private static string WithoutComment(string line)
    {
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' && (i == 0 || char.IsWhiteSpace(line[i - 1]))) return line[..i];
        }
        return line;
    }

    /// <summary>The setting as an argument; null when the user's own replace it, or it is switched off.</summary>
    private static string? Argument(string name, string value, ParsedLine typed)
    {
        if (value.Length == 0) throw new UsageException($"{name} needs a value");
        if (name == ApplicationName) return typed.Application is null ? value : null;
        string spelling = "--" + name;
        Option? option = typed.Result.RootCommandResult.Command.Options
            .FirstOrDefault(known => known.Name == spelling || (name.Length > 1 && known.Aliases.Contains(spelling)));
        if (option is null)
        {
            throw new UsageException(GunicornOptions.IsAbsent(spelling)
                ? $"gunicorn's setting '{name}' is not supported yet"
                : $"unknown setting '{name}'");
        }
        if (option == typed.Options.Config || option == typed.Options.Help || option == typed.Options.Version)
        {
            throw new UsageException($"'{name}' belongs on the command line, not into a file");
        }
        if (option is not Option<bool>) return typed.Has(option) ? null : $"{spelling}={value}";
        return value switch
        {
            "true" => typed.Has(option) ? null : spelling,
            "false" => null,
            _ => throw new UsageException($"{name} {value}: not true or false"),
        };
    }

    /// <summary>Reads one setting as if it were the whole command line, so that a mistake is found at its line.</summary>
    private static void Check(string[] args, Func<string, string?> environment)
    {
        ParsedLine line = ParsedLine.Of(args);
        if (line.Application is not string application) throw new UsageException("application needs a value");
        _ = line.Level;
        _ = line.ToLaunch(application, [], environment, TextWriter.Null, NullLoggerFactory.Instance, isWhole: false);
    }
}
