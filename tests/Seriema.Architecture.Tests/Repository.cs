using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Seriema.Architecture.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    internal static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "../.."));

    /// <summary>The projects below src/, by name.</summary>
    internal static IReadOnlyDictionary<string, XDocument> Projects { get; } =
        Directory.GetFiles(At("src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), XDocument.Load);

    /// <summary>Paths from the root, with slashes; what a build makes is left out.</summary>
    internal static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(At(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .Order(StringComparer.Ordinal);

    internal static string Read(string path) => File.ReadAllText(At(path));

    internal static string At(string path) => Path.Combine(Root, path);

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
