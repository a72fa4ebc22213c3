using System.Globalization;
using System.Text;

namespace Seriema.Protocol;

/// <summary>Whom an operator trusts: addresses, networks, unix sockets, or whoever connects. Immutable; any thread.</summary>
internal sealed class AddressList
{
    private readonly (UInt128 Network, UInt128 Mask)[] _networks;
    private readonly bool _hasAny;
    private readonly bool _hasUnix;

    private AddressList(List<(UInt128 Network, UInt128 Mask)> networks, bool hasAny, bool hasUnix) =>
        (_networks, _hasAny, _hasUnix) = ([.. networks], hasAny, hasUnix);

    internal static AddressList Empty { get; } = new([], hasAny: false, hasUnix: false);

    /// <summary>Reads addresses, networks as <c>10.0.0.0/8</c>, <c>unix</c> and <c>*</c>.</summary>
    /// <returns>Null, or what is wrong with the first bad one.</returns>
    internal static string? Parse(IEnumerable<string> texts, out AddressList list)
    {
        list = Empty;
        List<(UInt128 Network, UInt128 Mask)> networks = [];
        bool hasAny = false;
        bool hasUnix = false;
        foreach (string text in texts)
        {
            switch (text)
            {
                case "*": hasAny = true; break;
                case "unix": hasUnix = true; break;
                default:
                    string? problem = ParseNetwork(text, out (UInt128 Network, UInt128 Mask) network);
                    if (problem is not null) return $"'{text}' {problem}";
                    networks.Add(network);
                    break;
            }
        }
        list = new AddressList(networks, hasAny, hasUnix);
        return null;
    }

    /// <summary>Whether who has connected is trusted.</summary>
    /// <param name="address">The peer's address as text; empty for a unix socket.</param>
    internal bool HasPeer(ReadOnlySpan<byte> address)
    {
        if (_hasAny) return true;
        if (address.IsEmpty) return _hasUnix;
        if (_networks.Length == 0) return false;
        int zone = address.IndexOf((byte)'%'); // fe80::1%2: the interface is no part of the address
        return IpAddress.TryParse(zone < 0 ? address : address[..zone], out IpAddress parsed) && Has(parsed);
    }

    /// <summary>Whether the address is named, by itself or by its network.</summary>
    /// <remarks>
    /// Not by <c>*</c>: that trusts the peer, whoever it is. If it trusted the addresses that a field tells of, all would
    /// be proxies, and the client would be the one that the client itself put in front.
    /// </remarks>
    internal bool Has(IpAddress address)
    {
        foreach ((UInt128 network, UInt128 mask) in _networks)
        {
            if ((address.Value & mask) == network) return true;
        }
        return false;
    }

    private static string? ParseNetwork(string text, out (UInt128 Network, UInt128 Mask) network)
    {
        network = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IpAddress.TryParse(Encoding.UTF8.GetBytes(slash < 0 ? text : text[..slash]), out IpAddress address))
        {
            return "is no address, no network such as 10.0.0.0/8, and neither 'unix' nor '*'";
        }
        int bits = address.IsIpv4 && !text.Contains(':', StringComparison.Ordinal) ? 32 : 128;
        int prefix = bits;
        if (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
        {
            return "has no number of bits behind the slash";
        }
        if (prefix > bits) return string.Create(CultureInfo.InvariantCulture, $"has more than {bits} bits");
        if (prefix == 0) return "is every address: write '*' for whoever connects"; // and see Has
        UInt128 mask = UInt128.MaxValue << (bits - prefix);
        // A host's address before the slash may be a network with a bit forgotten, or the host with a slash too much.
        if ((address.Value & mask) != address.Value) return "has bits of a host behind its network's";
        network = (address.Value, mask);
        return null;
    }
}
