using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

[Collection("Python")]
public sealed class AppLoaderTests(PythonFixture python)
{
    [Theory]
    [InlineData("factories:application", "application")]
    [InlineData("factories", "application")]
    [InlineData("only_app", "only app")]
    [InlineData("factories:holder.inner.app", "application")]
    [InlineData("factories:make_app()", "default False []")]
    [InlineData("factories:make_app('x', debug=True)", "x True []")]
    [InlineData("factories:make_app( 'a(b)', sizes=[1, -2] )", "a(b) False [1, -2]")]
    [InlineData("factories:holder.inner.make('deep')", "deep False []")]
    public void A_target_names_an_application(string target, string body)
    {
        using Gateway gateway = python.Load(target);
        using GatewayThread thread = gateway.NewThread();
        var exchange = new FakeExchange();
        thread.Call(exchange);
        Assert.Equal(body, exchange.Response().Body);
    }

    [Theory]
    [InlineData("", nameof(AppLoadError.BadTarget), "'' is not MODULE:CALLABLE")]
    [InlineData(":app", nameof(AppLoadError.BadTarget), "':app' is not MODULE:CALLABLE")]
    [InlineData("factories:", nameof(AppLoadError.BadTarget), "'factories:' is not MODULE:CALLABLE")]
    [InlineData("factories:make_app(open('x'))", nameof(AppLoadError.BadTarget), "is not a name, a dotted name or a call with literal arguments")]
    [InlineData("factories:make_app(*[1])", nameof(AppLoadError.BadTarget), "literal arguments")]
    [InlineData("factories:make_app(**{})", nameof(AppLoadError.BadTarget), "literal arguments")]
    [InlineData("factories:make_app()()", nameof(AppLoadError.BadTarget), "literal arguments")]
    [InlineData("factories:a b", nameof(AppLoadError.BadTarget), "literal arguments")]
    [InlineData("no_such_module:app", nameof(AppLoadError.ImportFailed), "No module named 'no_such_module' in ")]
    [InlineData("only_app.py:app", nameof(AppLoadError.ImportFailed), "it is a module's name, not a file's: try 'only_app'")]
    [InlineData("./sub/only_app.py", nameof(AppLoadError.ImportFailed), "try 'sub.only_app'")]
    [InlineData("broken_import:app", nameof(AppLoadError.ImportFailed), "cannot import module 'broken_import': KeyError: 'SECRET_KEY'")]
    [InlineData("missing_module:app", nameof(AppLoadError.ImportFailed), "ModuleNotFoundError: No module named 'no_such_module_anywhere'")]
    [InlineData("exits:app", nameof(AppLoadError.ImportFailed), "module 'exits' called sys.exit('no configuration') when it was imported")]
    [InlineData("bad_syntax:app", nameof(AppLoadError.ImportFailed), "cannot import module 'bad_syntax': SyntaxError:")]
    [InlineData("factories:broken_factory()", nameof(AppLoadError.ImportFailed), "the factory broken_factory failed: LookupError: no such configuration")]
    [InlineData("factories:make_app(1, 2, 3)", nameof(AppLoadError.ImportFailed), "the factory make_app failed: TypeError:")]
    [InlineData("factories:aplication", nameof(AppLoadError.NotFound), "'factories' has no attribute 'aplication', did you mean 'application'?")]
    [InlineData("factories:holder.outer", nameof(AppLoadError.NotFound), "'factories.holder' has no attribute 'outer'")]
    [InlineData("exits_not:x", nameof(AppLoadError.ImportFailed), "No module named 'exits_not'")]
    [InlineData("json", nameof(AppLoadError.NotFound), "module 'json' has neither 'application' nor 'app'")]
    [InlineData("factories:number", nameof(AppLoadError.NotCallable), "number in module 'factories' is not callable, it is a int")]
    [InlineData("factories:number()", nameof(AppLoadError.NotCallable), "the factory number in module 'factories' is not callable")]
    public void A_mistake_is_typed_and_named_in_one_line(string target, string error, string message)
    {
        var thrown = Assert.Throws<AppLoadException>(() => python.Load(target));
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown.Message);
        Assert.Equal(error, thrown.Error.ToString());
    }

    [Fact]
    public void The_traceback_is_pythons_own_and_begins_in_the_application()
    {
        var thrown = Assert.Throws<AppLoadException>(() => python.Load("broken_import"));
        Assert.StartsWith("Traceback (most recent call last):\n  File \"" + PythonFixture.AppFolder, thrown.Traceback, StringComparison.Ordinal);
        Assert.Contains("in read_settings", thrown.Traceback, StringComparison.Ordinal);
        Assert.EndsWith("KeyError: 'SECRET_KEY'\n", thrown.Traceback, StringComparison.Ordinal);
        Assert.DoesNotContain("seriema", thrown.Traceback, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_and_the_python_path_come_first_in_sys_path()
    {
        string before = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("seriema").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "lib"));
        File.WriteAllText(Path.Combine(folder, "lib", "in_lib.py"), "def name(): return b'lib'\n");
        File.WriteAllText(Path.Combine(folder, "in_folder.py"),
            "import in_lib, os, sys\nfirst = sys.path[:2]\ndef app(e, s):\n  s('200 OK', [])\n  return [in_lib.name(), os.getcwd().encode(), repr(first).encode()]\n");
        try
        {
            Gateway? gateway = null;
            python.OnMain(() => gateway = Gateway.Load(
                new GatewayOptions { Application = "in_folder:app", Folder = folder, PythonPath = ["lib"] }));
            using (gateway)
            using (GatewayThread thread = gateway!.NewThread())
            {
                var exchange = new FakeExchange();
                thread.Call(exchange);
                Assert.Equal($"lib{folder}['{folder}/lib', '{folder}']", exchange.Response().Body);
            }
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var thrown = Assert.Throws<AppLoadException>(() => python.OnMain(
            () => Gateway.Load(new GatewayOptions { Application = "factories", Folder = "/no/such/folder" })));
        Assert.Equal(AppLoadError.FolderUnusable, thrown.Error);
        Assert.Equal("cannot change to /no/such/folder: No such file or directory", thrown.Message);
    }
}
