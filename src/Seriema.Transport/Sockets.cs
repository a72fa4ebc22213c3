using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>The system calls on connections and listeners, in one place so that a test can script the kernel's answers.</summary>
/// <remarks>Any thread. Counts, descriptors, or <c>-errno</c>; nothing throws.</remarks>
internal class Sockets
{
    internal virtual int Accept(int listener, Span<byte> address, out int addressLength) =>
        Libc.Accept(listener, address, out addressLength);

    /// <summary>Bytes received, 0 at the peer's end of file, or <c>-errno</c>.</summary>
    internal virtual int Receive(int fd, Span<byte> buffer) => Libc.Receive(fd, buffer);

    /// <summary>Bytes sent, or <c>-errno</c>.</summary>
    /// <param name="more">More follows at once, so the kernel may wait to fill a segment.</param>
    internal virtual int Send(int fd, ReadOnlySpan<byte> buffer, bool more) => Libc.Send(fd, buffer, more);

    /// <summary>Bytes sent, 0 at the file's end, or <c>-errno</c>; moves <paramref name="offset"/> on.</summary>
    internal virtual int SendFile(int fd, int file, ref long offset, long count) => Libc.SendFile(fd, file, ref offset, count);

    /// <summary>Bytes that the peer has not taken from the kernel yet, or <c>-errno</c>.</summary>
    internal virtual int Unsent(int fd) => Libc.Unsent(fd);

    /// <summary>Waits until there is something to read; 0 on timeout, or <c>-errno</c>.</summary>
    /// <param name="timeout">Milliseconds.</param>
    internal virtual int WaitReadable(int fd, int timeout) => Libc.Poll(fd, Libc.POLLIN, timeout);

    /// <summary>Waits until the kernel takes bytes again; 0 on timeout, or <c>-errno</c>.</summary>
    /// <param name="timeout">Milliseconds.</param>
    internal virtual int WaitWritable(int fd, int timeout) => Libc.Poll(fd, Libc.POLLOUT, timeout);

    internal virtual int ShutdownWrite(int fd) => Libc.ShutdownWrite(fd);

    /// <summary>Tells the peer of a close that follows at once, even while a child of fork() holds the socket too.</summary>
    internal virtual int ShutdownForClose(int fd) => Libc.ShutdownWrite(fd);

    /// <summary>Makes the close that follows an RST.</summary>
    internal virtual int ResetOnClose(int fd) => Libc.ResetOnClose(fd);

    /// <summary>The number that no new descriptor of this process may reach, as it is just now: RLIMIT_NOFILE.</summary>
    internal virtual int DescriptorLimit() => Libc.DescriptorLimit();

    /// <summary>The number that the next descriptor would have, or <c>-errno</c> when there is none.</summary>
    /// <param name="any">A descriptor that is open.</param>
    internal virtual int NextDescriptor(int any) => Libc.NextDescriptor(any);

    /// <summary>Closes a socket or a file.</summary>
    internal virtual int Close(int fd) => Libc.Close(fd);
}
