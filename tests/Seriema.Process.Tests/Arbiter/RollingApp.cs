namespace Seriema.Process.Tests.Arbiter;

/// <summary>
/// An application whose code changes: the module <c>rolling</c> in a folder of its own, which answers <c>PID VERSION</c>.
/// Owns the folder.
/// </summary>
internal sealed class RollingApp : IDisposable
{
    private const string Application = """
        import os

        def application(environ, start_response):
            body = b"%d %s" % (os.getpid(), VERSION.encode())
            status = "200 OK"
            if environ["PATH_INFO"] == "/health" and VERSION == "sick":
                status = "500 Sick"
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
            return [body]

        """;

    internal RollingApp(string version)
    {
        Folder = Directory.CreateTempSubdirectory("seriema-rolling").FullName;
        // A server that has changed its user must be able to read it.
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Write(version);
    }

    internal string Folder { get; }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The next code.</summary>
    /// <param name="before">What the module does first when it is imported.</param>
    internal void Write(string version, string before = "") => Replace("rolling.py", $"{before}\nVERSION = '{version}'\n{Application}");

    /// <summary>A whole file at once, as a deployment should: nobody reads half of it.</summary>
    internal void Replace(string name, string text)
    {
        string whole = PathOf(name + ".new");
        File.WriteAllText(whole, text);
        File.Move(whole, PathOf(name), overwrite: true);
    }

    internal ServerProcess Start(params string[] options) =>
        ServerProcess.StartWith(TestPython.Default, "rolling:application", options, folder: Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
