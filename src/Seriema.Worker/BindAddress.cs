using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>Reads <c>--bind</c> as gunicorn does, and listens there.</summary>
internal static class BindAddress
{
    private const int DefaultPort = 8000;
    private const int MaxHostName = 255; // RFC 1035 §2.3.4; .NET throws for a longer one
    private const string Scheme = "tcp://"; // gunicorn's long form

    /// <exception cref="SettingsException">The text is no address, or its name has none.</exception>
    internal static IPEndPoint Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal) || text.StartsWith("fd://", StringComparison.Ordinal))
        {
            throw Bad(text, "unix sockets and inherited descriptors are not supported yet");
        }
        (string host, string port) = Split(text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text, text);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            throw Bad(text, "the port is not a number from 0 to 65535");
        }
        return new IPEndPoint(Resolve(host, text), number);
    }

    /// <exception cref="ListenException">The kernel says no.</exception>
    internal static ListenSocket Listen(IPEndPoint endPoint, int backlog, string text)
    {
        try
        {
            return ListenSocket.Listen(endPoint, backlog);
        }
        catch (SocketException e)
        {
            throw new ListenException(text, e.Message, e);
        }
    }

    private static (string Host, string Port) Split(string address, string text)
    {
        string defaultPort = DefaultPort.ToString(CultureInfo.InvariantCulture);
        if (address.StartsWith('['))
        {
            int end = address.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) throw Bad(text, "the bracket is not closed");
            string rest = address[(end + 1)..];
            if (rest.Length > 0 && rest[0] != ':') throw Bad(text, "expected [IPv6]:PORT");
            return (address[1..end], rest.Length > 0 ? rest[1..] : defaultPort);
        }
        int colon = address.LastIndexOf(':');
        if (colon < 0) return (address, defaultPort);
        if (address.IndexOf(':', StringComparison.Ordinal) != colon) throw Bad(text, "an IPv6 address goes in brackets: [::1]:8000");
        return (address[..colon], address[(colon + 1)..]);
    }

    private static IPAddress Resolve(string host, string text)
    {
        if (host.Length == 0) return IPAddress.Any; // ":8000" is every IPv4 address, as in gunicorn
        if (IPAddress.TryParse(host, out IPAddress? address)) return address;
        if (host.Length > MaxHostName) throw Bad(text, $"a host name has at most {MaxHostName} characters");
        try
        {
            IPAddress[] found = Dns.GetHostAddresses(host);
            // "localhost" is both 127.0.0.1 and ::1; one name binds one socket, IPv4 first.
            return Array.Find(found, a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (SocketException e)
        {
            throw Bad(text, $"the host has no address ({e.Message})");
        }
    }

    private static SettingsException Bad(string text, string problem) => new("--bind", text, problem);
}
