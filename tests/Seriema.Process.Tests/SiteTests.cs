using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>Files, script pages and mounts of one server, as a browser meets them.</summary>
public sealed partial class SiteTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seriema-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_are_served_without_an_application()
    {
        Write("html/index.html", "<p>home");
        Write("html/docs/index.html", "<p>docs");
        Write("html/app.3f2a9b7c1d.js", "1");
        Write("html/app.3f2a9b7c1d.js.gz", "zipped");
        Write("html/404.html", "<p>none");
        using ServerProcess server = Site("--not-found", "/404.html", "--cache-control", "*.html=no-cache");
        WireResponse home = server.Get("/");
        Assert.Equal((200, "<p>home", "text/html; charset=utf-8", "no-cache"), (home.Status, home.Body, home.Field("Content-Type"), home.Field("Cache-Control")));
        Assert.Equal(304, server.Get("/", $"If-None-Match: {home.Field("ETag")}").Status);
        Assert.Equal(304, server.Get("/", $"If-Modified-Since: {home.Field("Last-Modified")}").Status);
        Assert.Equal((301, "/docs/"), (server.Get("/docs").Status, server.Get("/docs").Field("Location")));
        Assert.Equal("<p>docs", server.Get("/docs/").Body);
        WireResponse script = server.Get("/app.3f2a9b7c1d.js", "Accept-Encoding: gzip");
        Assert.Equal(("zipped", "gzip", "Accept-Encoding"), (script.Body, script.Field("Content-Encoding"), script.Field("Vary")));
        Assert.Contains("immutable", script.Field("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal("1", server.Get("/app.3f2a9b7c1d.js").Body);
        Assert.Equal("application/gzip", server.Get("/app.3f2a9b7c1d.js.gz").Field("Content-Type"));
        WireResponse none = server.Get("/none");
        Assert.Equal((404, "<p>none", "text/html; charset=utf-8"), (none.Status, none.Body, none.Field("Content-Type")));
    }

    [Fact]
    public void Methods_and_ranges_are_answered_on_one_connection()
    {
        Write("html/a.txt", "0123456789");
        Write("html/large.bin", new string('x', 300_000) + "end");
        using ServerProcess server = Site();
        using WireClient client = server.Connect();
        client.SendRequest("POST", "/a.txt", [], "body");
        WireResponse refused = client.ReadResponse();
        Assert.Equal((405, "GET, HEAD"), (refused.Status, refused.Field("Allow")));
        client.SendRequest("HEAD", "/a.txt", []);
        WireResponse head = client.ReadResponse(isHead: true);
        Assert.Equal((200, "10"), (head.Status, head.Field("Content-Length")));
        client.SendRequest("GET", "/a.txt", ["Range: bytes=2-4"]);
        WireResponse part = client.ReadResponse();
        Assert.Equal((206, "234", "bytes 2-4/10"), (part.Status, part.Body, part.Field("Content-Range")));
        client.SendRequest("GET", "/large.bin", ["Range: bytes=0-1,-3"]);
        WireResponse parts = client.ReadResponse();
        Assert.Equal(206, parts.Status);
        Assert.Contains("\r\n\r\nxx\r\n", parts.Body, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nend\r\n", parts.Body, StringComparison.Ordinal);
        client.SendRequest("GET", "/a.txt", ["Range: bytes=10-"]);
        WireResponse beyond = client.ReadResponse();
        Assert.Equal((416, "bytes */10"), (beyond.Status, beyond.Field("Content-Range")));
        client.SendRequest("GET", "/large.bin", []);
        Assert.Equal(300_003, client.ReadResponse().Body.Length);
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/%2e%2e%2fsecret.txt")]
    [InlineData("/sub/..%2f..%2fsecret.txt")]
    [InlineData("/..%5csecret.txt")]
    [InlineData("/%252e%252e/secret.txt")]
    [InlineData("/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/a.txt%00.html")]
    [InlineData("/.env")]
    [InlineData("/%2eenv")]
    [InlineData("/out")]
    [InlineData("/outside/secret.txt")]
    [InlineData("/pipe")]
    [InlineData("//etc/passwd")]
    [InlineData("/a.txt/")]
    [InlineData("/dynamic/page.py")]
    [InlineData("/page")]
    [InlineData("/__init__.py")]
    [InlineData("/os.py")]
    public void What_is_no_file_of_the_site_is_not_found(string target)
    {
        Write("secret.txt", "secret");
        Write("html/a.txt", "a");
        Write("html/.env", "secret");
        Write("html/sub/b.txt", "b");
        Write("dynamic/page.py", "def application(): return 'secret'\n");
        File.CreateSymbolicLink(At("html/out"), "../secret.txt");
        Directory.CreateSymbolicLink(At("html/outside"), _folder);
        using (PythonProcess fifo = new(TestPython.Default, ["-c", $"import os; os.mkfifo({Quoted(At("html/pipe"))})"])) Assert.Equal(0, fifo.WaitForExit());
        using ServerProcess server = Site();
        WireResponse response = server.Get(target);
        Assert.True(response.Status is 404 or 400, $"{response.Head}{response.Body}");
        Assert.DoesNotContain("secret", response.Body, StringComparison.Ordinal);
        Assert.Equal("a", server.Get("/a.txt").Body);
    }

    [Fact]
    public void A_changed_file_and_a_changed_page_show_in_the_next_request()
    {
        Write("html/a.txt", "one");
        Write("dynamic/page.py", "def application(): return 'one'\n");
        using ServerProcess server = Site();
        using WireClient client = server.Connect();
        for (int i = 0; i < 20; i++)
        {
            Write("html/a.txt", $"text {i}");
            Write("dynamic/page.py", $"def application(): return 'page {i}'\n");
            Assert.Equal($"text {i}", Ask(client, "/a.txt"));
            Assert.Equal($"page {i}", Ask(client, "/page.py"));
        }
        Write("html/b.txt", "new");
        Assert.Equal("new", Ask(client, "/b.txt"));
        File.Delete(At("html/b.txt"));
        Assert.Equal(404, server.Get("/b.txt").Status);
    }

    [Fact]
    public void Files_are_served_while_the_only_thread_is_blocked()
    {
        Write("html/a.txt", "file");
        using ServerProcess server = Start("--site", _folder, "--threads", "1", "--timeout", "0", "--chdir", ServerProcess.TestApps, "gates:application");
        using WireClient blocked = server.Connect(), client = server.Connect();
        blocked.SendRequest("GET", "/stream", []);
        string received = "";
        while (!received.Contains("before", StringComparison.Ordinal)) received += (char)blocked.ReadExactly(1)[0];
        for (int i = 0; i < 100; i++) Assert.Equal("file", Ask(client, "/a.txt"));
    }

    [Fact]
    public void Pages_mounts_and_the_application_each_get_what_is_theirs()
    {
        Write("html/flask/file.txt", "file");
        Write("html/both.py", "file");
        Write("dynamic/both.py", "def application(): return 'page'\n");
        string[] options = ["--site", _folder, "--mount", "/flask=flaskapp:app", "--chdir", PythonProcess.Examples];
        using (ServerProcess first = Start([.. options, "pyramidapp:app"]))
        {
            Assert.Equal("file", first.Get("/flask/file.txt").Body);
            Assert.Equal("file", first.Get("/both.py").Body);
            Assert.Equal("Hello world from Flask!\n", first.Get("/flask/hello").Body);
            Assert.Equal("Hello world from Pyramid!\n", first.Get("/hello").Body);
        }
        Write("html/a.txt", "file");
        using ServerProcess last = Start([.. options, "--static-last", "pyramidapp:app"]);
        Assert.Equal("page", last.Get("/both.py").Body);
        Assert.Equal(404, last.Get("/flask/file.txt").Status);
        Assert.Equal("file", last.Get("/a.txt").Body);
        Assert.Equal("Hello world from Pyramid!\n", last.Get("/hello").Body);
    }

    [Fact]
    public void The_source_of_a_page_is_not_shown_where_a_link_leads_to_its_folder()
    {
        Write("release/pages/page.py", "def application(): return 'called'\n");
        Write("release/a.txt", "a");
        Directory.CreateSymbolicLink(At("current"), "release");
        using ServerProcess server = Start("--static", $"/={At("current")}", "--scripts", $"/run={At("release/pages")}");
        Assert.Equal("a", server.Get("/a.txt").Body);
        Assert.Equal("called", server.Get("/run/page.py").Body);
        Assert.Equal(404, server.Get("/pages/page.py").Status);
    }

    [Fact]
    public void A_page_that_fails_does_so_alone()
    {
        Write("dynamic/bad.py", "def application(:\n");
        Write("dynamic/raises.py", "def application(): raise ValueError('no luck')\n");
        Write("dynamic/good.py", "def application(): return 'good'\n");
        using ServerProcess server = Start("--scripts", $"/run={At("dynamic")}", "--script-suffix", "", "--development");
        Assert.Equal(500, server.Get("/run/bad").Status);
        WireResponse raised = server.Get("/run/raises");
        Assert.Equal(500, raised.Status);
        Assert.Contains("no luck", raised.Body, StringComparison.Ordinal);
        server.WaitForLine("SyntaxError");
        Assert.Equal("good", server.Get("/run/good").Body);
        Assert.Equal(404, server.Get("/run/none").Status);
    }

    [Fact]
    public void A_reload_serves_the_files_on()
    {
        Write("html/a.txt", "file");
        using ServerProcess server = Site();
        Assert.Equal("file", server.Get("/a.txt").Body);
        int mark = server.Log.Mark;
        server.Signal("HUP");
        server.WaitForNewWorker(mark);
        Assert.Equal("file", server.Get("/a.txt").Body);
    }

    [Fact]
    public void Open_files_stay_within_their_bound()
    {
        const int files = 300, most = 10;
        for (int i = 0; i < files; i++) Write($"html/{i}.bin", new string('x', 20_000));
        using ServerProcess server = Site("--static-open-files", "10");
        using WireClient client = server.Connect();
        Assert.Equal(20_000, Ask(client, "/0.bin").Length);
        int before = Descriptors(server);
        for (int i = 0; i < files; i++) Assert.Equal(20_000, Ask(client, $"/{i}.bin").Length);
        Assert.True(Descriptors(server) < before + most, $"{before} descriptors became {Descriptors(server)}");
    }

    [Fact]
    public void Every_link_of_the_demo_s_first_page_answers()
    {
        Assert.Contains("set -- --config examples/demo.conf\n", File.ReadAllText(Path.Combine(ServerProcess.Repository, "serve")), StringComparison.Ordinal);
        using ServerProcess server = Start(["--config", "examples/demo.conf"], new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = _folder });
        WireResponse home = server.Get("/");
        string[] links = [.. Link().Matches(home.Body).Select(match => match.Groups[1].Value).Where(link => link.StartsWith('/')).Distinct()];
        foreach (string needed in new[] { "/how.html", "/mytime.py", "/flask/hello", "/pyramid/hello", "/django/admin/", "/frame/hello", "/style.css" })
        {
            Assert.Contains(needed, links);
        }
        Assert.All(links, link =>
        {
            WireResponse response = server.Get(link);
            if (response.Status is 301 or 302) response = server.Get(response.Field("Location")!);
            Assert.True(response.Status == 200 && response.Body.Length > 0, $"{link}: {response.Head}");
        });
        Assert.Contains("Hello you", server.Get("/hello.py?name=you").Body, StringComparison.Ordinal);
        WireResponse none = server.Get("/no/such/page");
        Assert.Equal(404, none.Status);
        Assert.Contains("no such page", none.Body, StringComparison.Ordinal);
        using WireClient client = server.Connect();
        client.SendRequest("POST", "/frame/login", ["Content-Type: application/x-www-form-urlencoded"], "name=guest&password=seriema");
        Assert.Equal("/frame/hello/guest", client.ReadResponse().Field("Location"));
    }

    [Fact]
    public void A_mount_that_cannot_be_imported_is_told_at_the_start()
    {
        (int status, string _, string error) = ServerProcess.Run(["--python", TestPython.Default, "--bind", "127.0.0.1:0", "--mount", "/x=no_such_module:app"]);
        Assert.Equal(3, status);
        Assert.Contains("mount /x: ", error, StringComparison.Ordinal);
    }

    private static int Descriptors(ServerProcess server) => Directory.GetFileSystemEntries($"/proc/{server.WorkerId}/fd").Length;

    private static string Ask(WireClient client, string target)
    {
        client.SendRequest("GET", target, []);
        return client.ReadResponse().Body;
    }

    private static string Quoted(string text) => $"'{text}'";

    private ServerProcess Site(params string[] options) => Start(["--site", _folder, .. options]);

    private static ServerProcess Start(params string[] arguments) => Start(arguments, environment: null);

    private static ServerProcess Start(string[] arguments, IReadOnlyDictionary<string, string?>? environment) =>
        ServerProcess.Ready(ServerProcess.Launch(["--bind", "127.0.0.1:0", "--python", TestPython.Default, .. arguments], environment));

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    [GeneratedRegex("(?:href|src)=\"([^\"#]+)\"")]
    private static partial Regex Link();
}
