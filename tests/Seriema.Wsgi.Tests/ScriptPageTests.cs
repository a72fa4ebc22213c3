namespace Seriema.Wsgi.Tests;

/// <summary>Pages that are Python files: what they may return, and what becomes of their mistakes.</summary>
[Collection("Python")]
public sealed class ScriptPageTests : IDisposable
{
    private const string Html = "text/html; charset=utf-8";

    private readonly PythonFixture _python;
    private readonly TestFolder _folder = new();
    private readonly SiteGateway _site;

    public ScriptPageTests(PythonFixture python)
    {
        _python = python;
        _site = new SiteGateway(python, Options);
    }

    private GatewayOptions Options => new() { Scripts = [new ScriptMount("/", _folder.Name)] };

    [Theory]
    // application(), with nothing required
    [InlineData("def application(): return 'text'", "text", Html, true)]
    [InlineData("def application(): return 'caf\\u00e9'", "caf\u00c3\u00a9", Html, true)]
    [InlineData("def application(): return b'bytes'", "bytes", Html, true)]
    [InlineData("def application(): return ''", "", Html, true)]
    [InlineData("def application(): return ['a', b'b', '', 'c']", "abc", Html, true)]
    [InlineData("def application(): return ('a',)", "a", Html, true)]
    [InlineData("def application(): return []", "", Html, true)]
    [InlineData("def application():\n  yield 'a'\n  yield ''\n  yield b'b'", "ab", Html, false)]
    [InlineData("def application():\n  return; yield", "", Html, true)]
    [InlineData("def application(name='x', *, end='!'): return name + end", "x!", Html, true)]
    [InlineData("application = lambda: 'lambda'", "lambda", Html, true)]
    [InlineData("class Page:\n  def __call__(self): return 'object'\napplication = Page()", "object", Html, true)]
    [InlineData("class Markup(str):\n  def encode(self, *a): return None\ndef application(): return Markup('m')", "m", Html, true)]
    // application(environ, start_response), which need not be called
    [InlineData("def application(e, s): return 'text'", "text", Html, true)]
    [InlineData("def application(e, s): return e['SCRIPT_NAME'] + '|' + e['PATH_INFO']", "/page.py|", Html, true)]
    [InlineData("def application(e, s):\n  s('200 OK', [('Content-Type', 'text/css')])\n  return 'css'", "css", "text/css", true)]
    [InlineData("def application(e, s):\n  s('200 OK', [('Content-Type', 'text/css')])\n  return ['c', b's']", "cs", "text/css", true)]
    [InlineData("def application(e, s):\n  s('200 OK', [('Content-Type', 'text/css')])\n  yield 'lazy'", "lazy", "text/css", false)]
    [InlineData("def application(e, s):\n  yield ''\n  s('200 OK', [('Content-Type', 'text/css')])\n  yield 'late'", "late", "text/css", false)]
    [InlineData("def application(e, s):\n  w = s('200 OK', [('Content-Type', 'text/css')])\n  w(b'one')\n  return ['two']", "onetwo", "text/css", false)]
    [InlineData("def application(e, s):\n  s(status='200 OK', headers=[('Content-Type', 'text/css')])\n  return 'named'", "named", "text/css", true)]
    [InlineData("def wrap(f):\n  def inner(*args): return f(*args)\n  return inner\n@wrap\ndef application(e, s): return 'wrapped'", "wrapped", Html, true)]
    [InlineData("import functools\ndef wrap(f):\n  @functools.wraps(f)\n  def inner(*args): return f(*args)\n  return inner\n@wrap\ndef application(): return 'wrapped'", "wrapped", Html, true)]
    [InlineData("import io\ndef application(e, s): return e['wsgi.file_wrapper'](io.BytesIO(b'file'))", "file", Html, false)]
    [InlineData("class Old:\n  def __getitem__(self, i): return ['a', 'b'][i]\ndef application(e, s): return Old()", "ab", Html, false)]
    public void A_page_answers(string source, string body, string type, bool hasLength)
    {
        _folder.Put("page.py", source);
        FakeResponse response = _site.Get("/page.py");
        Assert.Equal((200, body, type, true), (response.Status, response.Body, response["Content-Type"], response.IsEnded));
        Assert.Equal(hasLength ? $"{body.Length}" : null, response["Content-Length"]);
        FakeResponse head = _site.Head("/page.py");
        Assert.Equal((200, type), (head.Status, head["Content-Type"]));
        Assert.Empty(head.Body);
        Assert.Empty(_site.Log.Lines);
    }

    [Theory]
    [InlineData("def application(:", "SyntaxError")]
    [InlineData("x = '\0'", "source code")]
    [InlineData("# coding: no-such-coding\n", "SyntaxError")]
    [InlineData("1 / 0", "ZeroDivisionError")]
    [InlineData("raise SystemExit('no')", "SystemExit: no")]
    [InlineData("", "has no application")]
    [InlineData("application = 1", "is not callable, it is a int")]
    [InlineData("def application(one): return 'x'", "takes neither nothing nor (environ, start_response)")]
    [InlineData("def application(a, b, c): return 'x'", "takes neither nothing nor (environ, start_response)")]
    [InlineData("def application(*, must): return 'x'", "takes neither nothing nor (environ, start_response)")]
    [InlineData("def application(): 1 / 0", "ZeroDivisionError")]
    [InlineData("def application():\n  1 / 0\n  yield 'x'", "ZeroDivisionError")]
    [InlineData("def application(): return None", "returned NoneType, not str, bytes or an iterable of them")]
    [InlineData("def application(): return 1", "returned int, not str, bytes or an iterable of them")]
    [InlineData("def application(): return ['a', 1]", "has int in it, not str or bytes")]
    [InlineData("def application(): yield None", "has NoneType in it, not str or bytes")]
    [InlineData("def application(): return '\\ud800'", "UnicodeEncodeError")]
    [InlineData("def application(e, s): s('bad', [])", "ValueError")]
    [InlineData("from . import other", "ImportError")]
    [InlineData("import page", "ModuleNotFoundError")]
    public void A_mistake_is_a_500_with_the_reason_in_the_log_and_other_pages_go_on(string source, string reason)
    {
        _folder.Put("page.py", source);
        _folder.Put("good.py", "def application(): return 'good'");
        FakeResponse response = _site.Get("/page.py");
        Assert.Equal((500, "Internal Server Error", "text/plain; charset=utf-8"), (response.Status, response.Body, response["Content-Type"]));
        Assert.Contains("GET /page.py: the application failed\n", _site.Log.Text, StringComparison.Ordinal);
        Assert.Contains(reason, _site.Log.Text, StringComparison.Ordinal);
        Assert.Equal("good", _site.Get("/good.py").Body);
        Assert.Equal(500, _site.Get("/page.py").Status);
        _folder.Put("page.py", "def application(): return 'repaired'");
        Assert.Equal("repaired", _site.Get("/page.py").Body);
    }

    // Root may read everything, so the kernel's refusal is played.
    [Fact]
    public void A_page_that_may_not_be_read_is_404_with_one_line_in_the_log()
    {
        _folder.Put("page.py", "def application(): return 'page'");
        _folder.Put("close.py", """
            import errno, os
            def application():
                real = os.open
                def refusing(path, *args, **kwargs):
                    if str(path).endswith("page.py"): raise PermissionError(errno.EACCES, "Permission denied")
                    return real(path, *args, **kwargs)
                refusing.real = real
                os.open = refusing
                return "closed"
            """);
        _folder.Put("open.py", "import os\ndef application():\n  os.open = os.open.real\n  return 'open'\n");
        Assert.Equal("page", _site.Get("/page.py").Body);
        Assert.Equal("closed", _site.Get("/close.py").Body);
        try
        {
            _folder.Put("page.py", "def application(): return 'other'");
            for (int i = 0; i < 3; i++) Assert.Equal((404, "Not Found"), (_site.Get("/page.py").Status, _site.Get("/page.py").Body));
            Assert.Equal($"wsgi.errors Error: page cannot be read: {_folder["page.py"]}: Permission denied", Assert.Single(_site.Log.Lines));
        }
        finally
        {
            Assert.Equal("open", _site.Get("/open.py").Body);
        }
        Assert.Equal("other", _site.Get("/page.py").Body);
    }

    [Fact]
    public void In_development_the_browser_sees_the_escaped_traceback()
    {
        using var site = new SiteGateway(_python, Options with { IsDevelopment = true });
        _folder.Put("page.py", "def application(e, s):\n  raise ValueError('<script>' + e['QUERY_STRING'])\n");
        FakeResponse response = site.Get("/page.py?<b>&");
        Assert.Equal((500, Html, "no-store"), (response.Status, response["Content-Type"], response["Cache-Control"]));
        Assert.Contains($"File &quot;{_folder["page.py"]}&quot;, line 2, in application", response.Body, StringComparison.Ordinal);
        Assert.Contains("ValueError: &lt;script&gt;&lt;b&gt;&amp;", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", response.Body, StringComparison.Ordinal);
        Assert.Contains("ValueError: <script>", site.Log.Text, StringComparison.Ordinal);
        Assert.Equal((500, ""), (site.Head("/page.py").Status, site.Head("/page.py").Body));
    }

    [Fact]
    public void A_page_that_fails_in_the_middle_is_broken_off()
    {
        _folder.Put("page.py", "def application():\n  yield 'part'\n  1 / 0\n");
        var exchange = new FakeExchange("GET /page.py HTTP/1.1\r\nHost: example.org\r\n\r\n");
        _site.Thread.Call(exchange);
        Assert.True(exchange.IsAborted);
        Assert.Equal("part", exchange.Response().Body);
        Assert.Contains("ZeroDivisionError", _site.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "", "")]
    [InlineData("HEAD", "", "")]
    [InlineData("GET", "raise ValueError", "ValueError")]
    public void The_iterable_is_closed_once(string method, string statement, string logged)
    {
        _folder.Put("page.py", $"""
            class Blocks:
                def __iter__(self):
                    yield 'x'
                    {(statement.Length == 0 ? "pass" : statement)}
                def close(self):
                    closed.append(1)
            closed = []
            def application(e, s):
                if e['QUERY_STRING']: return repr(closed)
                return Blocks()
            """);
        _site.Thread.Call(new FakeExchange($"{method} /page.py HTTP/1.1\r\nHost: example.org\r\n\r\n"));
        Assert.Contains(logged, _site.Log.Text, StringComparison.Ordinal);
        Assert.Equal("[1]", _site.Get("/page.py?closed").Body);
    }

    [Fact]
    public void A_page_is_a_module_that_nothing_imports()
    {
        _folder.Put("os.py", """
            import dataclasses, os, pickle, sys
            @dataclasses.dataclass
            class Point:
                x: "int" = 1
            def application():
                return repr((os.__name__, os.__file__ == __file__, pickle.loads(pickle.dumps(Point())).x,
                             any(c in __name__ for c in ":"), __name__ in sys.modules, __package__,
                             os.path.dirname(__file__) in sys.path))
            """);
        Assert.Equal("('os', False, 1, True, True, '', False)", _site.Get("/os.py").Body);
        Assert.Equal(["os.py"], Directory.GetFileSystemEntries(_folder.Name).Select(Path.GetFileName)); // no __pycache__
    }

    [Fact]
    public void A_file_that_leads_out_of_the_folder_or_is_none_is_not_found()
    {
        using var outside = new TestFolder();
        outside.Put("secret.py", "def application(): return 'secret'");
        _folder.Put("page.py", "def application(): return 'page'");
        _folder.Put("sub/other.py", "def application(): return 'other'");
        File.CreateSymbolicLink(_folder["out.py"], outside["secret.py"]);
        Directory.CreateSymbolicLink(_folder["outsub"], outside.Name);
        File.CreateSymbolicLink(_folder["inside.py"], "sub/other.py");
        File.CreateSymbolicLink(_folder["device.py"], "/dev/zero");
        File.CreateSymbolicLink(_folder["loop.py"], "loop.py");
        using PythonModule files = new("import os\nmake = os.mkfifo");
        files.Call("make", _folder["fifo.py"]);
        foreach (string path in new[] { "/out.py", "/outsub/secret.py", "/device.py", "/loop.py", "/fifo.py", "/none.py" })
        {
            FakeResponse response = _site.Get(path);
            Assert.True(response is { Status: 404, Body: "Not Found" }, $"{path}: {response}");
        }
        Assert.Equal("other", _site.Get("/inside.py").Body);
        Assert.Equal("page", _site.Get("/page.py").Body);
        Assert.Empty(_site.Log.Lines);
    }

    [Theory]
    [InlineData("/page.py", 200)]
    [InlineData("/%70age%2Epy?x=/y", 200)]
    [InlineData("http://example.org/page.py", 200)]
    [InlineData("/sub/page.py", 200)]
    [InlineData("/sub%2fpage.py", 404)]
    [InlineData("/sub%2Fpage.py", 404)]
    [InlineData("/sub/%2e%2e/page.py", 404)]
    [InlineData("/page.py%00", 404)]
    [InlineData("/page.py/", 404)]
    [InlineData("/__init__.py", 404)]
    [InlineData("/json.py", 404)]
    [InlineData("/os.py", 404)]
    public void A_target_reaches_a_page_by_its_own_name_only(string target, int status)
    {
        _folder.Put("page.py", "def application(): return 'page'");
        _folder.Put("sub/page.py", "def application(): return 'page'");
        _folder.Put("__init__.py", "def application(): return 'init'");
        Assert.Equal(status, _site.Get(target).Status);
    }

    [Fact]
    public void A_page_comes_before_a_mount_and_the_main_application_only_while_it_is_there()
    {
        GatewayOptions options = Options with
        {
            Application = "factories:make_app('main')",
            Mounts = [new Mount("/sub", "factories:make_app('mount')")],
        };
        using var site = new SiteGateway(_python, options);
        _folder.Put("sub/page.py", "def application(): return 'page'");
        Assert.Equal("page", site.Get("/sub/page.py").Body);
        Assert.Equal("mount False []", site.Get("/sub/none.py").Body);
        Assert.Equal("main False []", site.Get("/none.py").Body);
        File.Delete(_folder["sub/page.py"]);
        Assert.Equal("mount False []", site.Get("/sub/page.py").Body);
    }

    [Theory]
    [InlineData("", "/cgi/page", "/cgi/page|")]
    [InlineData(".py", "/cgi/page.py", "/cgi/page.py|")]
    [InlineData(".html", "/cgi/page.html", "/cgi/page.html|")]
    [InlineData("-x", "/cgi/%70age-x", "/cgi/page-x|")]
    public void The_suffix_ends_the_pages_URL(string suffix, string path, string body)
    {
        _folder.Put("page.py", "def application(e, s): return e['SCRIPT_NAME'] + '|' + e['PATH_INFO']");
        using var site = new SiteGateway(_python, new GatewayOptions
        {
            Scripts = [new ScriptMount("/cgi", _folder.Name)],
            ScriptSuffix = suffix,
        });
        Assert.Equal(body, site.Get(path).Body);
        Assert.Equal(404, site.Get(path + "x").Status);
    }

    [Fact]
    public void A_folder_that_is_not_there_and_a_suffix_that_is_none_are_named()
    {
        var scripts = new ScriptMount("/cgi", "/no/such/folder");
        var thrown = Assert.Throws<AppLoadException>(() => new SiteGateway(_python, new GatewayOptions { Scripts = [scripts] }));
        Assert.Equal((AppLoadError.FolderUnusable, "scripts /cgi: there is no folder /no/such/folder"), (thrown.Error, thrown.Message));
        Assert.Same(scripts, thrown.Of);
        thrown = Assert.Throws<AppLoadException>(() => new SiteGateway(_python, Options with { ScriptSuffix = "/x" }));
        Assert.Equal(AppLoadError.BadSuffix, thrown.Error);
    }

    public void Dispose()
    {
        _site.Dispose();
        _folder.Dispose();
    }
}
