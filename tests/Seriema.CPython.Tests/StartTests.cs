namespace Seriema.CPython.Tests;

/// <summary>The embedded interpreter sees itself as the interpreter's own executable does.</summary>
public sealed class StartTests
{
    private const string Facts = """
        import sys
        print(sys.executable, sys._base_executable, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
        print([p for p in sys.path if p], sys.flags, sys.platlibdir)
        for stream in sys.stdin, sys.stdout, sys.stderr: print(stream.encoding, stream.errors, stream.line_buffering)
        print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
        import locale; print(locale.getpreferredencoding(False))
        """;

    public static TheoryData<string> Pythons => [.. Interpreters.All.Select(python => python.Executable)];

    public static TheoryData<string, string> Locales
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (PythonInstallation python in Interpreters.All)
            {
                foreach (string settings in (string[])["", "LC_ALL=C", "LC_ALL=POSIX", "LANG=C.UTF-8", "LC_ALL=C.UTF-8 PYTHONUTF8=1",
                    "LC_ALL=no_SUCH.UTF-8", "LC_ALL=C.UTF-8 PYTHONUTF8=0", "LC_ALL=C PYTHONIOENCODING=latin-1"])
                {
                    cases.Add(python.Executable, settings);
                }
            }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Pythons))]
    public void Sys_is_that_of_the_interpreter_itself(string python) => AssertSameFacts(python, python, null);

    [Theory, MemberData(nameof(Pythons))]
    public void Sys_in_a_virtual_environment_is_that_of_its_own_interpreter(string python)
    {
        using TemporaryFolder folder = new();
        string environment = folder.File("env");
        HostProcess made = HostProcess.Run(python, ["-m", "venv", "--without-pip", environment]);
        if (made.ExitCode != 0)
        {
            // Debian keeps venv in a package of its own; what it makes without pip is these two things.
            Directory.CreateDirectory(folder.File("env/bin"));
            File.CreateSymbolicLink(folder.File("env/bin/python3"), python);
            File.WriteAllText(folder.File("env/pyvenv.cfg"), $"home = {Path.GetDirectoryName(python)}\n");
        }
        AssertSameFacts(folder.File("env/bin/python3"), environment, null);
        string link = folder.File("link");
        Directory.CreateSymbolicLink(link, environment);
        AssertSameFacts(Path.Combine(link, "bin/python3"), link, null);
    }

    [Theory, MemberData(nameof(Locales))]
    public void Encodings_are_those_of_the_interpreter_in_every_locale(string python, string settings)
    {
        Dictionary<string, string?> environment = new()
        {
            ["LANG"] = null,
            ["LC_ALL"] = null,
            ["LC_CTYPE"] = null,
            ["PYTHONUTF8"] = null,
        };
        foreach (string setting in settings.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = setting.Split('=', 2);
            environment[parts[0]] = parts[1];
        }
        AssertSameFacts(python, python, environment);
    }

    [Theory, MemberData(nameof(Pythons))]
    public void Arguments_are_what_was_given(string python)
    {
        HostProcess run = HostProcess.Host([python, "run", "import sys; print(ascii(sys.argv))"]);
        Assert.Contains(@"['the-program', '\xe5']", run.Output, StringComparison.Ordinal);
    }

    private static void AssertSameFacts(string python, string given, Dictionary<string, string?>? environment)
    {
        HostProcess own = HostProcess.Run(python, ["-c", Facts], environment);
        HostProcess ours = HostProcess.Host([given, "run", Facts], environment);
        Assert.Equal(own.Output, ours.Output.Replace("ended 0\n", "", StringComparison.Ordinal));
    }
}
