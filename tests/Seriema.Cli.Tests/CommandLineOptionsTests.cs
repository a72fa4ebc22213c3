namespace Seriema.Cli.Tests;

public sealed class CommandLineOptionsTests
{
    private static readonly WsgiServerOptions s_default = new() { Application = "" };

    [Fact]
    public void Without_options_the_defaults_of_the_server_hold()
    {
        WsgiServerOptions options = Invocation.Of("app:app").Options;
        Assert.Equal("app:app", options.Application);
        Assert.Equal(["127.0.0.1:8000"], options.Bind);
        Assert.Equal(
            (s_default.Threads, s_default.Backlog, s_default.GracefulTimeout, s_default.KeepAlive, s_default.HeadTimeout, s_default.ProgressTimeout),
            (options.Threads, options.Backlog, options.GracefulTimeout, options.KeepAlive, options.HeadTimeout, options.ProgressTimeout));
        Assert.Equal(
            (s_default.LimitRequestLine, s_default.LimitRequestFields, s_default.LimitRequestFieldSize, s_default.LimitRequestHead),
            (options.LimitRequestLine, options.LimitRequestFields, options.LimitRequestFieldSize, options.LimitRequestHead));
        Assert.Equal(
            (s_default.LimitRequestBody, s_default.BodyBuffer, s_default.ResponseBuffer),
            (options.LimitRequestBody, options.BodyBuffer, options.ResponseBuffer));
        Assert.Equal(
            (s_default.KeepAliveRequests, s_default.WorkerConnections, s_default.LimitClientConnections, s_default.LimitRequestRate, s_default.LimitRequestBurst),
            (options.KeepAliveRequests, options.WorkerConnections, options.LimitClientConnections, options.LimitRequestRate, options.LimitRequestBurst));
        Assert.Null(options.ChangeDirectory);
        Assert.Null(options.Python);
        Assert.Null(options.Wire);
        Assert.Empty(options.PythonPath);
    }

    public static TheoryData<string, Func<WsgiServerOptions, object>, object> Values => new()
    {
        { "--threads 4", o => o.Threads, 4 },
        { "--backlog 7", o => o.Backlog, 7 },
        { "--backlog-requests 9", o => o.BacklogRequests, 9 },
        { "--graceful-timeout 0", o => o.GracefulTimeout, TimeSpan.Zero },
        { "--graceful-timeout 2.5", o => o.GracefulTimeout, TimeSpan.FromSeconds(2.5) },
        { "--keep-alive 2", o => o.KeepAlive, TimeSpan.FromSeconds(2) },
        { "--head-timeout 3", o => o.HeadTimeout, TimeSpan.FromSeconds(3) },
        { "--progress-timeout 4", o => o.ProgressTimeout, TimeSpan.FromSeconds(4) },
        { "--min-body-rate 1k", o => o.MinBodyRate, 1024L },
        { "--buffer-memory 8m", o => o.BufferMemory, 8L << 20 },
        { "--temp-dir .", o => o.TempDirectory!, Environment.CurrentDirectory },
        { "--limit-temp-files 0", o => o.LimitTempFiles, 0L },
        { "--min-response-rate 0", o => o.MinResponseRate, 0L },
        { "--limit-request-line 4094", o => o.LimitRequestLine, 4094 },
        { "--limit-request-line 4k", o => o.LimitRequestLine, 4096 },
        { "--limit-request-fields 50", o => o.LimitRequestFields, 50 },
        { "--limit-request-field_size 1K", o => o.LimitRequestFieldSize, 1024 },
        { "--limit-request-field-size 1k", o => o.LimitRequestFieldSize, 1024 },
        { "--limit-request-head 1m", o => o.LimitRequestHead, 1 << 20 },
        { "--limit-request-body 0", o => o.LimitRequestBody, 0L },
        { "--limit-request-body 20g", o => o.LimitRequestBody, 20L << 30 },
        { "--body-buffer 64k", o => o.BodyBuffer, 65536 },
        { "--response-buffer 64k", o => o.ResponseBuffer, 65536 },
        { "--worker-class sync", o => o.Threads, 1 },
        { "-k sync --threads 3", o => o.Threads, 3 },
        { "--forwarded-allow-ips 10.0.0.0/8,::1", o => string.Join(' ', o.ForwardedAllowIps), "10.0.0.0/8 ::1" },
        { "--forwarded-allow-ips *", o => string.Join(' ', o.ForwardedAllowIps), "*" },
        { "--forwarded-allow-ips none", o => o.ForwardedAllowIps.Count, 0 },
        { "--forwarded-headers forwarded", o => string.Join(' ', o.ForwardedHeaders), "forwarded" },
        { "--forwarded-headers none", o => o.ForwardedHeaders.Count, 0 },
        { "--proxy-protocol", o => o.ProxyProtocol, true },
        { "--proxy-allow-ips 192.0.2.1", o => string.Join(' ', o.ProxyAllowIps), "192.0.2.1" },
        { "--proxy-allow-from unix", o => string.Join(' ', o.ProxyAllowIps), "unix" },
        { "-k gthread", o => o.Threads, s_default.Threads },
        { "-t 2.5", o => o.Timeout, TimeSpan.FromSeconds(2.5) },
        { "--timeout 0", o => o.Timeout, TimeSpan.Zero },
        { "--timeout-grace 1", o => o.TimeoutGrace, TimeSpan.FromSeconds(1) },
        { "--queue-timeout 0", o => o.QueueTimeout, TimeSpan.Zero },
        { "--health-path /up", o => o.HealthPath!, "/up" },
        { "--max-requests 1000", o => o.MaxRequests, 1000 },
        { "--max-requests-jitter 50", o => o.MaxRequestsJitter, 50 },
        { "--keep-alive-requests 100", o => o.KeepAliveRequests, 100 },
        { "--worker-connections 1000", o => o.WorkerConnections, 1000 },
        { "--worker-connections 0", o => o.WorkerConnections, 0 },
        { "--limit-client-connections 20", o => o.LimitClientConnections, 20 },
        { "--limit-request-rate 0", o => o.LimitRequestRate, 0.0 },
        { "--limit-request-rate 20", o => o.LimitRequestRate, 20.0 },
        { "--limit-request-rate 20/s", o => o.LimitRequestRate, 20.0 },
        { "--limit-request-rate 30/m", o => o.LimitRequestRate, 0.5 },
        { "--limit-request-burst 5", o => o.LimitRequestBurst, 5 },
        { "--threads 2 --threads 5", o => o.Threads, 5 },
        { "--python /opt/py/bin/python3", o => o.Python!, "/opt/py/bin/python3" },
        { "--python python3.12", o => o.Python!, "python3.12" },
        { "--chdir /", o => o.ChangeDirectory!, "/" },
        { "--worker-tmp-dir /dev/shm", o => o.Application!, "app:app" },
    };

    public static TheoryData<string, Func<object, object?>, object?> ProcessValues => new()
    {
        { "--threads 1", p => Of(p).Workers, 1 },
        { "-w 3", p => Of(p).Workers, 3 },
        { "-w3", p => Of(p).Workers, 3 },
        { "--workers=4 -w 2", p => Of(p).Workers, 2 },
        { "--workers auto", p => Of(p).Workers, Environment.ProcessorCount },
        { "--max-worker-age 3600", p => Of(p).MaxWorkerAge, TimeSpan.FromHours(1) },
        { "--max-worker-rss 4g", p => Of(p).MaxWorkerRss, 4L << 30 },
        { "-p /run/app.pid", p => Of(p).PidFile, "/run/app.pid" },
        { "-p /run/app.pid ", p => Of(p).ControlSocket, "/run/app.ctl" },
        { "--pid app", p => Of(p).ControlSocket, Path.GetFullPath("app.ctl") },
        { "-p /run/a.pid --control-socket /run/b", p => Of(p).ControlSocket, "/run/b" },
        { "--threads 2", p => Of(p).ControlSocket, null },
        { "-u www-data", p => Of(p).User, "www-data" },
        { "-g 33", p => Of(p).Group, "33" },
        { "-m 022", p => Of(p).Umask, 18 },
        { "-m 22", p => Of(p).Umask, 18 },
        { "--umask 0o22", p => Of(p).Umask, 18 },
        { "--umask 0", p => Of(p).Umask, 0 },
        { "--socket-mode 660", p => Of(p).SocketMode, 432 },
        { "--error-logfile /var/log/app", p => Of(p).ErrorLog, "/var/log/app" },
        { "--log-file x.log", p => Of(p).ErrorLog, Path.GetFullPath("x.log") },
        { "--log-file /tmp/x --error-logfile -", p => Of(p).ErrorLog, null },
    };

    private static ProcessSettings Of(object settings) => (ProcessSettings)settings;

    [Theory, MemberData(nameof(ProcessValues))]
    public void Each_option_of_the_arbiter_reaches_its_setting(string words, Func<object, object?> setting, object? expected)
    {
        string[] args = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, setting(Invocation.Of([.. args, "app:app"]).Processes));
        Assert.Equal(expected, setting(Invocation.Of(["app:app", .. args]).Processes));
    }

    [Fact]
    public void WEB_CONCURRENCY_is_the_number_of_workers_unless_it_is_given()
    {
        var environment = new Dictionary<string, string> { ["WEB_CONCURRENCY"] = "4" };
        Assert.Equal(4, Invocation.With(environment, null, "app:app").Processes.Workers);
        Assert.Equal(2, Invocation.With(environment, null, "app:app", "-w", "2").Processes.Workers);
        environment["WEB_CONCURRENCY"] = "";
        Assert.Equal(1, Invocation.With(environment, null, "app:app").Processes.Workers);
    }

    [Theory, MemberData(nameof(Values))]
    public void Each_option_reaches_its_setting(string words, Func<WsgiServerOptions, object> setting, object expected)
    {
        Assert.Equal(expected, setting(Invocation.Of([.. words.Split(' '), "app:app"]).Options));
        Assert.Equal(expected, setting(Invocation.Of(["app:app", .. words.Split(' ')]).Options));
    }

    [Theory]
    [InlineData("-b 127.0.0.1:1 -b [::1]:2 --bind :0 --bind=10.0.0.1:65535", "127.0.0.1:1 [::1]:2 :0 10.0.0.1:65535")]
    [InlineData("-b127.0.0.1:1", "127.0.0.1:1")]
    public void Bind_may_be_repeated_in_every_spelling(string words, string expected) =>
        Assert.Equal(expected.Split(' '), Invocation.Of([.. words.Split(' '), "app:app"]).Options.Bind);

    [Fact]
    public void FORWARDED_ALLOW_IPS_stands_in_for_the_option()
    {
        var environment = new Dictionary<string, string> { ["FORWARDED_ALLOW_IPS"] = "10.0.0.0/8, unix" };
        Assert.Equal(["10.0.0.0/8", "unix"], Invocation.With(environment, null, "app:app").Options.ForwardedAllowIps);
        Assert.Equal(["::1"], Invocation.With(environment, null, "app:app", "--forwarded-allow-ips", "::1").Options.ForwardedAllowIps);
        Assert.Equal(["127.0.0.1", "::1", "unix"], Invocation.Of("app:app").Options.ForwardedAllowIps);
        environment["FORWARDED_ALLOW_IPS"] = "proxy.example";
        Assert.Contains("--forwarded-allow-ips proxy.example: ", Invocation.With(environment, null, "app:app").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PORT_binds_every_address_unless_bind_is_given()
    {
        var environment = new Dictionary<string, string> { ["PORT"] = "5000" };
        Assert.Equal(["0.0.0.0:5000"], Invocation.With(environment, null, "app:app").Options.Bind);
        Assert.Equal(["[::1]:1"], Invocation.With(environment, null, "app:app", "-b", "[::1]:1").Options.Bind);
        environment["PORT"] = "";
        Assert.Equal(["127.0.0.1:8000"], Invocation.With(environment, null, "app:app").Options.Bind);
    }

    [Fact]
    public void Folders_of_pythonpath_are_below_chdir_and_keep_their_order()
    {
        WsgiServerOptions options = Invocation.Of("--chdir", "/usr", "--pythonpath", "lib,/opt/b", "--pythonpath", "c", "app:app").Options;
        Assert.Equal(["/usr/lib", "/opt/b", "/usr/c"], options.PythonPath);
    }

    [Fact]
    public void A_relative_interpreter_is_found_before_the_folder_changes()
    {
        WsgiServerOptions options = Invocation.Of("--chdir", "/", "--python", "env/bin/python", "app:app").Options;
        Assert.Equal(Path.GetFullPath("env/bin/python"), options.Python);
    }

    [Fact]
    public void The_application_sees_the_whole_command_line() =>
        Assert.Equal(["seriema", "--threads", "2", "app:app"], Invocation.Of("--threads", "2", "app:app").Options.Arguments);

    [Fact]
    public void Wire_shows_heads_on_standard_error()
    {
        Invocation run = Invocation.Of("--wire", "app:app");
        run.Options.Wire!.Write("> GET /\n");
        Assert.Equal("> GET /\n", run.Error);
        Assert.Equal("app:app", run.Options.Application);
        Assert.False(run.Options.WireSecrets);
    }

    [Fact]
    public void Wire_secrets_shows_heads_too()
    {
        WsgiServerOptions options = Invocation.Of("--wire-secrets", "app:app").Options;
        Assert.NotNull(options.Wire);
        Assert.True(options.WireSecrets);
    }

    [Theory]
    [InlineData("@/etc/passwd")]
    [InlineData("module:make({'a': 1}, \"b c\")")]
    public void An_application_is_taken_as_it_is_written(string application) =>
        Assert.Equal(application, Invocation.Of(application).Options.Application);

    [Fact]
    public void Settings_accepted_without_effect_are_named_at_debug_level()
    {
        var environment = new Dictionary<string, string> { ["GUNICORN_CMD_ARGS"] = "--threads 9" };
        Invocation run = Invocation.With(
            environment, null, "app:app", "--log-level", "DEBUG", "-k", "gthread", "--worker-tmp-dir", "/dev/shm");
        Assert.Equal(16, run.Options.Threads);
        foreach (string name in (string[])["--worker-class gthread", "--worker-tmp-dir", "GUNICORN_CMD_ARGS"])
        {
            Assert.Contains("[DEBUG] " + name, run.Error, StringComparison.Ordinal);
        }
        Assert.Equal("", Invocation.With(environment, null, "app:app", "-k", "gthread").Error);
    }
}
