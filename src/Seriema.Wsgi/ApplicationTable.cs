using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>The applications of a gateway, numbered, and the way to each. Owns their references.</summary>
/// <remarks>Made with the GIL held, on Python's main thread; read by any thread.</remarks>
internal sealed class ApplicationTable
{
    private readonly List<PyRef> _applications = [];

    private ApplicationTable()
    {
    }

    /// <summary>Null when the first application answers everything.</summary>
    internal Routes? Routes { get; private set; }

    /// <summary>The GIL is held.</summary>
    internal PyBorrowed this[Route route] => _applications[route.Application];

    /// <summary>One application for every path.</summary>
    internal static ApplicationTable Of(PyBorrowed application)
    {
        var table = new ApplicationTable();
        table.Add(application);
        return table;
    }

    /// <summary>Imports all that the options name; nothing is left for the first request but the pages.</summary>
    /// <exception cref="AppLoadException">One cannot be loaded; its message names which and the cause in one line.</exception>
    internal static ApplicationTable Load(GatewayOptions options)
    {
        // What is wrong with the options is said before anything is imported.
        List<byte[]> mounts = Prefixes(options.Mounts, mount => mount.Prefix, "mount");
        List<byte[]> scripts = Prefixes(options.Scripts, folder => folder.Prefix, "scripts");
        CheckSuffix(options);
        var table = new ApplicationTable();
        using var loader = new AppLoader(options.Folder, options.PythonPath);
        try
        {
            int? main = options.Application is null ? null : table.Add(loader.Load(options.Application));
            List<(byte[], int)> mounted = [.. options.Mounts.Zip(mounts)
                .Select(pair => (pair.Second, table.Add(loader.Load(pair.First.Application, pair.First))))];
            List<(ScriptFolder, int)> pages = [.. options.Scripts.Zip(scripts)
                .Select(pair => table.AddFolder(pair.First, pair.Second, options.ScriptSuffix))];
            bool isPlain = main is not null && mounted.Count == 0 && pages.Count == 0;
            if (!isPlain) table.Routes = new Routes(pages, mounted, main);
            return table;
        }
        catch
        {
            table.Clear();
            throw;
        }
    }

    /// <summary>Gives the references back; the GIL is held.</summary>
    internal void Clear()
    {
        foreach (PyRef application in _applications) application.Clear();
        _applications.Clear();
    }

    private (ScriptFolder, int) AddFolder(ScriptMount mount, byte[] prefix, string suffix)
    {
        string folder = Path.GetFullPath(mount.Folder); // after the loader went to its own folder
        if (!Directory.Exists(folder))
        {
            throw new AppLoadException(
                AppLoadError.FolderUnusable, $"scripts {mount.Prefix}: there is no folder {folder}", "", mount);
        }
        return (new ScriptFolder(prefix, folder, suffix), Add(ScriptPages.New(prefix, folder, suffix)));
    }

    private int Add(PyOwned application)
    {
        using (application) return Add(application.Borrow());
    }

    private int Add(PyBorrowed application)
    {
        PyRef reference = default;
        reference.Set(application.ToStolen());
        _applications.Add(reference);
        return _applications.Count - 1;
    }

    private static List<byte[]> Prefixes<T>(IReadOnlyList<T> entries, Func<T, string> textOf, string option)
        where T : notnull
    {
        List<byte[]> prefixes = [];
        foreach (T entry in entries)
        {
            string? mistake = UrlPrefix.Parse(textOf(entry), out byte[] prefix);
            if (mistake is null && prefixes.Exists(before => before.AsSpan().SequenceEqual(prefix)))
            {
                mistake = "it is given twice";
            }
            if (mistake is not null)
            {
                throw new AppLoadException(
                    AppLoadError.BadPrefix, $"{option} '{textOf(entry)}': {mistake}", "", entry);
            }
            prefixes.Add(prefix);
        }
        return prefixes;
    }

    // It ends one segment of a decoded path, so it is no place for a slash, and what needs encoding invites mistakes.
    private static void CheckSuffix(GatewayOptions options)
    {
        if (options.ScriptSuffix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')) return;
        throw new AppLoadException(
            AppLoadError.BadSuffix, $"script suffix '{options.ScriptSuffix}': only letters, digits, '.', '-' and '_' may be in it", "");
    }
}
