using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Site.Tests;

/// <summary>A site over a temporary folder, with a clock that stands still.</summary>
public abstract class SiteTest : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seriema-site-");
    private StaticSite? _site;

    private protected StandingClock Clock { get; } = new();

    /// <summary>The folder that is served under "/" unless a test says otherwise.</summary>
    private protected string Root => Directory.CreateDirectory(Path.Combine(_folder.FullName, "root")).FullName;

    /// <summary>A place next to the served folder.</summary>
    private protected string Outside => Directory.CreateDirectory(Path.Combine(_folder.FullName, "outside")).FullName;

    private protected StaticSite Site => _site ??= Open(Options());

    private protected StaticSiteOptions Options() => new()
    {
        Mounts = [new StaticMountOptions("/", Root)],
        MediaTypes = new Dictionary<string, string>
        {
            [".html"] = "text/html",
            [".css"] = "text/css",
            [".js"] = "text/javascript",
            [".json"] = "application/json",
            [".xml"] = "text/xml",
            [".svg"] = "image/svg+xml",
            [".txt"] = "text/plain",
        },
    };

    private protected StaticSite Open(StaticSiteOptions options, Inotify? inotify = null, Func<string, FolderRoot>? open = null)
    {
        Assert.Null(_site);
        return _site = new StaticSite(options, Clock, inotify, open);
    }

    /// <summary>Makes a file, and the folders on the way to it.</summary>
    private protected string Write(string name, string content)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(content));
        return path;
    }

    private protected string WriteLarge(string name, int length = 100_000) => Write(name, Large(length));

    /// <summary>A text in which every place looks different.</summary>
    private protected static string Large(int length = 100_000) =>
        string.Concat(Enumerable.Range(0, (length / 8) + 1).Select(i => $"{i:x7} "))[..length];

    /// <summary>The response; null when the site leaves the request to others.</summary>
    private protected SiteResponse? Ask(string method, string target, params string[] fields)
    {
        TestExchange exchange = Request(method, target, fields);
        if (!Site.TryServe(exchange)) return null;
        Assert.True(exchange.IsCompleted);
        Assert.False(exchange.IsBroken);
        return exchange.Response();
    }

    private protected SiteResponse? Get(string target, params string[] fields) => Ask("GET", target, fields);

    private protected string? BodyOf(string target) => Get(target)?.Body;

    private protected static TestExchange Request(string method, string target, params string[] fields) => new(Text(method, target, fields));

    private protected static string Text(string method, string target, params string[] fields) =>
        $"{method} {target} HTTP/1.1\r\nHost: example.org\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n";

    /// <summary>The kernel has told of a change; what the loop then does.</summary>
    private protected void Changed()
    {
        Assert.Equal(1, Libc.Poll(Site.ChangesDescriptor, Libc.POLLIN, 10_000));
        Site.OnChanges();
    }

    public void Dispose()
    {
        _site?.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected sealed class StandingClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UtcNow.AddSeconds(1); // no file of the test is from the future

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Pass(TimeSpan time) => _now += time;
    }
}
