using System.Runtime.CompilerServices;
using Seriema.Worker.Tests;
using Seriema.Worker.Tests.Crews;

namespace Seriema.Deadline.Tests;

/// <summary>The one server of the test process: tests/apps/deadlines.py under a short deadline.</summary>
public sealed class OverdueServer : IAsyncLifetime
{
    // Long enough that a quick request meets it on no machine.
    internal const string Timeout = "1.5";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly string s_apps = Path.GetFullPath(Path.Combine(SourceFolder(), "../apps"));

    public OverdueServer()
    {
        Server = new WsgiServer(new WsgiServerOptions
        {
            Application = "deadlines",
            PythonPath = [s_apps],
            Bind = ["127.0.0.1:0"],
            Python = FromSetup(),
            Threads = 4,
            Timeout = TimeSpan.FromSeconds(1.5),
            TimeoutGrace = TimeSpan.FromSeconds(1),
            LoggerFactory = Log,
        });
    }

    internal WsgiServer Server { get; }

    internal LogRecorder Log { get; } = new();

    public Task InitializeAsync()
    {
        Server.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    internal Client Connect() => new((System.Net.IPEndPoint)Server.Addresses[0]);

    internal string Ask(string path)
    {
        using Client client = Connect();
        return client.Ask(path);
    }

    /// <summary>Waits for a line of the log that contains the text, and returns it.</summary>
    internal string AwaitLog(string text)
    {
        string? found = null;
        Await(() => (found = Log.Lines.Select(line => line.Text).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is not null, text);
        return found!;
    }

    internal static void Await(Func<bool> happened, string what) =>
        Assert.True(SpinWait.SpinUntil(happened, s_patience), $"It never came: {what}.");

    /// <summary>The interpreter that <c>./test</c> prepared; null, for the usual places, without it.</summary>
    private static string? FromSetup()
    {
        string file = Path.GetFullPath(Path.Combine(s_apps, "../../.seriema/python"));
        return File.Exists(file) ? File.ReadLines(file).First().Trim() : null;
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
