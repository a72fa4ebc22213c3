using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>One listening socket, TCP or unix. Owns it; <see cref="Dispose"/> closes it.</summary>
/// <remarks>
/// Made at start and used by the loop thread; the .NET socket does the addresses, the loop accepts from its descriptor.
/// The file of a unix socket is not its own: who chose the path removes it.
/// </remarks>
internal sealed class ListenSocket : IDisposable
{
    private const int SolSocket = 1;
    private const int SoReuseAddr = 2;
    private const int ProtocolTcp = 6;
    private const int TcpNotSentLowAt = 25;

    // Bytes of a connection that the kernel takes beyond those that are on their way.
    private const int MaxNotSent = 128 << 10;

    private readonly Socket _socket;

    private ListenSocket(Socket socket)
    {
        _socket = socket;
        Fd = (int)socket.Handle;
        EndPoint = socket.LocalEndPoint ?? throw new SocketException((int)SocketError.InvalidArgument);
        if (EndPoint is IPEndPoint ip)
        {
            Url = $"http://{ip}";
            ServerName = Encoding.ASCII.GetBytes(ip.Address.ToString());
            ServerPort = Encoding.ASCII.GetBytes(ip.Port.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            Url = "unix:" + EndPoint; // .NET writes an abstract name with @ in front, as it is taken
            // PEP 3333: neither may be empty, and a path is no host. The Host field says what the client meant.
            ServerName = "localhost"u8.ToArray();
            ServerPort = "80"u8.ToArray();
        }
    }

    internal int Fd { get; }

    /// <summary>The address with its real port.</summary>
    internal EndPoint EndPoint { get; }

    /// <summary>The address for people: <c>http://127.0.0.1:8000</c>, <c>unix:/run/app.sock</c>.</summary>
    internal string Url { get; }

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
            // A port whose old connections are still in TIME_WAIT can be taken again.
            // Raw, because .NET's ReuseAddress sets SO_REUSEPORT too, with which a port in use would not be noticed.
            socket.SetRawSocketOption(SolSocket, SoReuseAddr, [1, 0, 0, 0]);
            SetForConnections(socket);
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

    /// <summary>Listens on a unix socket, whose file must not be there yet.</summary>
    /// <param name="path">A path, or <c>@name</c> for Linux's abstract names, which are no files.</param>
    /// <param name="mode">The file's permissions; null leaves them to the umask.</param>
    /// <exception cref="LinuxException">The path is taken, too long (more than 107 bytes), or cannot be made.</exception>
    internal static ListenSocket ListenUnix(string path, int backlog, int? mode = null)
    {
        // Not .NET's own bind: a socket that made the file removes it when it is disposed, also when a successor of this
        // process goes on listening there.
        int fd = Libc.CreateUnixSocket(path.StartsWith('@') ? '\0' + path[1..] : path, mode, out string call);
        if (fd < 0) throw new LinuxException(call, -fd);
        ListenSocket listener = Inherit(fd);
        try
        {
            int result = Libc.Listen(fd, backlog);
            return result >= 0 ? listener : throw new LinuxException("listen", -result);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a descriptor that listens already; it becomes non-blocking and close-on-exec.</summary>
    /// <exception cref="SocketException">It is no socket, or one of a family that is not served.</exception>
    internal static ListenSocket Inherit(int fd)
    {
        _ = Libc.SetCloseOnExec(fd);
        _ = Libc.SetNonBlocking(fd);
        Socket socket = new(new SafeSocketHandle(fd, ownsHandle: true));
        try
        {
            if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6) SetForConnections(socket);
            return new ListenSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>What accepted sockets inherit, so that it costs no system call a connection.</summary>
    private static void SetForConnections(Socket socket)
    {
        socket.NoDelay = true;
        // What a slow client leaves would fill a buffer of the kernel's that grows to megabytes for each of them.
        socket.SetRawSocketOption(ProtocolTcp, TcpNotSentLowAt, BitConverter.GetBytes(MaxNotSent));
    }
}
