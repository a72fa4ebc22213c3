using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Which proxies stand in front of the server, and what they say. Immutable; any thread.</summary>
/// <param name="Forwarding">Whose fields are believed, and which.</param>
/// <param name="NeedsHeader">Whether each connection begins with a PROXY header.</param>
/// <param name="HeaderSenders">Who may send one; others are not served then.</param>
internal sealed record ProxySettings(ForwardedPolicy Forwarding, bool NeedsHeader, AddressList HeaderSenders)
{
    /// <exception cref="SettingsException">Names the first option that is wrong.</exception>
    internal static ProxySettings Of(WsgiServerOptions options)
    {
        AddressList proxies = Addresses("--forwarded-allow-ips", options.ForwardedAllowIps);
        string? problem = ForwardedPolicy.ParseFields(options.ForwardedHeaders, out ForwardedFields fields);
        if (problem is not null) throw Bad("--forwarded-headers", options.ForwardedHeaders, problem);
        AddressList senders = Addresses("--proxy-allow-ips", options.ProxyAllowIps);
        return new ProxySettings(new ForwardedPolicy(proxies, fields), options.ProxyProtocol, senders);
    }

    private static AddressList Addresses(string option, IReadOnlyList<string> texts) =>
        AddressList.Parse(texts, out AddressList list) is { } problem ? throw Bad(option, texts, problem) : list;

    private static SettingsException Bad(string option, IReadOnlyList<string> values, string problem) =>
        new(option, string.Join(',', values), problem);
}
