namespace Seriema.Process.Tests.Arbiter;

/// <summary>The name of a file that is not there yet: an application waits for it. Owns the file and its folder.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seriema").FullName;

    internal string Path => System.IO.Path.Combine(_folder, "file");

    internal void Create() => File.WriteAllText(Path, "");

    /// <summary>The name of another file in the same folder.</summary>
    internal string Beside(string name) => System.IO.Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
