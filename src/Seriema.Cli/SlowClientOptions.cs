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

    internal Option<string[]> BufferMemory { get; } =
        Create("SIZE", Default("What bodies and responses may take in memory, all together; beyond it they use files", s_default.BufferMemory),
        "--buffer-memory");

    internal Option<string[]> TempDir { get; } =
        Create("FOLDER", "For the files of large bodies and of responses that clients take slowly [$TMPDIR, /var/tmp, /tmp]", "--temp-dir");

    internal Option<string[]> LimitTempFiles { get; } =
        Create("SIZE", Default("How large those may be together, 0 for none of them (503)", s_default.LimitTempFiles), "--limit-temp-files");

    internal IEnumerable<Option> All => [MinBodyRate, MinResponseRate, BufferMemory, TempDir, LimitTempFiles];
}
