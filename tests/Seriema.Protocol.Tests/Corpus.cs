namespace Seriema.Protocol.Tests;

/// <summary>Finds the files of <c>tests/corpus</c> from wherever the tests were built to.</summary>
internal static class Corpus
{
    private static readonly string s_root = FindRoot();

    /// <summary>The names of the files in one folder of the corpus, in order.</summary>
    internal static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(s_root, folder))
            .Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal);

    internal static string PathOf(string folder, string file) => Path.Combine(s_root, folder, file);

    // The checkout is above the build's output, or else above the current folder when the output lies elsewhere,
    // or above this source file as it was compiled.
    private static string FindRoot([System.Runtime.CompilerServices.CallerFilePath] string source = "")
    {
        string sources = Path.GetDirectoryName(source) ?? ".";
        string[] starts = [AppContext.BaseDirectory, Directory.GetCurrentDirectory(), sources];
        foreach (string start in starts)
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string candidate = Path.Combine(folder.FullName, "tests", "corpus");
                if (Directory.Exists(Path.Combine(candidate, "requests"))) return candidate;
            }
        }
        throw new DirectoryNotFoundException($"No tests/corpus above any of: {string.Join(", ", starts)}.");
    }
}
