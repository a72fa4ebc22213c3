using System.Runtime.InteropServices;
using System.Text;

namespace Seriema.Transport.Interop;

/// <summary>sys/socket.h</summary>
internal static partial class Libc
{
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_SEQPACKET = 5;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int MSG_NOSIGNAL = 0x4000; // EPIPE as an answer, never SIGPIPE
    internal const int MSG_MORE = 0x8000;
    internal const int SHUT_WR = 1;
    internal const int SOL_SOCKET = 1;
    internal const int SO_LINGER = 13;

    // int accept4(int sockfd, struct sockaddr *addr, socklen_t *addrlen, int flags)
    [LibraryImport(Lib)]
    private static unsafe partial int accept4(int fd, byte* address, uint* length, int flags);

    // ssize_t recv(int sockfd, void *buf, size_t len, int flags)
    [LibraryImport(Lib)]
    private static unsafe partial nint recv(int fd, byte* buffer, nuint length, int flags);

    // ssize_t send(int sockfd, const void *buf, size_t len, int flags)
    [LibraryImport(Lib)]
    private static unsafe partial nint send(int fd, byte* buffer, nuint length, int flags);

    // int shutdown(int sockfd, int how)
    [LibraryImport(Lib)]
    private static partial int shutdown(int fd, int how);

    // int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)
    [LibraryImport(Lib)]
    private static unsafe partial int setsockopt(int fd, int level, int name, void* value, uint length);

    // int socket(int domain, int type, int protocol)
    [LibraryImport(Lib)]
    private static partial int socket(int domain, int type, int protocol);

    // int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)
    [LibraryImport(Lib)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    // int listen(int sockfd, int backlog)
    [LibraryImport(Lib)]
    private static partial int listen(int fd, int backlog);

    // int socketpair(int domain, int type, int protocol, int sv[2])
    [LibraryImport(Lib)]
    private static unsafe partial int socketpair(int domain, int type, int protocol, int* fds);

    internal static int Listen(int fd, int backlog) => Result(listen(fd, backlog));

    /// <summary>A unix stream socket bound to a path, or to an abstract name that begins with NUL; its descriptor, or <c>-errno</c>.</summary>
    /// <param name="mode">The file's permissions; null leaves them to the umask.</param>
    /// <param name="call">The call that failed.</param>
    internal static unsafe int CreateUnixSocket(string path, int? mode, out string call)
    {
        const int pathOffset = 2, pathSize = 108; // struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; }
        byte* address = stackalloc byte[pathOffset + pathSize]; // zeroed
        call = "bind";
        int length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 || length >= pathSize) return -Errno.ENAMETOOLONG;
        *(ushort*)address = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + pathOffset, pathSize));
        // The length tells an abstract name's end; a path ends with its NUL.
        uint size = (uint)(pathOffset + length + (path[0] == '\0' ? 0 : 1));
        int fd = Result(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (fd < 0)
        {
            call = "socket";
            return fd;
        }
        // Not chmod after it: that follows a link, which whoever may write to the folder can put there meanwhile.
        int mask = mode is int bits ? Umask(~bits & 0x1FF) : 0;
        int result = Result(bind(fd, address, size));
        if (mode is not null) _ = Umask(mask);
        if (result >= 0) return fd;
        _ = Close(fd);
        return result;
    }

    /// <summary>Two connected unix sockets, non-blocking and close-on-exec; 0, or <c>-errno</c>.</summary>
    /// <param name="keepsMessages">Each send is received as one message, or as a stream of bytes.</param>
    internal static unsafe int SocketPair(bool keepsMessages, out int first, out int second)
    {
        int* fds = stackalloc int[2];
        int type = (keepsMessages ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
        int result = Result(socketpair(AF_UNIX, type, 0, fds));
        (first, second) = (fds[0], fds[1]);
        return result;
    }

    // int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)
    [LibraryImport(Lib)]
    private static unsafe partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    /// <summary>1 when the descriptor listens, 0 when it is another socket, or <c>-errno</c>.</summary>
    internal static unsafe int IsListening(int fd)
    {
        const int acceptConn = 30; // SO_ACCEPTCONN
        int value = 0;
        uint size = sizeof(int);
        int result = Result(getsockopt(fd, SOL_SOCKET, acceptConn, &value, &size));
        return result < 0 ? result : value;
    }

    /// <summary>Accepts one connection, non-blocking and close-on-exec; its descriptor, or <c>-errno</c>.</summary>
    internal static unsafe int Accept(int fd, Span<byte> address, out int addressLength)
    {
        fixed (byte* a = address)
        {
            uint length = (uint)address.Length;
            int result = Result(accept4(fd, a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
            addressLength = (int)Math.Min(length, (uint)address.Length);
            return result;
        }
    }

    /// <summary>Bytes received, 0 at the peer's end of file, or <c>-errno</c>.</summary>
    internal static unsafe int Receive(int fd, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result((int)recv(fd, b, (nuint)buffer.Length, 0));
        }
    }

    /// <summary>Bytes sent, or <c>-errno</c>.</summary>
    /// <param name="more">More follows at once, so the kernel may wait to fill a segment.</param>
    internal static unsafe int Send(int fd, ReadOnlySpan<byte> buffer, bool more = false)
    {
        fixed (byte* b = buffer)
        {
            return Result((int)send(fd, b, (nuint)buffer.Length, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL));
        }
    }

    internal static int ShutdownWrite(int fd) => Result(shutdown(fd, SHUT_WR));

    // int ioctl(int fd, unsigned long op, int *value)
    [LibraryImport(Lib)]
    private static unsafe partial int ioctl(int fd, nuint op, int* value);

    /// <summary>Bytes sent that the peer's kernel does not have yet, or <c>-errno</c>.</summary>
    internal static unsafe int Unsent(int fd)
    {
        const nuint outQueue = 0x5411; // SIOCOUTQ
        int value = 0;
        int result = Result(ioctl(fd, outQueue, &value));
        return result < 0 ? result : value;
    }

    /// <summary>Makes the next close send RST, so that the peer cannot take a broken response for a whole one.</summary>
    internal static unsafe int ResetOnClose(int fd)
    {
        int* linger = stackalloc int[2] { 1, 0 }; // struct linger { l_onoff, l_linger }
        return Result(setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, 2 * sizeof(int)));
    }
}
