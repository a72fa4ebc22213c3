namespace Seriema.Cli;

/// <summary>How to start this program once more.</summary>
/// <param name="Path">The file that runs now, all links followed.</param>
/// <param name="Arguments">What comes before the arguments of ours: the dll when <paramref name="Path"/> is <c>dotnet</c>.</param>
internal sealed record OwnProgram(string Path, IReadOnlyList<string> Arguments)
{
    private const string Dll = "seriema.dll";

    /// <summary>What runs now: also what its workers are to be, whatever is installed meanwhile.</summary>
    internal static OwnProgram Current()
    {
        string path = Environment.ProcessPath ?? throw new UnavailableException("the path of this program is not known: is /proc mounted?");
        return System.IO.Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? new OwnProgram(path, [System.IO.Path.Combine(AppContext.BaseDirectory, Dll)])
            : new OwnProgram(path, []);
    }

    /// <summary>What was typed to start it, where that is a path: a link in it may lead to another release by now.</summary>
    internal OwnProgram AsStarted(string? firstWord, string folder)
    {
        if (Arguments.Count > 0 || firstWord is null || !firstWord.Contains('/')) return this;
        string typed = System.IO.Path.GetFullPath(firstWord, folder);
        return File.Exists(typed) ? this with { Path = typed } : this;
    }

    /// <summary>The word that this process was started by; null when the kernel does not tell.</summary>
    internal static string? FirstWord()
    {
        try
        {
            return File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
