using System.Globalization;
using System.Text;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>Who is at the other end of a connection: who connected, or whom a PROXY header names in that one's place.</summary>
/// <param name="Address">As REMOTE_ADDR shows it; empty for a unix socket, and for a client that is not to be known.</param>
/// <param name="Port">As REMOTE_PORT; empty with the address.</param>
/// <param name="IsProxy">Whether what its requests say of others is believed.</param>
/// <param name="IsTls">Whether the proxy took the connection over TLS.</param>
internal sealed record RemotePeer(byte[] Address, byte[] Port, bool IsProxy, bool IsTls)
{
    /// <summary>As whom it is counted where limits are each client's own; null for whom nobody can tell, and for this process itself.</summary>
    internal IpAddress? Client { get; init; }

    /// <summary>Whether it is in the count of its client's connections.</summary>
    internal bool IsCounted { get; init; }

    internal static RemotePeer Of(ReadOnlySpan<byte> socketAddress, AddressList proxies)
    {
        PeerAddress.Format(socketAddress, out byte[] address, out byte[] port);
        return new RemotePeer(address, port, proxies.HasPeer(address), IsTls: false) { Client = ClientOf(address) };
    }

    /// <summary>Whom the header names; this peer itself when it speaks for itself.</summary>
    /// <remarks>
    /// That one's fields are as good as its address: a proxy that passes on bytes passes on what the client wrote into
    /// them. Only one that is named by its address counts as a proxy then, for "*" is whoever connects, and that one has.
    /// </remarks>
    internal RemotePeer Replaced(ProxyHeader header, AddressList proxies)
    {
        if (header.IsLocal) return this;
        if (!header.HasAddress) return new RemotePeer([], [], IsProxy: false, header.IsTls);
        Span<byte> text = stackalloc byte[IpAddress.MaxText];
        byte[] address = text[..header.Address.Format(text)].ToArray();
        byte[] port = Encoding.ASCII.GetBytes(header.Port.ToString(CultureInfo.InvariantCulture));
        return new RemotePeer(address, port, proxies.Has(header.Address), header.IsTls) { Client = header.Address.Client };
    }

    private static IpAddress? ClientOf(ReadOnlySpan<byte> address)
    {
        int zone = address.IndexOf((byte)'%'); // fe80::1%2
        return IpAddress.TryParse(zone < 0 ? address : address[..zone], out IpAddress parsed) ? parsed.Client : null;
    }
}
