using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>The example applications below a prefix, with Django's database made anew, on every CPython found.</summary>
public sealed partial class MountedApplicationTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("seriema").FullName;

    public static TheoryData<string> Versions => [.. TestPython.All.Select(entry => entry.Version)];

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Theory, MemberData(nameof(Versions))]
    public void Each_application_answers_below_its_prefix(string version)
    {
        using ServerProcess server = Start(version);
        foreach ((string path, string hello) in new[]
        {
            ("/flask/hello", "Hello world from Flask!\n"),
            ("/pyramid/hello", "Hello world from Pyramid!\n"),
            ("/django/hello", "Hello world from Django!\n"),
            ("/frame/hello", "Hello world from the small framework!\n"),
        })
        {
            WireResponse response = server.Get(path);
            Assert.True(response.Status == 200 && response.Body == hello, $"{path}: {response.Head}{response.Body}");
            Assert.True(server.Get(path + "/no/such/page").Status == 404, path);
        }
        Assert.Contains("href=\"/frame/login\"", server.Get("/frame").Body, StringComparison.Ordinal);
        Assert.Equal("None", server.Get("/zone").Body);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Django_s_login_page_has_its_files_below_the_prefix(string version)
    {
        using ServerProcess server = Start(version);
        Assert.Equal("/django/admin/login/?next=/django/admin/", server.Get("/django/admin/").Field("Location"));
        WireResponse page = server.Get("/django/admin/login/?next=/django/admin/");
        Assert.Equal(200, page.Status);
        string[] files = [.. Resource().Matches(page.Body).Select(match => match.Groups[1].Value)];
        Assert.Contains("/django/static/admin/css/login.css", files);
        Assert.All(files, file =>
        {
            WireResponse response = server.Get(file);
            Assert.True(response.Status == 200 && response.Body.Length > 0, $"{file}: {response.Status}");
            string type = file.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "javascript";
            Assert.Contains(type, response.Field("Content-Type"), StringComparison.Ordinal);
        });
        foreach (string outside in new[] { "/django/static/../settings.py", "/django/static/%2e%2e/%2e%2e/settings.py", "/django/static//etc/passwd", "/django/static/" })
        {
            // Django answers 400 where a path leads out of a folder, and 404 where there is just no file.
            Assert.True(server.Get(outside).Status is 400 or 404, outside);
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public void An_administrator_logs_in(string version)
    {
        using ServerProcess server = Start(version);
        using (PythonProcess creation = new(
            PathOf(version),
            ["-m", "django", "createsuperuser", "--noinput", "--username", "bird", "--email", "bird@localhost"],
            Cache(("DJANGO_SETTINGS_MODULE", "djangosite.settings"), ("DJANGO_SUPERUSER_PASSWORD", "snakes for breakfast"))))
        {
            int status = creation.WaitForExit();
            Assert.True(status == 0, creation.Text);
        }
        Assert.Equal(200, LogIn(server, "nothing").Status); // the form again, with its complaint
        WireResponse entered = LogIn(server, "snakes for breakfast");
        Assert.Equal(302, entered.Status);
        Assert.Equal("/django/admin/", entered.Field("Location"));
        string session = Cookie(entered, "sessionid");
        WireResponse index = server.Get("/django/admin/", $"Cookie: {session}");
        Assert.Equal(200, index.Status);
        Assert.Contains("href=\"/django/admin/auth/user/\"", index.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_host_s_name_is_refused()
    {
        using ServerProcess server = Start(TestPython.All[0].Version);
        using WireClient client = server.Connect();
        client.Send("GET /django/hello HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n");
        Assert.Equal(400, client.ReadResponse().Status);
        client.Send("GET /django/hello HTTP/1.1\r\nHost: 127.0.0.1:8888\r\n\r\n");
        Assert.Equal(200, client.ReadResponse().Status);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Workers_that_start_at_once_make_one_database_and_one_key(string version)
    {
        const string program = """
            import hashlib
            import djangosite.wsgi
            from django.conf import settings
            from django.contrib.auth.models import Permission
            print(hashlib.sha256(settings.SECRET_KEY.encode()).hexdigest(), len(settings.SECRET_KEY), Permission.objects.count())
            """;
        PythonProcess[] workers = [.. Enumerable.Range(0, 4).Select(_ => new PythonProcess(PathOf(version), ["-c", program], Cache()))];
        try
        {
            foreach (PythonProcess worker in workers)
            {
                int status = worker.WaitForExit();
                Assert.True(status == 0, worker.Text);
            }
            string seen = Assert.Single(workers.Select(worker => worker.Text).Distinct());
            Assert.Matches("^[0-9a-f]{64} 67 24\n$", seen);
            string key = Path.Combine(_cache, "seriema", "djangosite", "secret-key");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }
        finally
        {
            foreach (PythonProcess worker in workers) worker.Dispose();
        }
    }

    private static WireResponse LogIn(ServerProcess server, string password)
    {
        WireResponse page = server.Get("/django/admin/login/");
        string cookie = Cookie(page, "csrftoken");
        string token = Token().Match(page.Body).Groups[1].Value;
        using WireClient client = server.Connect();
        client.SendRequest(
            "POST", "/django/admin/login/?next=/django/admin/", [$"Cookie: {cookie}", "Content-Type: application/x-www-form-urlencoded"],
            $"csrfmiddlewaretoken={token}&username=bird&password={Uri.EscapeDataString(password)}&next=/django/admin/");
        return client.ReadResponse();
    }

    private static string Cookie(WireResponse response, string name) =>
        response.Fields("Set-Cookie").Select(value => value.Split(';')[0]).Single(pair => pair.StartsWith(name + "=", StringComparison.Ordinal));

    private static string PathOf(string version) => TestPython.All.First(entry => entry.Version == version).Path;

    private ServerProcess Start(string version) => ServerProcess.StartWith(
        PathOf(version), "mounted:application", ["--pythonpath", PythonProcess.Examples],
        new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = _cache, ["TZ"] = null, ["DJANGO_SETTINGS_MODULE"] = null });

    private Dictionary<string, string> Cache(params (string Name, string Value)[] more)
    {
        Dictionary<string, string> environment = new() { ["XDG_CACHE_HOME"] = _cache };
        foreach ((string name, string value) in more) environment[name] = value;
        return environment;
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]+\\.(?:css|js))\"")]
    private static partial Regex Resource();

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
