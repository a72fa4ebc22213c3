using Seriema.Arbiter;
using Seriema.CPython;
using Seriema.Transport;

namespace Seriema.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData]
    [InlineData("--threads", "4")]
    [InlineData("")]
    public void Without_an_application_it_asks_for_one_and_shows_the_usage(params string[] args)
    {
        Invocation run = Invocation.Of(args);
        Assert.Equal(2, run.Status);
        Assert.StartsWith("Provide a WSGI application as MODULE:CALLABLE\nUsage: seriema [OPTIONS] MODULE:CALLABLE\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("--foo a:b", "unknown option '--foo'")]
    [InlineData("a:b --foo", "unknown option '--foo'")]
    [InlineData("a:b --foo=1", "unknown option '--foo'")]
    [InlineData("a:b --thread 4", "unknown option '--thread'; did you mean --threads?")]
    [InlineData("a:b -x", "unknown option '-x'")]
    [InlineData("a:b --reload", "gunicorn's option '--reload' is not supported yet")]
    [InlineData("-D a:b", "gunicorn's option '-D' is not supported yet")]
    [InlineData("--reuse-port a:b", "gunicorn's option '--reuse-port' is not supported yet")]
    [InlineData("-t 1m a:b", "--timeout 1m: not a number of seconds")]
    [InlineData("--max-requests -1 a:b", "--max-requests -1: must be from 0 to 2147483647")]
    [InlineData("--max-worker-age -1 a:b", "--max-worker-age -1: must not be negative")]
    [InlineData("--max-worker-rss much a:b", "--max-worker-rss much: not a size in bytes (a suffix k, m or g is allowed)")]
    [InlineData("-m 028 a:b", "--umask 028: not an octal number")]
    [InlineData("-m 0x12 a:b", "--umask 0x12: not an octal number")]
    [InlineData("-m 0o a:b", "--umask 0o: not an octal number")]
    [InlineData("--socket-mode 1777 a:b", "--socket-mode 1777: more than the permission bits 0 to 777")]
    [InlineData("--bind unix: a:b", "--bind unix:: the socket has no name")]
    [InlineData("--bind fd://1 a:b", "--bind fd://1: expected the number of an inherited descriptor, from 3")]
    [InlineData("-c gunicorn.conf.py a:b", "--config gunicorn.conf.py: gunicorn's configuration in Python is not supported; a file here has lines of name = value")]
    [InlineData("--config -w 2 a:b", "--config needs a value")]
    [InlineData("--certfile=x a:b", "gunicorn's option '--certfile' is not supported yet")]
    [InlineData("a:b c:d", "unexpected argument 'c:d': the application 'a:b' was given before it")]
    [InlineData("a:b --threads", "--threads needs a value")]
    [InlineData("a:b -b", "-b needs a value")]
    [InlineData("--chdir --threads 4 a:b", "--chdir needs a value")]
    [InlineData("--threads 0 a:b", "--threads 0: must be from 1 to 4096")]
    [InlineData("--threads -1 a:b", "--threads -1: must be from 1 to 4096")]
    [InlineData("--threads 1e3 a:b", "--threads 1e3: not a whole number")]
    [InlineData("--threads= a:b", "--threads needs a value")]
    [InlineData("--backlog 99999999999 a:b", "--backlog 99999999999: far too large")]
    [InlineData("--backlog-requests 0 a:b", "--backlog-requests 0: must be from 1 to 2147483647")]
    [InlineData("--keep-alive soon a:b", "--keep-alive soon: not a number of seconds")]
    [InlineData("--keep-alive -1 a:b", "--keep-alive -1: must be more than 0 seconds")]
    [InlineData("--head-timeout 0 a:b", "--head-timeout 0: must be more than 0 seconds")]
    [InlineData("--graceful-timeout -0.5 a:b", "--graceful-timeout -0.5: must not be negative")]
    [InlineData("--progress-timeout 99999999999 a:b", "--progress-timeout 99999999999: longer than a year")]
    [InlineData("--limit-request-line 0 a:b", "--limit-request-line 0: must be from 16 to 1048576")]
    [InlineData("--limit-request-head 2g a:b", "--limit-request-head 2g: far too large")]
    [InlineData("--limit-request-rate x a:b", "--limit-request-rate x: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate -1 a:b", "--limit-request-rate -1: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 0/m a:b", "--limit-request-rate 0/m: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 0/s a:b", "--limit-request-rate 0/s: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 1.5 a:b", "--limit-request-rate 1.5: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 5/h a:b", "--limit-request-rate 5/h: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate /s a:b", "--limit-request-rate /s: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 5/ a:b", "--limit-request-rate 5/: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 1e3 a:b", "--limit-request-rate 1e3: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-rate 99999999999 a:b", "--limit-request-rate 99999999999: not a rate such as 10, 10/s or 300/m (0 sets no limit)")]
    [InlineData("--limit-request-body k a:b", "--limit-request-body k: not a size in bytes (a suffix k, m or g is allowed)")]
    [InlineData("--limit-request-body -1 a:b", "--limit-request-body -1: not a size in bytes (a suffix k, m or g is allowed)")]
    [InlineData("--limit-request-body 9223372036854775807g a:b", "--limit-request-body 9223372036854775807g: far too large")]
    [InlineData("--log-level loud a:b", "--log-level loud: not one of debug, info, warning, error, critical")]
    [InlineData("--bind h:65536 a:b", "--bind h:65536: the port is not a number from 0 to 65535")]
    [InlineData("-w 0 a:b", "--workers 0: not a number of worker processes from 1 to 512, nor auto")]
    [InlineData("-w many a:b", "--workers many: not a number of worker processes from 1 to 512, nor auto")]
    [InlineData("-k gevent a:b", "--worker-class gevent: only sync and gthread are supported")]
    [InlineData("--pythonpath a,,b a:b", "--pythonpath a,,b: one of the folders has no name")]
    public void A_mistake_on_the_command_line_is_one_line_and_status_2(string words, string line)
    {
        Invocation run = Invocation.Of(words.Split(' '));
        Assert.Equal("seriema: " + line + "\n", run.Error);
        Assert.Equal(2, run.Status);
        Assert.Null(run.Served);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void A_port_in_the_environment_that_is_none_is_named()
    {
        Invocation run = Invocation.With(new Dictionary<string, string> { ["PORT"] = "http" }, null, "a:b");
        Assert.Equal("seriema: $PORT http: not a whole number\n", run.Error);
        Assert.Equal(2, run.Status);
    }

    [Fact]
    public void A_number_of_workers_in_the_environment_that_is_none_is_named()
    {
        Invocation run = Invocation.With(new Dictionary<string, string> { ["WEB_CONCURRENCY"] = "two" }, null, "a:b");
        Assert.Equal("seriema: $WEB_CONCURRENCY two: not a number of worker processes from 1 to 512, nor auto\n", run.Error);
        Assert.Equal(2, run.Status);
    }

    [Theory]
    [InlineData("/does/not/exist", "no such folder")]
    [InlineData("/etc/passwd", "not a folder")]
    public void A_folder_that_cannot_be_used_is_status_1(string folder, string why)
    {
        Invocation run = Invocation.Of("--chdir", folder, "a:b");
        Assert.Equal($"seriema: --chdir {folder}: {why}\n", run.Error);
        Assert.Equal(1, run.Status);
        Assert.Null(run.Served);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    [InlineData("--version", "a:b")]
    public void The_version_is_one_line(params string[] args)
    {
        Invocation run = Invocation.Of(args);
        Assert.Matches(@"^seriema \d+\.\d+\.\d+\n$", run.Output);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Null(run.Served);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void The_help_fits_80_columns_and_shows_every_option(string option)
    {
        Invocation run = Invocation.Of(option);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith("Usage: seriema [OPTIONS] MODULE:CALLABLE\n", run.Output, StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n'), line => Assert.True(line.Length < 80, line));
        foreach (string name in (string[])["-b, --bind ADDRESS", "--limit-request-field_size SIZE", "--log-file, --error-logfile FILE", "--wire", "-h, --help"])
        {
            Assert.Contains("\n  " + name, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unexpected_failure_is_one_line_and_status_70()
    {
        Invocation run = Invocation.With(new Dictionary<string, string>(), new InvalidOperationException("two\nlines"), "a:b");
        Assert.Equal("seriema: internal error: InvalidOperationException: two lines\n", run.Error);
        Assert.Equal(70, run.Status);
    }

    [Fact]
    public void The_stack_of_an_unexpected_failure_is_shown_at_debug_level()
    {
        Invocation run = Invocation.With(
            new Dictionary<string, string>(), new InvalidOperationException("x"), "a:b", "--log-level", "debug");
        Assert.Contains("   at Seriema.Cli", run.Error, StringComparison.Ordinal);
    }

    public static TheoryData<Exception, int, string> StartFailures => new()
    {
        { new SettingsException("--bind", "h:1", "no address"), 2, "seriema: --bind h:1: no address\n" },
        { new ListenException("127.0.0.1:80", "in use"), 1, "seriema: cannot listen on 127.0.0.1:80: in use\n" },
        { new ApplicationLoadException(ApplicationLoadFailure.Unhealthy, "/health answered 500", null), 3, "seriema: /health answered 500\n" },
        { new PidFileException("the pid file x names process 1"), 1, "seriema: the pid file x names process 1\n" },
        { new LinuxException("epoll_create1", 24), 1, "seriema: epoll_create1: Too many open files\n" },
        { new ApplicationLoadException(ApplicationLoadFailure.ImportFailed, "KeyError: 'x'", "Traceback\n  File x"), 3, "Traceback\n  File x\nseriema: KeyError: 'x'\n" },
        { new ApplicationLoadException(ApplicationLoadFailure.NotFound, "no 'app' in x", null), 4, "seriema: no 'app' in x\n" },
        { new ApplicationLoadException(ApplicationLoadFailure.Unhealthy, "GET /health answered 500", null), 3, "seriema: GET /health answered 500\n" },
        { new ApplicationLoadException(ApplicationLoadFailure.NotCallable, "x:app is a str", null), 4, "seriema: x:app is a str\n" },
        { new PythonNotFoundException("no shared libpython"), 1, "seriema: no shared libpython\n" },
    };

    [Theory, MemberData(nameof(StartFailures))]
    public void A_failure_to_start_is_one_line_and_its_status(Exception failure, int status, string text)
    {
        Invocation run = Invocation.With(new Dictionary<string, string>(), failure, "a:b");
        Assert.Equal((status, text), (run.Status, run.Error));
        Assert.Equal("", run.Output);
    }
}
