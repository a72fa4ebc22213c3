using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>sys/socket.h</summary>
internal static partial class Libc
{
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

    /// <summary>Makes the next close send RST, so that the peer cannot take a broken response for a whole one.</summary>
    internal static unsafe int ResetOnClose(int fd)
    {
        int* linger = stackalloc int[2] { 1, 0 }; // struct linger { l_onoff, l_linger }
        return Result(setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, 2 * sizeof(int)));
    }
}
