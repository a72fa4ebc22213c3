namespace Seriema.Cli.Tests;

public sealed class ConfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_options_without_their_dashes()
    {
        string file = _folder.File("app.conf", """
            # a server
            application = shop.wsgi:create('a b')
              workers=3     # two would do

            bind = 127.0.0.1:1
            bind = unix:/run/shop#1.sock
            wire = true
            limit-request-field-size = 4k
            pythonpath = lib
            pythonpath = vendor
            chdir = /usr
            """);
        Invocation run = Invocation.Of("-c", file);
        Assert.Equal("shop.wsgi:create('a b')", run.Options.Application);
        Assert.Equal(["127.0.0.1:1", "unix:/run/shop#1.sock"], run.Options.Bind);
        Assert.Equal(["/usr/lib", "/usr/vendor"], run.Options.PythonPath);
        Assert.Equal((3, 4096), (run.Processes.Workers, run.Options.LimitRequestFieldSize));
        Assert.NotNull(run.Options.Wire);
    }

    [Fact]
    public void The_command_line_wins_also_over_what_collects()
    {
        string file = _folder.File(
            "app.conf",
            "application = from.file\nthreads = 2\nbind = 127.0.0.1:1\nbind = 127.0.0.1:2\nlimit-request-field_size = 4k\npythonpath = /a\nwire = false\n");
        Invocation run = Invocation.Of(
            "from.line", "--threads=5", "-b", "127.0.0.1:3", "--limit-request-field-size", "2k", "--config", file, "--wire");
        Assert.Equal("from.line", run.Options.Application);
        Assert.Equal((5, 2048), (run.Options.Threads, run.Options.LimitRequestFieldSize));
        Assert.Equal(["127.0.0.1:3"], run.Options.Bind);
        Assert.Equal(["/a"], run.Options.PythonPath);
        Assert.NotNull(run.Options.Wire);
    }

    [Fact]
    public void The_application_sees_only_what_the_user_typed()
    {
        string file = _folder.File("app.conf", "threads = 2\nwire = true\n");
        Launch launch = Invocation.Of("app:app", "-c", file).Launch;
        Assert.Equal(["seriema", "app:app", "-c", file], launch.Server.Arguments);
        Assert.Equal(["--threads=2", "--wire", "app:app", "-c", file], launch.Arguments);
        Assert.Equal(2, launch.FromFile);
    }

    [Theory]
    [InlineData("threads = 0", 2, "threads 0: must be from 1 to 4096")]
    [InlineData("umask = 9", 2, "--umask 9: not an octal number")]
    [InlineData("bind = 127.0.0.1:http", 2, "--bind 127.0.0.1:http: the port is not a number")]
    [InlineData("log-level = loud", 2, "--log-level loud: not one of")]
    [InlineData("chdir = /does/not/exist", 1, "--chdir /does/not/exist: no such folder")]
    [InlineData("thread = 4", 2, "unknown setting 'thread'")]
    [InlineData("-w = 4", 2, "unknown setting '-w'")]
    [InlineData("w = 4", 2, "unknown setting 'w'")]
    [InlineData("= 4", 2, "unknown setting ''")]
    [InlineData("preload = true", 2, "gunicorn's setting 'preload' is not supported yet")]
    [InlineData("workers", 2, "expected name = value")]
    [InlineData("workers =", 2, "workers needs a value")]
    [InlineData("wire = yes", 2, "wire yes: not true or false")]
    [InlineData("config = other.conf", 2, "'config' belongs on the command line, not into a file")]
    [InlineData("help = true", 2, "'help' belongs on the command line, not into a file")]
    [InlineData("application = --wire", 2, "application needs a value")]
    public void A_mistake_names_file_and_line(string line, int status, string why)
    {
        string file = _folder.File("app.conf", "\nworkers = 2\r\n" + line + "\nthreads = x\n");
        Invocation run = Invocation.Of("-c", file, "a:b");
        if (line.StartsWith("application", StringComparison.Ordinal)) run = Invocation.Of("-c", file);
        Assert.StartsWith($"seriema: {file}:3: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Equal((status, 1), (run.Status, run.Error.Count(c => c == '\n')));
        Assert.Null(run.Served);
    }

    [Theory]
    [InlineData("not-found = /404.html\nstatic = /=/\n", "")]
    [InlineData("static = /=/\nnot-found = /404.html\n", "")]
    [InlineData("not-found = /404.html\n", "seriema: --not-found /404.html: is below no --static: the page is one of its files\n")]
    public void What_one_line_needs_may_stand_in_another(string lines, string error)
    {
        Invocation run = Invocation.Of("-c", _folder.File("app.conf", "application = a:b\n" + lines));
        Assert.Equal((error, error.Length == 0 ? 0 : 2), (run.Error, run.Status));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_status_1()
    {
        string missing = _folder.At("missing");
        Assert.Equal($"seriema: --config {missing}: no such file\n", Failed(missing));
        Assert.Equal($"seriema: --config {_folder.Path}: a folder, not a file\n", Failed(_folder.Path));
        string latin = _folder.At("latin");
        File.WriteAllBytes(latin, [(byte)'#', 0xE9, (byte)'\n']);
        Assert.Equal($"seriema: --config {latin}: not UTF-8\n", Failed(latin));
    }

    [Fact]
    public void A_reload_reads_the_file_again_under_the_same_command_line()
    {
        string file = _folder.File("app.conf", "application = a:b\nthreads = 2\nworkers = 1\n");
        Launch first = Invocation.Of("-c", file, "-w", "2").Launch;
        _ = _folder.File("app.conf", "application = c:d\nthreads = 3\nworkers = 9\n");
        Launch second = CommandLine.Again(first, _ => null, TextWriter.Null);
        Assert.Equal(("c:d", 3, 2), (second.Server.Application, second.Server.Threads, second.Processes.Workers));
        Assert.Equal(first.Typed, second.Typed);
    }

    [Theory]
    [InlineData("threads = 2\n", "the configuration file names no application any more")]
    [InlineData("application = a:b\nthreads = none\n", ":2: --threads none: not a whole number")]
    public void A_file_that_is_wrong_at_a_reload_is_refused(string text, string why)
    {
        string file = _folder.File("app.conf", "application = a:b\n");
        Launch first = Invocation.Of("-c", file).Launch;
        _ = _folder.File("app.conf", text);
        UsageException refused = Assert.Throws<UsageException>(() => CommandLine.Again(first, _ => null, TextWriter.Null));
        Assert.EndsWith(why, refused.Message, StringComparison.Ordinal);
    }

    private static string Failed(string file)
    {
        Invocation run = Invocation.Of("-c", file, "a:b");
        Assert.Equal(1, run.Status);
        return run.Error;
    }
}
