using System.Net;
using System.Runtime.CompilerServices;
using Seriema;

namespace Microbench;

/// <summary>The one server of this process, with the application of bench/load, started when it is first asked for.</summary>
/// <remarks>Its Python is also the one of the benchmarks that need an interpreter and no server: a process has one.</remarks>
internal static class HelloServer
{
    internal const string Application = "hello:app";

    private static readonly Lazy<WsgiServer> s_server = new(Start);

    internal static IPEndPoint Address => (IPEndPoint)s_server.Value.Addresses[0];

    /// <summary>Python runs, and has imported the application, when this returns.</summary>
    internal static void EnsureStarted() => _ = s_server.Value;

    internal static async Task StopAsync()
    {
        if (s_server.IsValueCreated) await s_server.Value.DisposeAsync().ConfigureAwait(false);
    }

    private static WsgiServer Start()
    {
        WsgiServer server = new(new WsgiServerOptions
        {
            Application = Application,
            PythonPath = [Path.GetFullPath(Path.Combine(SourceFolder(), "../load/apps"))],
            Bind = ["127.0.0.1:0"],
            Python = Environment.GetEnvironmentVariable("SERIEMA_BENCH_PYTHON"), // bench/micro passes what setup chose
        });
        server.Start();
        Console.WriteLine($"// Python {server.PythonVersion}");
        return server;
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
