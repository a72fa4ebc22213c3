using System.CommandLine;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options on clients that send or read slowly.</summary>
internal sealed class SlowClientOptions
{
    private static readonly WsgiServerOptions s_default = new();

    internal Option<string[]> MinBodyRate { get; } =
        Create("SIZE", Default("Bytes a second that a client must send of a body at least, on average over --progress-timeout, "
        + "0 for any (408)", s_default.MinBodyRate), "--min-body-rate");

    internal Option<string[]> MinResponseRate { get; } =
        Create("SIZE", Default("Bytes a second that a client must take of a response at least, on average over --progress-timeout, "
        + "0 for any", s_default.MinResponseRate), "--min-response-rate");

    internal IEnumerable<Option> All => [MinBodyRate, MinResponseRate];
}
