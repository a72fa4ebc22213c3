using Seriema.Site;
using Seriema.Wsgi;

namespace Seriema.Worker.Tests.Loop;

/// <summary>A folder of files of a test's own, removed at the end.</summary>
internal sealed class SiteFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("seriema-").FullName;

    internal string Write(string name, string text)
    {
        string path = Path.Combine(_path, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The folder as a site; whoever gets it ends it.</summary>
    /// <param name="isTaken">Whether the application takes what is no file; it does without this.</param>
    /// <param name="goesFirst">What a script page or a mount takes before a file is looked for.</param>
    internal SiteFront Serve(Func<WsgiExchange, bool>? isTaken = null, Func<WsgiExchange, bool>? goesFirst = null) => new(
        new StaticSite(new StaticSiteOptions
        {
            Mounts = [new StaticMountOptions("/", _path)],
            MediaTypes = new Dictionary<string, string> { [".txt"] = "text/plain" },
            NotFoundPage = "/404.txt",
        }),
        goesFirst,
        isTaken ?? (_ => true));

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
