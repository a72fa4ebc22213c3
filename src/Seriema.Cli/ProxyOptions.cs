using System.CommandLine;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The options on who stands in front of the server.</summary>
internal sealed class ProxyOptions
{
    private static readonly WsgiServerOptions s_default = new();

    internal Option<string[]> ForwardedAllowIps { get; } =
        Create("ADDRESSES", "Proxies whose word on the client counts: addresses and networks (10.0.0.0/8) separated by commas, "
        + $"unix, * for whoever connects, or none [$FORWARDED_ALLOW_IPS, else {string.Join(',', s_default.ForwardedAllowIps)}]",
        "--forwarded-allow-ips");

    internal Option<string[]> ForwardedHeaders { get; } =
        Create("FIELDS", "The fields that those set: forwarded, or of x-forwarded-for, -proto, -host, -port and -prefix; or none "
        + $"[{string.Join(',', s_default.ForwardedHeaders)}]", "--forwarded-headers");

    internal Option<bool> ProxyProtocol { get; } =
        Flag("Every connection begins with a PROXY header, version 1 or 2", "--proxy-protocol");

    internal Option<string[]> ProxyAllowIps { get; } =
        Create("ADDRESSES", $"Who may send that header [{string.Join(',', s_default.ProxyAllowIps)}]",
        "--proxy-allow-ips", "--proxy-allow-from"); // the second is gunicorn's

    internal IEnumerable<Option> All => [ForwardedAllowIps, ForwardedHeaders, ProxyProtocol, ProxyAllowIps];

    /// <summary>gunicorn's rule: the variable stands in for the option.</summary>
    internal IReadOnlyList<string> Allowed(ParseResult parsed, Func<string, string?> environment) =>
        List(parsed.Last(ForwardedAllowIps) ?? environment("FORWARDED_ALLOW_IPS")) ?? s_default.ForwardedAllowIps;

    internal IReadOnlyList<string> Fields(ParseResult parsed) =>
        List(parsed.Last(ForwardedHeaders)) ?? s_default.ForwardedHeaders;

    internal IReadOnlyList<string> Senders(ParseResult parsed) =>
        List(parsed.Last(ProxyAllowIps)) ?? s_default.ProxyAllowIps;

    // Nobody, or no field, is a word on the command line, where an empty text looks like a mistake.
    private static string[]? List(string? text) => text == "none" ? [] :
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
