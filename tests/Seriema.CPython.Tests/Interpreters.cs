using System.Text.RegularExpressions;

namespace Seriema.CPython.Tests;

/// <summary>Every Python of this machine that the host can load: pyenv's, the system's, and the default one.</summary>
internal static partial class Interpreters
{
    private static readonly Version s_oldest = new(3, 9);

    internal static IReadOnlyList<PythonInstallation> All { get; } = Usable();

    internal static PythonInstallation Default => All[0];

    private static List<PythonInstallation> Usable()
    {
        List<PythonInstallation> usable = [];
        foreach (string candidate in Candidates())
        {
            try
            {
                PythonInstallation found = PythonLocator.Find(candidate);
                if (!usable.Exists(other => other.Library == found.Library)) usable.Add(found);
            }
            catch (PythonNotFoundException)
            {
                // Without a shared library it cannot be loaded: no case for the matrix.
            }
        }
        if (usable.Count == 0) throw new InvalidOperationException("no Python with a shared library on this machine");
        return usable;
    }

    private static IEnumerable<string> Candidates()
    {
        yield return "python3"; // the default: the one on PATH
        string root = Environment.GetEnvironmentVariable("PYENV_ROOT")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv");
        string versions = Path.Combine(root, "versions");
        IEnumerable<string> folders = Directory.Exists(versions) ? Directory.GetDirectories(versions).Order() : [];
        foreach (string folder in folders)
        {
            bool named = Version.TryParse(Path.GetFileName(folder), out Version? version);
            if (named && version >= s_oldest) yield return Path.Combine(folder, "bin", "python3");
        }
        foreach (string file in Directory.GetFiles("/usr/bin", "python3.*").Order())
        {
            if (SystemName().IsMatch(Path.GetFileName(file))) yield return file;
        }
    }

    [GeneratedRegex(@"^python3\.(9|[1-9]\d)$")]
    private static partial Regex SystemName();
}
