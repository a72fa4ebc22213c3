using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Seriema.Server.Tests;

/// <summary>The one server of the test process, started with tests/apps/bare.py on two free ports.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    internal static string Apps { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "../apps"));

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("seriema-");

    public ServerFixture()
    {
        // One is kept in memory, the other kept open.
        File.WriteAllText(Path.Combine(_files.FullName, "small.txt"), "Hello, World!");
        File.WriteAllText(Path.Combine(_files.FullName, "open.txt"), new string('.', 20) + "Hello, World!");
        Server = new(new WsgiServerOptions
        {
            Application = "bare:app",
            PythonPath = [Apps],
            Bind = ["127.0.0.1:0", "127.0.0.2:0"],
            Python = FromSetup(),
            Static = [new UrlFolder("/files", _files.FullName)],
            StaticFileMemory = 20,
            // So high that no test meets them, but they are looked at.
            LimitRequestRate = 1_000_000,
            LimitRequestBurst = 100_000,
            KeepAliveRequests = int.MaxValue,
        });
    }

    internal WsgiServer Server { get; }

    /// <summary>What a start on a port in use threw, before the real one.</summary>
    internal Exception? FailedStart { get; private set; }

    public Task InitializeAsync()
    {
        Assert.Empty(Server.Addresses);
        Assert.Empty(Server.PythonVersion);
        FailedStart = StartOnTakenPort();
        Server.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _files.Delete(recursive: true);
    }

    private static Exception? StartOnTakenPort()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        WsgiServer refused = new(new WsgiServerOptions
        {
            Application = "bare:app",
            PythonPath = [Apps],
            Bind = [taken.LocalEndpoint.ToString()!],
            Python = FromSetup(),
        });
        return Record.Exception(refused.Start);
    }

    /// <summary>The interpreter that <c>./test</c> prepared; null, for the usual places, without it.</summary>
    private static string? FromSetup()
    {
        string file = Path.GetFullPath(Path.Combine(Apps, "../../.seriema/python"));
        return File.Exists(file) ? File.ReadLines(file).First().Trim() : null;
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
