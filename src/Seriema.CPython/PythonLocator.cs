namespace Seriema.CPython;

/// <summary>Finds the Python to run: which interpreter, and where its shared library is. Any thread.</summary>
internal static class PythonLocator
{
    private const int ENOENT = 2, ENOEXEC = 8, EACCES = 13;

    private static readonly Version s_oldest = new(3, 9);

    /// <summary>The installation behind <paramref name="python"/>, or behind the usual places when it is
    /// null.</summary>
    /// <param name="python">An interpreter, its name on PATH, or the folder of a virtual environment.</param>
    /// <param name="folder">Where <c>.venv</c> and <c>venv</c> are looked for; the current folder when null.</param>
    /// <param name="environment">How to read an environment variable; the process's own when null.</param>
    /// <exception cref="PythonNotFoundException">None is there, or it cannot be used; one line says why.</exception>
    internal static PythonInstallation Find(
        string? python, string? folder = null, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        return Inspect(Choose(python, folder ?? Environment.CurrentDirectory, environment));
    }

    /// <summary>The first of: what was asked for, <c>$VIRTUAL_ENV</c>, <c>.venv</c>, <c>venv</c>, <c>python3</c> on
    /// PATH.</summary>
    private static string Choose(string? python, string folder, Func<string, string?> environment)
    {
        string path = environment("PATH") ?? "";
        if (!string.IsNullOrEmpty(python))
        {
            if (Directory.Exists(python)) return InEnvironment(python) ?? throw NotFound($"no bin/python3 in {python}");
            if (python.Contains('/', StringComparison.Ordinal)) return Path.GetFullPath(python);
            return OnPath(python, path) ?? throw NotFound($"no {python} on PATH");
        }
        string? active = environment("VIRTUAL_ENV");
        if (!string.IsNullOrEmpty(active))
        {
            return InEnvironment(active) ?? throw NotFound($"no bin/python3 in {active} (from VIRTUAL_ENV)");
        }
        return InEnvironment(Path.Combine(folder, ".venv"))
            ?? InEnvironment(Path.Combine(folder, "venv"))
            ?? OnPath("python3", path)
            ?? throw NotFound("no python3 on PATH; install Python 3.9 or later, or name one with --python");
    }

    private static string? InEnvironment(string folder)
    {
        // Not resolved further: the link inside the environment is what makes Python read its pyvenv.cfg.
        string python3 = Path.GetFullPath(Path.Combine(folder, "bin", "python3"));
        if (File.Exists(python3)) return python3;
        string python = Path.GetFullPath(Path.Combine(folder, "bin", "python"));
        return File.Exists(python) ? python : null;
    }

    private static string? OnPath(string name, string path)
    {
        foreach (string folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.GetFullPath(Path.Combine(folder, name));
            if (File.Exists(candidate) && IsExecutable(candidate)) return candidate;
        }
        return null;
    }

    private static bool IsExecutable(string file)
    {
        LibPython.EnsureResolver();
        return HostLibc.access(file, HostLibc.X_OK) == 0;
    }

    private static PythonInstallation Inspect(string executable)
    {
        LibPython.EnsureResolver();
        PythonProbe probe = PythonProbe.Run(executable);
        if (!probe.Answered) throw NotFound(WhyNoAnswer(executable, probe));

        if (!Version.TryParse(probe["version"], out Version? version)) throw NotFound($"{executable} gives no version");
        string text = probe["text"].Length > 0 ? probe["text"] : probe["version"];
        if (probe["implementation"] != "cpython")
        {
            throw NotFound($"{executable} is {probe["implementation"]} {text}: CPython is needed");
        }
        if (version < s_oldest) throw NotFound($"{executable} is Python {text}: Python {s_oldest} or later is needed");
        if (probe["abiflags"].Contains('t', StringComparison.Ordinal) || probe["Py_GIL_DISABLED"] == "1")
        {
            throw NotFound($"{executable} is a free-threaded build of Python {text}, which is not supported yet");
        }
        string own = probe["executable"].Length > 0 ? probe["executable"] : executable;
        string library = SharedLibrary.Find(probe, version)
            ?? throw NotFound(SharedLibrary.Advice(own, probe["base"], version, text));
        return new PythonInstallation(own, library, version, text);
    }

    private static string WhyNoAnswer(string executable, PythonProbe probe) => probe.Error switch
    {
        // A program that is no Python answers with whatever it likes; only a short line is worth showing.
        0 when probe.Noise.Length is > 0 and <= 200 => $"{executable} does not run as a Python interpreter: {probe.Noise}",
        0 => $"{executable} does not run as a Python interpreter (exit code {probe.ExitCode})",
        ENOENT => $"there is no {executable}",
        EACCES or ENOEXEC => $"{executable} is not executable",
        int error => $"{executable} cannot be started (errno {error})",
    };

    private static PythonNotFoundException NotFound(string message) => new(message);
}
