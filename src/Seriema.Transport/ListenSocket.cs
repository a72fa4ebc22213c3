using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Transport;

/// <summary>One listening TCP socket. Owns it; <see cref="Dispose"/> closes it.</summary>
/// <remarks>Made at start and used by the loop thread; the .NET socket does the addresses, the loop accepts from its descriptor.</remarks>
internal sealed class ListenSocket : IDisposable
{
    private const int SolSocket = 1;
    private const int SoReuseAddr = 2;

    private readonly Socket _socket;

    private ListenSocket(Socket socket)
    {
        _socket = socket;
        Fd = (int)socket.Handle;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        ServerName = Encoding.ASCII.GetBytes(EndPoint.Address.ToString());
        ServerPort = Encoding.ASCII.GetBytes(EndPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    internal int Fd { get; }

    /// <summary>The address with its real port.</summary>
    internal IPEndPoint EndPoint { get; }

    /// <summary>SERVER_NAME and SERVER_PORT, ASCII.</summary>
    internal byte[] ServerName { get; }

    internal byte[] ServerPort { get; }

    /// <exception cref="SocketException">The address is in use, not ours, or not allowed.</exception>
    internal static ListenSocket Listen(IPEndPoint endPoint, int backlog)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // [::] and 0.0.0.0 on the same port are two sockets, as nginx and gunicorn have it.
                socket.DualMode = false;
            }
            // A port whose old connections are still in TIME_WAIT can be taken again; accepted sockets inherit
            // TCP_NODELAY from this one, so it costs no system call a connection.
            // Raw, because .NET's ReuseAddress sets SO_REUSEPORT too, with which a port in use would not be noticed.
            socket.SetRawSocketOption(SolSocket, SoReuseAddr, [1, 0, 0, 0]);
            socket.NoDelay = true;
            socket.Blocking = false;
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return new ListenSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();
}
