namespace Seriema.Cli.Tests;

public sealed class SiteOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_mounts_and_rules_collect_and_need_no_application()
    {
        string one = Folder("one"), two = Folder("two"), pages = Folder("pages");
        WsgiServerOptions options = Invocation.Of(
            "--static", $"/={one}", $"--static=/s/={two}", "--scripts", $"/run={pages}", "--script-suffix", "", "--mount", "/f=flask:app",
            "--mount", "/g=m:make(a='b')", "--cache-control", "*.css=max-age=60", "--cache-control", "/s/*=", "--not-found", "/404.html",
            "--listing", "--static-last", "--development", "--static-open-files", "7", "--static-files", "8", "--static-memory", "1m",
            "--static-file-memory", "4k").Options;
        Assert.Null(options.Application);
        Assert.Equal([new UrlFolder("/", one), new UrlFolder("/s/", two)], options.Static);
        Assert.Equal([new UrlFolder("/run", pages)], options.Scripts);
        Assert.Equal([new UrlApplication("/f", "flask:app"), new UrlApplication("/g", "m:make(a='b')")], options.Mounts);
        Assert.Equal([new CacheControlRule("*.css", "max-age=60"), new CacheControlRule("/s/*", "")], options.CacheControl);
        Assert.Equal(("", "/404.html", true, true, true), (options.ScriptSuffix, options.NotFoundPage, options.Listing, options.StaticLast, options.Development));
        Assert.Equal((7, 8, 1L << 20, 4096), (options.StaticOpenFiles, options.StaticFiles, options.StaticMemory, options.StaticFileMemory));
    }

    [Fact]
    public void Without_any_of_them_there_is_no_site()
    {
        WsgiServerOptions options = Invocation.Of("app:app").Options;
        Assert.Empty(options.Static);
        Assert.Empty(options.Scripts);
        Assert.Empty(options.Mounts);
        Assert.Equal((".py", null, false), (options.ScriptSuffix, options.NotFoundPage, options.StaticLast));
    }

    [Fact]
    public void A_site_is_its_pages_and_its_scripts()
    {
        string site = Folder("site"), pages = Folder("site/html"), scripts = Folder("site/dynamic");
        WsgiServerOptions options = Invocation.Of("--site", site).Options;
        Assert.Equal([new UrlFolder("/", pages)], options.Static);
        Assert.Equal([new UrlFolder("/", scripts)], options.Scripts);
        Assert.Null(options.Application);
    }

    [Fact]
    public void A_site_may_be_the_pages_themselves()
    {
        string site = Folder("site");
        WsgiServerOptions options = Invocation.Of("--site", site, "app:app").Options;
        Assert.Equal([new UrlFolder("/", site)], options.Static);
        Assert.Empty(options.Scripts);
        Assert.Equal("app:app", options.Application);
    }

    [Fact]
    public void A_configuration_file_may_hold_a_whole_site()
    {
        string one = Folder("one");
        string file = _folder.File("conf", $"static = /a={one}\nstatic = /b={one}\nmount = /f=flask:app\nlisting = true\ncache-control = *.css=no-cache\n");
        WsgiServerOptions options = Invocation.Of("-c", file).Options;
        Assert.Equal([new UrlFolder("/a", one), new UrlFolder("/b", one)], options.Static);
        Assert.Equal([new UrlApplication("/f", "flask:app")], options.Mounts);
        Assert.True(options.Listing);
        Assert.Null(options.Application);
    }

    [Theory]
    [InlineData("--static /tmp", "--static /tmp: not URL=DIR")]
    [InlineData("--static /=/no/such", "--static /no/such: no such folder")]
    [InlineData("--static /=", "--static '': the folder has no name")]
    [InlineData("--static /=/etc/passwd", "--static /etc/passwd: not a folder")]
    [InlineData("--site /no/such", "--site /no/such: no such folder")]
    [InlineData("--static x=/", "--static x=/: the path must begin with /")]
    [InlineData("--static /a%20b=/", "--static /a%20b=/: the path must stand there as it is meant, without %, ?, # and \\")]
    [InlineData("--static /a/../b=/", "--static /a/../b=/: no part of the path may be empty or begin with a dot")]
    [InlineData("--static //=/", "--static //=/: no part of the path may be empty or begin with a dot")]
    [InlineData("--mount /a//=flask:app", "--mount /a//=flask:app: no part of the path may be empty or begin with a dot")]
    [InlineData("--static /a=/ --static /a/=/tmp", "--static /a/=/tmp: the path is given twice")]
    [InlineData("--scripts /=/tmp --static /=/tmp", "--scripts /=/tmp: --static / would show the scripts themselves; they need a folder of their own")]
    [InlineData("--mount /f=", "--mount /f=: nothing stands after the =")]
    [InlineData("--mount flask:app", "--mount flask:app: not URL=MODULE:CALLABLE")]
    [InlineData("--static /=/ --cache-control *.css", "--cache-control *.css: not PATTERN=VALUE")]
    [InlineData("--static /=/ --cache-control =no-store", "--cache-control =no-store: the pattern is empty")]
    [InlineData("--static /=/ --cache-control *=a\tb", "--cache-control *=a?b: that cannot be a field's value")]
    [InlineData("--not-found /404.html --mount /x=app", "--not-found /404.html: is below no --static: the page is one of its files")]
    [InlineData("--static /s=/ --not-found /404.html", "--not-found /404.html: is below no --static: the page is one of its files")]
    [InlineData("--mount /x=:app", "--mount /x=:app: ':app' is not MODULE:CALLABLE")]
    [InlineData("--mount /x=app:", "--mount /x=app:: 'app:' is not MODULE:CALLABLE")]
    [InlineData("--static /=/ --not-found 404.html", "--not-found 404.html: must begin with /")]
    [InlineData("--scripts /=/ --script-suffix /x", "--script-suffix /x: only letters, digits, '.', '-' and '_' may be in it")]
    [InlineData("--static /=/ --static-first --static-last", "--static-first and --static-last exclude each other")]
    [InlineData("--static /=/ --static-open-files 0", "--static-open-files 0: must be from 1 to 1048576")]
    public void What_cannot_be_a_site_is_told_in_one_line(string arguments, string line)
    {
        Invocation run = Invocation.Of(arguments.Split(' '));
        Assert.Equal($"seriema: {line}\n", run.Error);
        Assert.True(run.Status is ExitStatus.Usage or ExitStatus.CannotServe, $"status {run.Status}");
    }

    private string Folder(string name) => Directory.CreateDirectory(_folder.At(name)).FullName;
}
