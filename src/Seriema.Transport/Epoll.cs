using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>One epoll instance and the eventfd that wakes it. Owns both descriptors.</summary>
/// <remarks>
/// <see cref="Wait"/> is for the thread that runs the loop; the rest may be called from any thread.
/// The calls that reach the kernel are virtual, so that a test can script its answers.
/// </remarks>
internal class Epoll : IDisposable
{
    /// <summary>The data of the wake-up event; descriptors are never negative, so no key is like it.</summary>
    internal const ulong WakeKey = ulong.MaxValue;

    private readonly int _fd;
    private readonly int _wakeFd;
    private int _wakePending; // 1 from Wake to the Wait that saw it: further wakes cost no system call
    private int _disposed;

    internal Epoll(int capacity)
    {
        Events = new EpollEvents(capacity);
        _fd = Check("epoll_create1", Libc.EpollCreate());
        _wakeFd = Check("eventfd", Libc.CreateEvent());
        Check("epoll_ctl", Libc.EpollControl(_fd, Libc.EPOLL_CTL_ADD, _wakeFd, Libc.EPOLLIN, WakeKey));
    }

    internal EpollEvents Events { get; }

    /// <summary>Fills <see cref="Events"/>; how many there are, 0 on timeout or signal.</summary>
    /// <exception cref="LinuxException">The loop cannot go on.</exception>
    internal virtual int Wait(int timeoutMilliseconds)
    {
        int count = Libc.EpollWait(_fd, Events, timeoutMilliseconds);
        return count switch
        {
            >= 0 => count,
            -Errno.EINTR => 0,
            _ => throw new LinuxException("epoll_wait", -count),
        };
    }

    /// <summary>0, or <c>-errno</c>.</summary>
    internal virtual int Add(int fd, uint events, ulong data) => Libc.EpollControl(_fd, Libc.EPOLL_CTL_ADD, fd, events, data);

    /// <summary>0, or <c>-errno</c>. Replaces the mask, it does not add to it.</summary>
    internal virtual int Modify(int fd, uint events, ulong data) => Libc.EpollControl(_fd, Libc.EPOLL_CTL_MOD, fd, events, data);

    /// <summary>0, or <c>-errno</c>.</summary>
    internal virtual int Remove(int fd) => Libc.EpollControl(_fd, Libc.EPOLL_CTL_DEL, fd, 0, 0);

    /// <summary>Makes the present or next <see cref="Wait"/> return.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) != 0) return;
        Span<byte> one = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(one, 1UL);
        _ = Libc.Write(_wakeFd, one); // EAGAIN would mean that the counter is full, and so that the loop is awake
    }

    /// <summary>Takes the wake-up event back; what was asked for before the wake is visible after this.</summary>
    internal void OnWoken()
    {
        Span<byte> counter = stackalloc byte[sizeof(ulong)];
        _ = Libc.Read(_wakeFd, counter);
        Interlocked.Exchange(ref _wakePending, 0);
    }

    public void Dispose()
    {
        // Both numbers may be another file's at once: a late Wake must not write, nor a second Dispose close, there.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Interlocked.Exchange(ref _wakePending, 1);
        _ = Libc.Close(_wakeFd);
        _ = Libc.Close(_fd);
        GC.SuppressFinalize(this);
    }

    private static int Check(string call, int result) => result >= 0 ? result : throw new LinuxException(call, -result);
}
