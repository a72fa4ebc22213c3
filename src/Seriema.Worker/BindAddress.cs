using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>One address of <c>--bind</c>, written as gunicorn writes it: read without asking the network, then listened on.</summary>
internal sealed class BindAddress
{
    private const int DefaultPort = 8000;
    private const int MaxHostName = 255; // RFC 1035 §2.3.4; .NET throws for a longer one
    private const int MaxSocketPath = 107; // sun_path has 108 bytes, the last one NUL
    private const string TcpScheme = "tcp://"; // gunicorn's long form
    private const string UnixScheme = "unix:";
    private const string DescriptorScheme = "fd://";

    private readonly string? _socket; // a path from the root, or @name
    private readonly int _descriptor = -1;

    private BindAddress(string text, string host, ushort port) => (Text, Host, Port) = (text, host, port);

    private BindAddress(string text, string socket) => (Text, _socket) = (text, socket);

    private BindAddress(string text, int descriptor) => (Text, _descriptor) = (text, descriptor);

    /// <summary>As it was given.</summary>
    internal string Text { get; }

    /// <summary>A name or a number, as it was given; empty for every IPv4 address, and for what is no TCP address.</summary>
    internal string Host { get; } = "";

    internal ushort Port { get; }

    /// <summary>The socket file that <see cref="Listen"/> made; null when there is none.</summary>
    internal SocketFile? File { get; private set; }

    /// <exception cref="SettingsException">The text is no address.</exception>
    internal static BindAddress Parse(string text)
    {
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal)) return Unix(text);
        if (text.StartsWith(DescriptorScheme, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> number = text.AsSpan(DescriptorScheme.Length);
            return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) && descriptor > 2
                ? new BindAddress(text, descriptor)
                : throw Bad(text, "expected the number of an inherited descriptor, from 3");
        }
        (string host, string port) = Split(text.StartsWith(TcpScheme, StringComparison.Ordinal) ? text[TcpScheme.Length..] : text, text);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value))
        {
            throw Bad(text, "the port is not a number from 0 to 65535");
        }
        if (host.Length > MaxHostName) throw Bad(text, $"a host name has at most {MaxHostName} characters");
        return new BindAddress(text, host, value);
    }

    /// <summary>Binds and listens, or takes the inherited descriptor.</summary>
    /// <param name="mode">The permissions of a unix socket's file; null leaves them to the umask.</param>
    /// <exception cref="ListenException">The kernel says no.</exception>
    /// <exception cref="SettingsException">The host's name has no address.</exception>
    internal ListenSocket Listen(int backlog, int? mode = null)
    {
        try
        {
            if (_descriptor >= 0) return Inherit(_descriptor, Text);
            if (_socket is null) return ListenSocket.Listen(new IPEndPoint(Resolve(Host, Text), Port), backlog);
            bool isFile = !_socket.StartsWith('@');
            if (isFile && !SocketFile.TryClear(_socket, out string problem)) throw new ListenException(Text, problem);
            ListenSocket listener = ListenSocket.ListenUnix(_socket, backlog, mode);
            File = isFile ? SocketFile.At(_socket) : null;
            return listener;
        }
        catch (SocketException e)
        {
            throw new ListenException(Text, e.Message, e);
        }
        catch (LinuxException e)
        {
            throw new ListenException(Text, e.Message, e);
        }
    }

    /// <summary>Takes over a descriptor that listens already.</summary>
    /// <param name="text">What to call it when it cannot be used.</param>
    /// <exception cref="ListenException">It is not open, or no listening socket.</exception>
    internal static ListenSocket Inherit(int descriptor, string text)
    {
        // Asked first: what is taken over is closed at the end, and may be a stranger's pipe.
        int listens = Libc.IsListening(descriptor);
        if (listens < 0) throw new ListenException(text, new LinuxException("getsockopt", -listens).Message);
        if (listens == 0) throw new ListenException(text, "the socket does not listen");
        try
        {
            return ListenSocket.Inherit(descriptor);
        }
        catch (SocketException e)
        {
            throw new ListenException(text, e.Message, e);
        }
    }

    private static BindAddress Unix(string text)
    {
        string path = text[UnixScheme.Length..];
        if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..]; // unix:///run/app.sock, as gunicorn takes it too
        if (path is "" or "@") throw Bad(text, "the socket has no name");
        if (path.Contains('\0', StringComparison.Ordinal)) throw Bad(text, "a path has no NUL");
        // From the root: the application may change the folder before the file is removed.
        string name = path[0] == '@' ? path : Path.GetFullPath(path);
        int length = Encoding.UTF8.GetByteCount(name);
        return length <= MaxSocketPath
            ? new BindAddress(text, name)
            : throw Bad(text, $"{name} has {length} bytes, and the path of a unix socket at most {MaxSocketPath}");
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

    /// <exception cref="SettingsException">The name has no address.</exception>
    internal static IPAddress Resolve(string host, string text)
    {
        if (host.Length == 0) return IPAddress.Any; // ":8000" is every IPv4 address, as in gunicorn
        if (IPAddress.TryParse(host, out IPAddress? address)) return address;
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
