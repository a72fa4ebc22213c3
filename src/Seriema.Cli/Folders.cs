namespace Seriema.Cli;

/// <summary>Folders and files that the command line names, made absolute before the server changes folder.</summary>
internal static class Folders
{
    /// <summary>A folder that Python can import from; null when <paramref name="path"/> is.</summary>
    /// <exception cref="UnavailableException">It is missing, no folder or unreadable.</exception>
    internal static string? Existing(string option, string? path)
    {
        if (path is null) return null;
        if (path.Length == 0) throw Values.Refuse(option, path, "the folder has no name");
        if (File.Exists(path)) throw new UnavailableException($"{option} {path}: not a folder");
        try
        {
            string full = Path.GetFullPath(path);
            // Reading one entry asks the kernel; the permission bits alone do not say what it will allow.
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(full).GetEnumerator();
            entries.MoveNext();
            return full;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UnavailableException($"{option} {path}: no such folder");
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnavailableException($"{option} {path}: no permission to read the folder");
        }
        catch (IOException)
        {
            throw new UnavailableException($"{option} {path}: the folder cannot be read");
        }
    }

    /// <summary>The path from the root; null when <paramref name="path"/> is.</summary>
    internal static string? FullPath(string option, string? path)
    {
        if (path?.Length == 0) throw Values.Refuse(option, path, "the file has no name");
        return path is null ? null : Path.GetFullPath(path);
    }

    /// <summary>The folders of each comma-separated list; relative ones are below <paramref name="chdir"/>.</summary>
    internal static IReadOnlyList<string> Paths(string option, string[]? lists, string? chdir)
    {
        var paths = new List<string>();
        foreach (string list in lists ?? [])
        {
            foreach (string path in list.Split(','))
            {
                if (path.Length == 0) throw Values.Refuse(option, list, "one of the folders has no name");
                paths.Add(Path.GetFullPath(path, chdir ?? Environment.CurrentDirectory));
            }
        }
        return paths;
    }

    /// <summary>
    /// A path is made absolute; a bare name that is not here stays one, to be found on <c>PATH</c>.
    /// </summary>
    internal static string? Interpreter(string option, string? python)
    {
        if (python is null) return null;
        if (python.Length == 0) throw Values.Refuse(option, python, "the interpreter has no name");
        return python.Contains('/') || Path.Exists(python) ? Path.GetFullPath(python) : python;
    }
}
