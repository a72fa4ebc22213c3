using Seriema.Process.Tests;

namespace Seriema.Browser.Tests;

/// <summary>The demo as <c>./serve</c> starts it, on a free port, from a copy that a test may edit. Owns server and copy.</summary>
internal sealed class Demo : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seriema-demo-");

    private Demo(string[] options)
    {
        try
        {
            Copy(new DirectoryInfo(Path.Combine(ServerProcess.Repository, "examples")), _folder.CreateSubdirectory("examples"));
            Server = ServerProcess.Ready(ServerProcess.Launch(
                ["--python", TestPython.Default, "--config", "examples/demo.conf", "--bind", "127.0.0.1:0", .. options],
                // Django's database is new, too.
                new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = At("cache"), ["DJANGO_SETTINGS_MODULE"] = null },
                _folder.FullName));
        }
        catch
        {
            _folder.Delete(recursive: true);
            throw;
        }
    }

    internal ServerProcess Server { get; }

    internal string Address => $"http://127.0.0.1:{Server.Port}";

    /// <param name="options">More than <c>./serve</c> has.</param>
    internal static Demo Start(params string[] options) => new(options);

    /// <summary>A file of the copy by its path in the repository.</summary>
    internal string At(string path) => Path.Combine(_folder.FullName, path);

    /// <summary>Changes a file as an editor does.</summary>
    internal void Edit(string path, string word, string instead)
    {
        string text = File.ReadAllText(At(path));
        Assert.Contains(word, text, StringComparison.Ordinal);
        File.WriteAllText(At(path), text.Replace(word, instead, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        Server.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (FileInfo file in from.EnumerateFiles()) file.CopyTo(Path.Combine(to.FullName, file.Name));
        foreach (DirectoryInfo folder in from.EnumerateDirectories())
        {
            if (folder.Name is not ("__pycache__" or "bin" or "obj")) Copy(folder, to.CreateSubdirectory(folder.Name));
        }
    }
}
