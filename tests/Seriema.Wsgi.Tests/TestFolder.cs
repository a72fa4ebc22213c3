namespace Seriema.Wsgi.Tests;

/// <summary>A temporary folder of files, deleted at the end.</summary>
internal sealed class TestFolder : IDisposable
{
    internal string Name { get; } = Directory.CreateTempSubdirectory("seriema").FullName;

    internal string this[string file] => System.IO.Path.Combine(Name, file);

    /// <summary>Puts a whole file in the place of what is there, as editors and deployments do.</summary>
    internal void Put(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        string written = this[file] + ".new";
        File.WriteAllText(written, text);
        File.Move(written, this[file], overwrite: true);
    }

    public void Dispose() => Directory.Delete(Name, recursive: true);
}
