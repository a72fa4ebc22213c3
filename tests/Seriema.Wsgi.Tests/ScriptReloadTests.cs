using System.Globalization;
using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>Pages that change on disk, with threads in them.</summary>
[Collection("Python")]
public sealed class ScriptReloadTests : IDisposable
{
    private const string Watch = """
        import gc, sys, weakref
        kept = []
        def remember(file):
            name = "page:" + file[:-3].replace("%", "%25").replace(".", "%2E")
            kept.append((name, weakref.ref(sys.modules[name].application), weakref.ref(sys.modules[name])))
        def is_gone(_):
            gc.collect()
            assert kept[-1][1]() is None and kept[-1][2]() is None, gc.get_referrers(kept[-1][1]() or kept[-1][2]())
        def is_forgotten(_):
            assert kept[-1][0] not in sys.modules
        def count(_):
            gc.collect()
            kept.append(sys.getallocatedblocks())
        def has_not_grown(requests):
            gc.collect()
            grown = sys.getallocatedblocks() - kept[-1]
            assert grown < int(requests) / 10, grown
        """;

    private readonly TestFolder _folder = new();
    private readonly SiteGateway _site;

    public ScriptReloadTests(PythonFixture python) =>
        _site = new SiteGateway(python, new GatewayOptions { Scripts = [new ScriptMount("/", _folder.Name)] });

    [Fact]
    public void A_changed_file_is_served_from_the_next_request_on()
    {
        for (int version = 1; version <= 20; version++)
        {
            _folder.Put("page.py", $"def application(): return 'version {version}'");
            Assert.Equal($"version {version}", _site.Get("/page.py").Body);
        }
    }

    [Fact]
    public void A_change_within_one_tick_of_the_clock_is_not_missed()
    {
        _folder.Put("page.py", "def application(): return 'version 00'");
        for (int version = 1; version <= 50; version++)
        {
            // Same inode, same size, and times that the kernel takes from a clock that stands still for milliseconds.
            using (FileStream file = File.OpenWrite(_folder["page.py"]))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes($"def application(): return 'version {version:00}'"));
            }
            Assert.Equal($"version {version:00}", _site.Get("/page.py").Body);
        }
    }

    [Fact]
    public void A_page_keeps_its_state_while_its_file_is_the_same()
    {
        _folder.Put("page.py", "calls = []\ndef application():\n  calls.append(1)\n  return str(len(calls))");
        Assert.Equal(["1", "2", "3"], Enumerable.Range(0, 3).Select(_ => _site.Get("/page.py").Body));
        File.SetLastWriteTimeUtc(_folder["page.py"], DateTime.UnixEpoch);
        Assert.Equal("1", _site.Get("/page.py").Body);
    }

    [Fact]
    public void What_was_replaced_is_freed()
    {
        using PythonModule watch = new(Watch);
        _folder.Put("page.py", "def application(): return 'old'");
        Assert.Equal("old", _site.Get("/page.py").Body);
        watch.Call("remember", _folder["page.py"]);
        _folder.Put("page.py", "def application(): return 'newer'");
        Assert.Equal("newer", _site.Get("/page.py").Body);
        watch.Call("is_gone", "");

        watch.Call("remember", _folder["page.py"]);
        _folder.Put("page.py", "def application(: broken");
        Assert.Equal(500, _site.Get("/page.py").Status);
        watch.Call("is_gone", "");
        watch.Call("is_forgotten", "");
    }

    [Fact]
    public void A_removed_page_is_not_found_and_freed_when_the_next_one_is_loaded()
    {
        using PythonModule watch = new(Watch);
        _folder.Put("page.py", "def application(): return 'page'");
        Assert.Equal(200, _site.Get("/page.py").Status);
        watch.Call("remember", _folder["page.py"]);
        File.Delete(_folder["page.py"]);
        Assert.Equal(404, _site.Get("/page.py").Status);
        _folder.Put("other.py", "def application(): return 'other'");
        Assert.Equal("other", _site.Get("/other.py").Body);
        watch.Call("is_gone", "");
        watch.Call("is_forgotten", "");
    }

    [Fact]
    public void Many_pages_stay_bounded_and_all_are_served()
    {
        const int Limit = 1024;
        for (int i = 0; i < Limit + 10; i++) _folder.Put($"page{i}.py", $"def application(): return '{i}'");
        for (int i = 0; i < Limit + 10; i++)
        {
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), _site.Get($"/page{i}.py").Body);
        }
        string key = $"page:{_folder.Name}/".Replace(".", "%2E", StringComparison.Ordinal);
        _folder.Put("count.py", $"import sys\ndef application(): return str(sum(m.startswith('{key}') for m in list(sys.modules)))");
        Assert.Equal(Limit.ToString(CultureInfo.InvariantCulture), _site.Get("/count.py").Body);
        Assert.Equal("0", _site.Get("/page0.py").Body);
    }

    [Theory]
    [InlineData("def application(): return 'x'", "/page.py")]
    [InlineData("def application(e, s):\n  s('200 OK', [('X-A', 'b')])\n  yield 'x'", "/page.py")]
    [InlineData("def application(): 1 / 0", "/page.py")]
    [InlineData("1 / 0", "/page.py")]
    [InlineData("", "/none.py")]
    public void Pythons_memory_does_not_grow_from_request_to_request(string source, string path)
    {
        const int Requests = 2000;
        using PythonModule watch = new(Watch);
        _folder.Put("page.py", source);
        for (int i = 0; i < 100; i++) _site.Get(path);
        watch.Call("count", "");
        for (int i = 0; i < Requests; i++) _site.Get(path);
        watch.Call("has_not_grown", Requests.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Requests_that_come_at_once_make_one_module()
    {
        const int Callers = 4;
        // The import ends when the others wait for it, which is seen in the frame that loads the page.
        _folder.Put("page.py", $$"""
            import sys, time
            frame = sys._getframe()
            while 'self' not in frame.f_locals or not hasattr(frame.f_locals['self'], 'turns'):
                frame = frame.f_back
            turns = frame.f_locals['self'].turns
            end = time.monotonic() + 60
            while turns[__file__].users < {{Callers}}:
                if time.monotonic() > end: raise RuntimeError('the others do not wait')
                time.sleep(0.001)
            del frame, turns
            def application(): return str(id(application))
            """);
        string[] bodies = OnThreads(Callers, (_, thread) => Get(thread).Body);
        Assert.Single(bodies.Distinct());
        Assert.Empty(_site.Log.Lines);
        Assert.Equal(bodies[0], _site.Get("/page.py").Body);
    }

    [Fact]
    public void Threads_see_whole_versions_and_never_an_older_one_again()
    {
        const int Versions = 100;
        Put(0);
        int last = 0;
        string[] outcomes = OnThreads(3, (number, thread) =>
        {
            if (number == 0)
            {
                for (int version = 1; version <= Versions; version++)
                {
                    Put(version);
                    if (Read(thread) != version) return $"version {version} was not served at once";
                    Volatile.Write(ref last, version);
                }
                return "";
            }
            for (int seen = 0; seen < Versions;)
            {
                int least = Volatile.Read(ref last);
                int version = Read(thread);
                if (version < seen || version < least) return $"version {version} after {Math.Max(seen, least)}";
                seen = version;
                if (IsOver()) break;
            }
            return "";
        });
        Assert.All(outcomes, outcome => Assert.Equal("", outcome));
        Assert.Empty(_site.Log.Lines);

        bool IsOver() => Volatile.Read(ref last) == Versions;
        void Put(int version) => _folder.Put(
            "page.py", $"one = {version}\ndef application(): return '%s %s' % (one, two)\ntwo = {version}");
        int Read(GatewayThread thread)
        {
            string[] numbers = Get(thread).Body.Split(' ');
            Assert.Equal(numbers[0], numbers[1]);
            return int.Parse(numbers[0], CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public void A_page_that_hangs_at_its_import_leaves_the_others_alone()
    {
        using PythonModule gate = new("import sys, threading\nsys.seriema_gate = threading.Event()\ndef open(_): sys.seriema_gate.set()");
        _folder.Put("slow.py", "import sys\nsys.seriema_gate.wait(60)\ndef application(): return 'slow'");
        _folder.Put("other.py", "def application(): return 'other'");
        string[] bodies = OnThreads(2, (number, thread) =>
        {
            if (number == 0) return Get(thread, "/slow.py").Body;
            string body = Get(thread, "/other.py").Body; // loaded while the other import waits
            gate.Call("open", "");
            return body;
        });
        Assert.Equal(["slow", "other"], bodies);
    }

    public void Dispose()
    {
        _site.Dispose();
        _folder.Dispose();
    }

    private FakeResponse Get(GatewayThread thread, string path = "/page.py") =>
        _site.Call(thread, $"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n");

    // Runs on threads that begin together, each with a gateway's thread of its own.
    private string[] OnThreads(int count, Func<int, GatewayThread, string> action)
    {
        string[] results = new string[count];
        using var start = new Barrier(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            try
            {
                using GatewayThread thread = _site.Gateway.NewThread();
                start.SignalAndWait();
                results[number] = action(number, thread);
            }
            catch (Exception e)
            {
                results[number] = e.ToString();
            }
            PythonThread.Detach();
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(120)), "a thread hangs");
        return results;
    }
}
