using System.Text;

namespace Seriema.Wsgi.Tests;

public sealed class RoutesTests : IDisposable
{
    private const int Main = 0, Flask = 1, FlaskAdmin = 2, Pages = 3, Tools = 4, Nobody = -1;

    private readonly TestFolder _pages = new();
    private readonly TestFolder _tools = new();

    public RoutesTests()
    {
        foreach (string file in new[] { "mytime.py", "os.py", "sub/deep.py", "__init__.py", "_hidden.py", "a.b.py", "1.py", "mytime.txt", "py.py" })
        {
            _pages.Put(file, "");
        }
        _pages.Put("flask/page.py", "");
        Directory.CreateDirectory(_pages["folder.py"]);
        _tools.Put("tool.py", "");
        _tools.Put("mytime.py", "");
    }

    [Theory]
    [InlineData("/", Main, "")]
    [InlineData("/other", Main, "")]
    [InlineData("*", Main, "")]
    [InlineData("/flask", Flask, "/flask")]
    [InlineData("/flask/", Flask, "/flask")]
    [InlineData("/flask/x", Flask, "/flask")]
    [InlineData("/flasky", Main, "")]
    [InlineData("/flask//x", Flask, "/flask")]
    [InlineData("/%66lask/x", Flask, "/flask")]
    [InlineData("/flask%2Fx", Flask, "/flask")]
    [InlineData("%2Fflask", Flask, "/flask")]
    [InlineData("/flask%2fadmin%2fx", FlaskAdmin, "/flask/admin")]
    [InlineData("/flask/admin", FlaskAdmin, "/flask/admin")]
    [InlineData("/flask/admins", Flask, "/flask")]
    [InlineData("/flask%", Main, "")]
    // A page whose file is there comes before a mount; one whose file is not there does not.
    [InlineData("/flask/page.py", Pages, "/flask/page.py")]
    [InlineData("/flask/none.py", Flask, "/flask")]
    [InlineData("/mytime.py", Pages, "/mytime.py")]
    [InlineData("/sub/deep.py", Pages, "/sub/deep.py")]
    [InlineData("/mytime%2Epy", Pages, "/mytime.py")]
    // The longer prefix first, and the shorter one when the longer one has no such page.
    [InlineData("/tools/tool.py", Tools, "/tools/tool.py")]
    [InlineData("/tools/mytime.py", Tools, "/tools/mytime.py")]
    [InlineData("/none.py", Main, "")]
    public void The_longest_prefix_wins_after_a_page_that_is_there(string path, int application, string scriptName) =>
        Check(path, application, scriptName, Main);

    [Theory]
    [InlineData("/other", Nobody, "")]
    [InlineData("/flask/x", Flask, "/flask")]
    [InlineData("/flasky", Nobody, "")]
    [InlineData("*", Nobody, "")]
    [InlineData("", Nobody, "")]
    public void Without_a_main_application_nobody_answers_the_rest(string path, int application, string scriptName) =>
        Check(path, application, scriptName, main: null);

    [Theory]
    [InlineData("/__init__.py")]
    [InlineData("/_hidden.py")]
    [InlineData("/a.b.py")]
    [InlineData("/a%2eb.py")]
    [InlineData("/1.py")]
    [InlineData("/.py")]
    [InlineData("/mytime")]
    [InlineData("/mytime.txt")]
    [InlineData("/mytime.py/")]
    [InlineData("/mytime.py/extra")]
    [InlineData("/mytime.py%00")]
    [InlineData("/mytime%00.py")]
    [InlineData("/mytime.py%0a")]
    [InlineData("/mytime.pyc")]
    [InlineData("/mytime.PY")]
    [InlineData("//mytime.py")]
    [InlineData("/./mytime.py")]
    [InlineData("/sub/../mytime.py")]
    [InlineData("/sub/%2e%2e/mytime.py")]
    [InlineData("/sub%2Fdeep.py")]
    [InlineData("/sub%2fdeep.py")]
    [InlineData("/sub%5Cdeep.py")]
    [InlineData("/sub\\deep.py")]
    [InlineData("%2Fmytime.py")]
    [InlineData("/../pages/mytime.py")]
    [InlineData("/folder.py")]
    [InlineData("/sub.deep.py")]
    [InlineData("/m\u00fdtime.py")]
    [InlineData("/%C3%A9.py")]
    [InlineData("/mytime .py")]
    [InlineData("/mytime%20.py")]
    [InlineData("mytime.py")]
    [InlineData("/")]
    [InlineData("")]
    public void A_hostile_name_is_no_page(string path) => Check(path, Main, "", Main);

    [Fact]
    public void A_name_longer_than_any_file_is_no_page() => Check($"/{new string('a', 5000)}.py", Main, "", Main);

    [Theory]
    [InlineData("/mytime", Pages)]
    [InlineData("/sub/deep", Pages)]
    [InlineData("/mytime.py", Main)]
    [InlineData("/py", Pages)]
    [InlineData("/__init__", Main)]
    [InlineData("/mytime/", Main)]
    [InlineData("/mytime/x", Main)]
    [InlineData("/", Main)]
    public void An_empty_suffix_leaves_the_bare_name(string path, int application) =>
        Check(path, application, application == Pages ? path : "", Main, suffix: "");

    [Fact]
    public void A_page_is_found_as_soon_as_its_file_is_there_and_lost_with_it()
    {
        Check("/fresh.py", Main, "", Main);
        _pages.Put("fresh.py", "");
        Check("/fresh.py", Pages, "/fresh.py", Main);
        File.Delete(_pages["fresh.py"]);
        Check("/fresh.py", Main, "", Main);
    }

    public void Dispose()
    {
        _pages.Dispose();
        _tools.Dispose();
    }

    private void Check(string path, int application, string scriptName, int? main, string suffix = ".py")
    {
        var routes = new Routes(
            [(new ScriptFolder([], _pages.Name, suffix), Pages), (new ScriptFolder([.. "/tools"u8], _tools.Name, suffix), Tools)],
            [([.. "/flask"u8], Flask), ([.. "/flask/admin"u8], FlaskAdmin)],
            main);
        byte[] bytes = Encoding.Latin1.GetBytes(path);
        byte[] decoded = new byte[bytes.Length];
        decoded = decoded[..PathDecoder.Decode(bytes, decoded)];
        Route route = routes.Find(decoded, path.Contains("%2f", StringComparison.OrdinalIgnoreCase));
        Assert.True(application == route.Application, $"'{path}' goes to {route.Application}, expected {application}");
        Assert.Equal(scriptName, Encoding.Latin1.GetString(decoded, 0, route.ScriptNameLength));
    }
}
