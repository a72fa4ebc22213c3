using System.Net;
using System.Net.Sockets;

namespace Seriema.Process.Tests;

/// <summary>What a user types, right and wrong.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public void The_ready_line_says_where_and_with_what()
    {
        using ServerProcess server = ServerProcess.Start("bare:app", "--threads", "3");
        Assert.Matches(@"^Serving HTTP on http://127\.0\.0\.1:\d+ \(pid \d+, workers 1, Python 3\.\d+\.\d+, threads 3\)$", server.ReadyLine);
        Assert.Contains($"pid {server.Id},", server.ReadyLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", null, 2)]
    [InlineData("2", "1", 1)] // the command line wins
    [InlineData("", null, 1)]
    public void The_environment_may_say_how_many_workers(string environment, string? option, int workers)
    {
        string[] options = option is null ? [] : ["--workers", option];
        using ServerProcess server = ServerProcess.StartWith(
            TestPython.Default, "bare:app", options, new Dictionary<string, string?> { ["WEB_CONCURRENCY"] = environment });
        Assert.Contains($", workers {workers},", server.ReadyLine, StringComparison.Ordinal);
        Assert.Equal(workers, server.WaitForReadyWorkers(workers).Count);
    }

    [Fact]
    public void Auto_is_a_worker_for_each_core()
    {
        using ServerProcess server = ServerProcess.Start("bare:app", "--workers", "auto");
        Assert.Contains($", workers {Environment.ProcessorCount},", server.ReadyLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_file_gives_what_the_command_line_does_not()
    {
        using Arbiter.TemporaryFile file = new();
        File.WriteAllText(file.Path, "# for the tests\nworkers = 2\nthreads = 5\n");
        using ServerProcess server = ServerProcess.Start("bare:app", "--config", file.Path, "--threads", "3");
        Assert.Contains(", workers 2,", server.ReadyLine, StringComparison.Ordinal);
        Assert.Contains(", threads 3)", server.ReadyLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_in_Python_is_refused_in_one_line()
    {
        (int status, string _, string error) = Run("bare", "--config", "gunicorn.conf.py");
        Assert.Equal(2, status);
        Assert.Contains("gunicorn.conf.py", error, StringComparison.Ordinal);
        AssertNoStack(error);
    }

    [Theory]
    [InlineData("only_app", "app")]
    [InlineData("conformance", "application")]
    public void A_module_alone_means_application_then_app(string module, string found)
    {
        using ServerProcess server = ServerProcess.Start(module);
        Assert.True(server.Get("/hello").Status == 200, found);
    }

    [Fact]
    public void No_application_is_a_usage_error()
    {
        (int status, string _, string error) = ServerProcess.Run([]);
        Assert.Equal(2, status);
        Assert.Contains("Provide a WSGI application as MODULE:CALLABLE", error, StringComparison.Ordinal);
        Assert.Contains("Usage", error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(3, "missing_module:app", "ModuleNotFoundError")]
    [InlineData(3, "no_such_module_at_all:app", "no_such_module_at_all")]
    [InlineData(3, "bad_syntax:app", "SyntaxError")]
    [InlineData(3, "exits:app", "sys.exit('no configuration')")]
    [InlineData(4, "bare:nothing", "nothing")]
    [InlineData(4, "bare:__name__", "callable")]
    public void A_wrong_application_has_its_own_status_and_line(int status, string application, string named)
    {
        (int actual, string output, string error) = Run(application);
        Assert.True(status == actual, $"{actual}: {error}");
        string last = error.TrimEnd('\n').Split('\n')[^1];
        Assert.Contains(named, last, StringComparison.Ordinal);
        if (application == "missing_module:app") Assert.Contains("Traceback (most recent call last)", error, StringComparison.Ordinal);
        Assert.Empty(output);
        AssertNoStack(error);
    }

    [Fact]
    public void A_port_in_use_is_one_line()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        AssertOneLine(1, "Address already in use", Run("bare", "--bind", $"127.0.0.1:{port}"));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_one_line() =>
        AssertOneLine(1, "/no/such/folder", Run("bare", "--chdir", "/no/such/folder"));

    [Fact]
    public void An_interpreter_that_is_not_there_is_one_line() =>
        AssertOneLine(1, "/no/such/python", ServerProcess.Run(["--python", "/no/such/python", "bare"]));

    [Theory]
    [InlineData("--threads", "0")]
    [InlineData("--threads", "many")]
    [InlineData("--workers", "0")]
    [InlineData("--workers", "several")]
    [InlineData("--timeout", "-1")]
    [InlineData("--bind", "127.0.0.1:notaport")]
    [InlineData("--no-such-option", "1")]
    [InlineData("--log-level", "loud")]
    public void A_wrong_option_is_named(string option, string value)
    {
        (int status, string _, string error) = Run("bare", option, value);
        Assert.Equal(2, status);
        Assert.Contains(option, error, StringComparison.Ordinal);
        AssertNoStack(error);
    }

    [Fact]
    public void Several_addresses_and_IPv6_are_served()
    {
        using ServerProcess server = ServerProcess.Start("bare", "--bind", "[::1]:0");
        int port = int.Parse(server.ReadyLine.Split("http://[::1]:")[1].Split(' ', ',')[0], System.Globalization.CultureInfo.InvariantCulture);
        using WireClient client = new(new IPEndPoint(IPAddress.IPv6Loopback, port));
        client.SendRequest("GET", "/", []);
        Assert.Equal(200, client.ReadResponse().Status);
        Assert.Equal(200, server.Get("/").Status);
    }

    [Fact]
    public void Wire_shows_both_heads()
    {
        using ServerProcess server = ServerProcess.Start("bare", "--wire");
        server.Get("/seen", "X-Odd: \u001b[2J"[..7] + "e");
        server.WaitForLine("> GET /seen HTTP/1.1");
        server.WaitForLine("> Host: localhost");
        server.WaitForLine("< HTTP/1.1 200 OK");
        server.WaitForLine("< Server: seriema");
    }

    [Fact]
    public void Nothing_on_standard_error_shows_a_secret_at_any_level()
    {
        using ServerProcess server = ServerProcess.Start("bare", "--wire", "--log-level", "debug");
        server.Get("/seen?access_token=hush", "Authorization: Basic hush", "Cookie: a=hush", "X-Api-Key: hush");
        using (WireClient client = server.Connect())
        {
            client.SendRequest("GET", "/refused?sid=hush", ["Cookie: a=hush", "Authorization : hush"]);
            Assert.Equal(400, client.ReadResponse().Status);
        }
        server.WaitForLine("> Authorization: Basic [4 bytes hidden]");
        server.WaitForLine("rejected with 400 ");
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(server.Log.All("hush"));
    }

    [Fact]
    public void Version_and_help_answer()
    {
        (int status, string version, string _) = ServerProcess.Run(["--version"]);
        Assert.Equal(0, status);
        Assert.Matches(@"^(seriema )?\d+\.\d+\.\d+", version);
        (status, string help, string _) = ServerProcess.Run(["--help"]);
        Assert.Equal(0, status);
        foreach (string option in new[] { "--bind", "--chdir", "--pythonpath", "--python", "--threads", "--wire", "--wire-secrets", "--log-level" })
        {
            Assert.Contains(option, help, StringComparison.Ordinal);
        }
    }

    private static (int Status, string Output, string Error) Run(string application, params string[] options) =>
        ServerProcess.Run(["--python", TestPython.Default, "--bind", "127.0.0.1:0", "--chdir", ServerProcess.TestApps, .. options, application]);

    private static void AssertOneLine(int status, string named, (int Status, string Output, string Error) run)
    {
        Assert.Equal(status, run.Status);
        string line = Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains(named, line, StringComparison.Ordinal);
        AssertNoStack(run.Error);
    }

    private static void AssertNoStack(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", error, StringComparison.OrdinalIgnoreCase);
    }
}
