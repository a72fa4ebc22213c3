namespace Seriema.CPython;

/// <summary>Where the shared library of an interpreter is, or how to get one.</summary>
internal static class SharedLibrary
{
    /// <summary>The library's file, or null when this Python has none.</summary>
    internal static string? Find(PythonProbe probe, Version version)
    {
        string mapped = probe["mapped"];
        if (mapped.Length > 0 && IsLibraryOf(mapped, version)) return mapped;
        foreach (string folder in Folders(probe))
        {
            foreach (string name in Names(probe, version))
            {
                string candidate = Path.Combine(folder, name);
                if (File.Exists(candidate)) return candidate;
            }
        }
        return null;
    }

    /// <summary>One line: there is no library, and which package has it.</summary>
    /// <param name="home">The interpreter's <c>sys.base_prefix</c>: behind a virtual environment, what it was made
    /// from.</param>
    /// <param name="osRelease">The text of /etc/os-release; read when null.</param>
    internal static string Advice(string executable, string home, Version version, string text, string? osRelease = null)
    {
        string problem = $"{executable} (Python {text}) has no shared library libpython{version.ToString(2)}.so";
        if (home.Contains("/.pyenv/", StringComparison.Ordinal) || IsBelow(home, "PYENV_ROOT"))
        {
            return $"{problem}: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force {text}";
        }
        string system = home == "/usr" ? osRelease ?? ReadOsRelease() : "";
        if (IsFamily(system, "debian") || IsFamily(system, "ubuntu"))
        {
            return $"{problem}: apt install libpython{version.ToString(2)}";
        }
        if (IsFamily(system, "fedora") || IsFamily(system, "rhel")) return $"{problem}: dnf install python3-libs";
        return $"{problem}: rebuild it with ./configure --enable-shared, or name another with --python";
    }

    private static IEnumerable<string> Folders(PythonProbe probe)
    {
        string multiarch = probe["MULTIARCH"];
        // LIBDIR first; builds that were moved after their installation (conda, standalone) have a stale one.
        string[] folders = [probe["LIBDIR"], $"{probe["base"]}/lib", $"{probe["base"]}/lib64", "/usr/lib64", "/usr/lib"];
        foreach (string folder in folders)
        {
            if (folder.Length == 0) continue;
            if (multiarch.Length > 0) yield return $"{folder}/{multiarch}";
            yield return folder;
        }
    }

    private static IEnumerable<string> Names(PythonProbe probe, Version version)
    {
        string[] names =
        [
            probe["INSTSONAME"], probe["LDLIBRARY"], // libpython3.11.a in a static build
            $"libpython{version.ToString(2)}{probe["abiflags"]}.so.1.0", $"libpython{version.ToString(2)}{probe["abiflags"]}.so",
        ];
        return names.Where(name => name.Contains(".so", StringComparison.Ordinal));
    }

    // Not libpython3.so, which only points to the full one.
    private static bool IsLibraryOf(string file, Version version) =>
        Path.GetFileName(file).StartsWith($"libpython{version.ToString(2)}", StringComparison.Ordinal);

    private static bool IsBelow(string file, string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root
        && file.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static bool IsFamily(string osRelease, string id)
    {
        foreach (string line in osRelease.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || line[..equals] is not ("ID" or "ID_LIKE")) continue;
            if (line[(equals + 1)..].Trim('"', '\r').Split(' ').Contains(id)) return true;
        }
        return false;
    }

    private static string ReadOsRelease()
    {
        try
        {
            return File.ReadAllText("/etc/os-release");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
