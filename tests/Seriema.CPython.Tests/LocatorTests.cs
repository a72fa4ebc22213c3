using System.Diagnostics;

namespace Seriema.CPython.Tests;

/// <summary>Which interpreter is taken, and one clear line for each that cannot be.</summary>
public sealed class LocatorTests
{
    private const string Good = "echo seriema:version=3.11.4; echo seriema:text=3.11.4; echo seriema:implementation=cpython; ";

    private static string Answer(string folder, string more) =>
        $"{Good} echo seriema:base={folder}; {more}";

    private static string Fails(string python, Func<string, string?>? environment = null, string? folder = null)
    {
        PythonNotFoundException error = Assert.Throws<PythonNotFoundException>(
            () => PythonLocator.Find(python.Length == 0 ? null : python, folder, environment));
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    [Fact]
    public void Own_answer_of_the_default_interpreter_is_complete()
    {
        PythonInstallation python = Interpreters.Default;
        Assert.True(File.Exists(python.Executable), python.Executable);
        Assert.True(File.Exists(python.Library), python.Library);
        Assert.StartsWith(python.Version.ToString(), python.VersionText, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_file_is_named() => Assert.Equal("there is no /nowhere/python3", Fails("/nowhere/python3"));

    [Fact]
    public void File_without_the_executable_bit_is_refused() =>
        Assert.Equal("/etc/passwd is not executable", Fails("/etc/passwd"));

    [Fact]
    public void Folder_without_an_interpreter_is_refused()
    {
        using TemporaryFolder folder = new();
        Assert.Equal($"no bin/python3 in {folder.Path}", Fails(folder.Path));
    }

    [Fact]
    public void Name_that_is_not_on_PATH_is_refused() =>
        Assert.Equal("no no-such-python on PATH", Fails("no-such-python"));

    [Fact]
    public void Nothing_at_all_says_how_to_go_on()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("--python", Fails("", name => name == "PATH" ? folder.Path : null, folder.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo seriema:version=3.8.10; echo seriema:text=3.8.10; echo seriema:implementation=cpython",
        "is Python 3.8.10: Python 3.9 or later is needed")]
    [InlineData("echo seriema:version=2.7.18; echo seriema:implementation=cpython",
        "is Python 2.7.18: Python 3.9 or later is needed")]
    [InlineData("echo seriema:version=3.10.14; echo seriema:implementation=pypy",
        "is pypy 3.10.14: CPython is needed")]
    [InlineData(Good + "echo seriema:abiflags=t",
        "is a free-threaded build of Python 3.11.4, which is not supported yet")]
    [InlineData(Good + "echo seriema:Py_GIL_DISABLED=1",
        "is a free-threaded build of Python 3.11.4, which is not supported yet")]
    [InlineData("echo boom >&2; exit 3", "does not run as a Python interpreter: boom")]
    [InlineData("exit 3", "does not run as a Python interpreter (exit code 3)")]
    [InlineData("kill -9 $$", "does not run as a Python interpreter (exit code -1)")]
    public void Unusable_interpreter_is_refused_with_its_reason(string body, string reason)
    {
        using TemporaryFolder folder = new();
        string fake = folder.Script("python3", body);
        Assert.Equal($"{fake} {reason}", Fails(fake));
    }

    [Fact]
    public void Interpreter_from_before_isolated_mode_still_says_its_version()
    {
        using TemporaryFolder folder = new();
        string fake = folder.Script("python2",
            "if [ \"$1\" != -c ]; then echo Unknown option: -I; exit 2; fi; echo seriema:version=2.6.9; echo seriema:implementation=cpython");
        Assert.Equal($"{fake} is Python 2.6.9: Python 3.9 or later is needed", Fails(fake));
    }

    [Fact]
    public void Library_beside_a_moved_installation_is_found()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("lib"));
        File.WriteAllText(folder.File("lib/libpython3.11.so.1.0"), "");
        string fake = folder.Script("bin/python3",
            Answer(folder.Path, "echo seriema:LIBDIR=/install/lib; echo seriema:LDLIBRARY=libpython3.11.a"));
        PythonInstallation found = PythonLocator.Find(fake);
        Assert.Equal(folder.File("lib/libpython3.11.so.1.0"), found.Library);
        Assert.Equal((fake, "3.11.4", new Version(3, 11, 4)), (found.Executable, found.VersionText, found.Version));
    }

    [Fact]
    public void Library_in_the_multiarch_folder_is_found()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("libs/riscv-linux-gnu"));
        File.WriteAllText(folder.File("libs/riscv-linux-gnu/libpython3.11.so.1.0"), "");
        string fake = folder.Script("bin/python3", Answer(folder.Path,
            $"echo seriema:LIBDIR={folder.Path}/libs; echo seriema:MULTIARCH=riscv-linux-gnu; echo seriema:INSTSONAME=libpython3.11.so.1.0"));
        Assert.Equal(folder.File("libs/riscv-linux-gnu/libpython3.11.so.1.0"), PythonLocator.Find(fake).Library);
    }

    [Fact]
    public void Library_that_the_interpreter_has_mapped_comes_first()
    {
        using TemporaryFolder folder = new();
        string fake = folder.Script("python3", Answer(folder.Path, "echo seriema:mapped=/some/where/libpython3.11.so.1.0"));
        Assert.Equal("/some/where/libpython3.11.so.1.0", PythonLocator.Find(fake).Library);
    }

    [Fact]
    public void Static_build_is_told_how_to_get_the_library()
    {
        using TemporaryFolder folder = new();
        string fake = folder.Script("python3",
            Answer(folder.Path, "echo seriema:LDLIBRARY=libpython3.11.a").Replace("3.11", "3.99", StringComparison.Ordinal));
        Assert.Equal($"{fake} (Python 3.99.4) has no shared library libpython3.99.so: "
            + "rebuild it with ./configure --enable-shared, or name another with --python", Fails(fake));
    }

    [Theory]
    [InlineData("/usr", "ID=debian\nVERSION_ID=\"12\"\n", "apt install libpython3.12")]
    [InlineData("/usr", "NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt install libpython3.12")]
    [InlineData("/usr", "ID=fedora\n", "dnf install python3-libs")]
    [InlineData("/usr", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install python3-libs")]
    [InlineData("/home/me/.pyenv/versions/3.12.4", "ID=debian\n",
        "PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12.4")]
    [InlineData("/usr/local", "ID=debian\n", "rebuild it with ./configure --enable-shared, or name another with --python")]
    public void Advice_names_the_package_of_the_system(string home, string osRelease, string advice)
    {
        string line = SharedLibrary.Advice("/x/python3", home, new Version(3, 12, 4), "3.12.4", osRelease);
        Assert.Equal($"/x/python3 (Python 3.12.4) has no shared library libpython3.12.so: {advice}", line);
    }

    [Fact]
    public void Order_is_VIRTUAL_ENV_then_dot_venv_then_venv_then_PATH()
    {
        using TemporaryFolder folder = new();
        foreach (string place in (string[])["active/bin", "work/.venv/bin", "work/venv/bin", "path"])
        {
            folder.Script($"{place}/python3", Answer(folder.Path, "echo seriema:mapped=/libpython3.11.so"));
        }
        string? active = folder.File("active");
        string? Read(string name) => name switch { "PATH" => folder.File("path"), "VIRTUAL_ENV" => active, _ => null };
        string Found() => Path.GetRelativePath(folder.Path, PythonLocator.Find(null, folder.File("work"), Read).Executable);

        Assert.Equal("active/bin/python3", Found());
        active = "";
        Assert.Equal("work/.venv/bin/python3", Found());
        Directory.Delete(folder.File("work/.venv"), recursive: true);
        Assert.Equal("work/venv/bin/python3", Found());
        Directory.Delete(folder.File("work/venv"), recursive: true);
        Assert.Equal("path/python3", Found());
        active = folder.File("gone");
        Assert.Equal($"no bin/python3 in {active} (from VIRTUAL_ENV)", Fails("", Read, folder.File("work")));
    }

    [Fact]
    public void Wrapper_script_leads_to_the_interpreter_behind_it()
    {
        using TemporaryFolder folder = new();
        string shim = folder.Script("shims/python3", $"exec \"{Interpreters.Default.Executable}\" \"$@\"");
        Assert.Equal(Interpreters.Default, PythonLocator.Find(shim));
    }

    [Fact]
    public void File_named_like_a_module_in_the_current_folder_is_not_run()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("sysconfig.py"), "raise SystemExit('hijacked')");
        HostProcess run = HostProcess.Run("/bin/sh", ["-c", "cd \"$0\" && exec \"$1\" \"$2\" run 'print(1)'", folder.Path,
            Path.Combine(AppContext.BaseDirectory, "Seriema.PythonHost"), Interpreters.Default.Executable]);
        Assert.Equal("1\nended 0\n", run.Output);
    }

    [Fact]
    public void Asking_the_interpreter_is_quick()
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long start = Stopwatch.GetTimestamp();
            _ = PythonLocator.Find(Interpreters.Default.Executable);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (took < best) best = took;
        }
        // A wide bound: it notices only a gross mistake, such as waiting for a time-out.
        Assert.True(best < TimeSpan.FromMilliseconds(250), $"{best.TotalMilliseconds} ms at best");
    }
}
