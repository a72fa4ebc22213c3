using System.CommandLine;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options against who opens connections, or asks, too often.</summary>
internal sealed class ClientLimitOptions
{
    private static readonly WsgiServerOptions s_default = new();

    internal Option<string[]> WorkerConnections { get; } =
        Create(
            "N", Default("Connections of one worker, 0 for as many as there are file descriptors for; beyond it idle ones are closed "
            + "for new ones", s_default.WorkerConnections), "--worker-connections");

    internal Option<string[]> ClientConnections { get; } =
        Create(
            "N", Default("Connections of one client address to one worker, 0 for any number (503)", s_default.LimitClientConnections),
            "--limit-client-connections");

    internal Option<string[]> RequestRate { get; } =
        Create("RATE", "Requests of one client address to all workers: N or N/s a second, N/m a minute, 0 for any number (429) [0]", "--limit-request-rate");

    internal Option<string[]> RequestBurst { get; } =
        Create("N", "How many of those may come at once [as many as in 10 seconds, at least 1]", "--limit-request-burst");

    internal Option<string[]> KeepAliveRequests { get; } =
        Create("N", Default("Requests of one connection, 0 for any number", s_default.KeepAliveRequests), "--keep-alive-requests");

    internal IEnumerable<Option> All => [WorkerConnections, ClientConnections, RequestRate, RequestBurst, KeepAliveRequests];
}
