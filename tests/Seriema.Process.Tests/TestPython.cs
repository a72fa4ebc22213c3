namespace Seriema.Process.Tests;

/// <summary>The interpreters that the tests run with; <c>./test</c> prepares them.</summary>
internal static class TestPython
{
    /// <summary>One that has Flask, Django and Pyramid.</summary>
    internal static string Default { get; } = FromSetup("python") ?? "python3";

    /// <summary>Every CPython from 3.9 up with the frameworks: version and interpreter.</summary>
    internal static IReadOnlyList<(string Version, string Path)> All { get; } = ReadMatrix();

    private static string? FromSetup(string name)
    {
        string file = Path.Combine(ServerProcess.Repository, ".seriema", name);
        return File.Exists(file) ? File.ReadLines(file).First().Trim() : null;
    }

    private static List<(string Version, string Path)> ReadMatrix()
    {
        string file = Path.Combine(ServerProcess.Repository, ".seriema", "python-matrix");
        if (!File.Exists(file)) return [("default", Default)];
        return [.. File.ReadAllLines(file)
            .Select(line => line.Split('\t'))
            .Where(cells => cells.Length >= 2)
            .Select(cells => (cells[0], cells[1]))];
    }
}
