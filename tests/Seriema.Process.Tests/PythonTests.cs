namespace Seriema.Process.Tests;

/// <summary>Python inside the server is as a Python programmer expects it.</summary>
public sealed class PythonTests(ConformanceServer shared) : IClassFixture<ConformanceServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData("/threads", "[0, 1, 2, 3]")]
    [InlineData("/subprocess", "42")]
    [InlineData("/multiprocessing_spawn", "[1, 4, 9]")]
    [InlineData("/asyncio_run", "awaited")]
    [InlineData("/sqlite", "42")]
    public void The_library_works_inside_a_request(string path, string body)
    {
        for (int i = 0; i < 3; i++) Assert.Equal(body, _server.Get(path).Body);
    }

    [Fact]
    public void A_thread_of_the_application_may_read_the_body()
    {
        using WireClient client = _server.Connect();
        client.SendRequest("POST", "/thread_reads", [], "abc");
        Assert.Equal("[b'abc']", client.ReadResponse().Body);
    }

    [Fact]
    public void The_interpreter_looks_like_the_interpreter()
    {
        using ServerProcess server = ServerProcess.Start("introspection:application");
        Assert.Equal("seriema", Path.GetFileName(server.Get("/argv0").Body));
        Assert.Equal(ServerProcess.TestApps, server.Get("/path0").Body);
        Assert.Equal(ServerProcess.TestApps, server.Get("/cwd").Body);
        Assert.Equal("__main__", server.Get("/main").Body);
        Assert.Equal("utf-8", server.Get("/encoding").Body);
        Assert.StartsWith("python", Path.GetFileName(server.Get("/executable").Body), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_that_a_request_starts_is_no_daemon_on_whichever_thread()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--threads", "4");
        using WaitingClients waiting = new(server, 3); // so the fourth thread is the only one that can answer
        Assert.Equal("[(False, False), (False, False), (False, False), (True, False)]", server.Get("/kinds").Body);
    }

    [Fact]
    public void A_signal_handler_runs_although_no_request_comes()
    {
        using ServerProcess server = ServerProcess.Start("introspection:application");
        server.SignalWorker("USR1");
        server.WaitForLine("handler ran on the main thread");
        server.SignalWorker("USR1");
        Assert.Equal(200, server.Get("/cwd").Status);
    }

    [Fact]
    public void A_handler_that_fails_is_logged_and_the_server_goes_on()
    {
        using ServerProcess server = ServerProcess.Start("introspection:application");
        server.SignalWorker("USR2");
        server.WaitForLine("ZeroDivisionError");
        Assert.Equal(200, server.Get("/cwd").Status);
    }

    [Fact]
    public void Environment_and_folders_reach_the_application()
    {
        string folder = Directory.CreateTempSubdirectory("seriema").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "elsewhere.py"), "import os\ndef app(environ, start_response):\n    start_response('200 OK', [])\n    return [os.environ['GREETING'].encode()]\n");
            using ServerProcess server = ServerProcess.StartWith(
                TestPython.Default, "elsewhere", ["--pythonpath", folder], new Dictionary<string, string?> { ["GREETING"] = "good day" });
            Assert.Equal("good day", server.Get("/").Body);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
