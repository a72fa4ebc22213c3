namespace Seriema.Arbiter.Tests;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("seriema-").FullName;

    internal string this[string name] => Path.Combine(_path, name);

    internal string[] Names => [.. Directory.EnumerateFileSystemEntries(_path).Select(path => Path.GetFileName(path)!).Order()];

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
