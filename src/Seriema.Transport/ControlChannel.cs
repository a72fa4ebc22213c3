using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>What <see cref="ControlChannel.TryReceive"/> found.</summary>
internal enum ControlReceive
{
    /// <summary>No message is there now.</summary>
    Nothing,

    Message,

    /// <summary>The other process has ended, or closed its end.</summary>
    Ended,
}

/// <summary>The socket between the arbiter and one worker: short text messages, and an end that nobody can miss. Owns the descriptor.</summary>
/// <remarks>
/// SOCK_SEQPACKET keeps messages apart, so that no framing is needed, and tells the end of the other process, which a
/// datagram socket would not. <see cref="Send"/> may be called from any thread, the rest by one.
/// </remarks>
internal sealed class ControlChannel : IDisposable
{
    /// <summary>Longest message in bytes, a Python traceback with room to spare; the kernel's queue holds three of them.</summary>
    internal const int MaxMessage = 64 << 10;

    private readonly byte[] _received = new byte[MaxMessage];
    private int _closed;

    /// <summary>Takes over an inherited descriptor.</summary>
    internal ControlChannel(int fd) => Fd = fd;

    internal int Fd { get; }

    /// <summary>Two connected ends, non-blocking and close-on-exec.</summary>
    /// <exception cref="LinuxException">Out of descriptors or memory.</exception>
    internal static (ControlChannel Ours, ControlChannel Theirs) Pair()
    {
        int result = Libc.SocketPair(keepsMessages: true, out int first, out int second);
        return result >= 0 ? (new ControlChannel(first), new ControlChannel(second)) : throw new LinuxException("socketpair", -result);
    }

    /// <summary>Sends one message; false when the other end is gone, or does not read and its queue is full.</summary>
    /// <remarks>A longer message than <see cref="MaxMessage"/> loses its end. Never blocks.</remarks>
    internal bool Send(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        int length = Math.Min(bytes.Length, MaxMessage);
        while (Volatile.Read(ref _closed) == 0)
        {
            int sent = Libc.Send(Fd, bytes.AsSpan(0, length));
            if (sent != -Errno.EINTR) return sent == length;
        }
        return false;
    }

    internal ControlReceive TryReceive(out string message)
    {
        message = "";
        while (Volatile.Read(ref _closed) == 0)
        {
            int count = Libc.Receive(Fd, _received);
            switch (count)
            {
                case > 0:
                    message = Encoding.UTF8.GetString(_received, 0, count);
                    return ControlReceive.Message;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN: return ControlReceive.Nothing;
                default: return ControlReceive.Ended; // 0, or ECONNRESET when it died with messages unread
            }
        }
        return ControlReceive.Ended;
    }

    /// <summary>Waits for a message or the end; false when the time has passed.</summary>
    /// <param name="milliseconds">-1 waits for ever.</param>
    internal bool WaitReadable(int milliseconds)
    {
        long deadline = milliseconds < 0 ? long.MaxValue : Environment.TickCount64 + milliseconds;
        while (true)
        {
            long left = milliseconds < 0 ? -1 : Math.Max(0, deadline - Environment.TickCount64);
            int ready = Libc.Poll(Fd, Libc.POLLIN, (int)left);
            if (ready != -Errno.EINTR) return ready != 0;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0) _ = Libc.Close(Fd);
    }
}
