using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>sys/epoll.h</summary>
internal static partial class Libc
{
    internal const uint EPOLLIN = 0x001;
    internal const uint EPOLLOUT = 0x004;
    internal const uint EPOLLERR = 0x008; // reported whether asked for or not
    internal const uint EPOLLHUP = 0x010; // reported whether asked for or not
    internal const uint EPOLLEXCLUSIVE = 1u << 28; // one of the processes that wait is woken; cannot be changed by MOD
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const int EPOLL_CLOEXEC = 0x80000;

    // int epoll_create1(int flags)
    [LibraryImport(Lib)]
    private static partial int epoll_create1(int flags);

    // int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
    [LibraryImport(Lib)]
    private static unsafe partial int epoll_ctl(int epfd, int op, int fd, void* evt);

    // int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
    [LibraryImport(Lib)]
    private static unsafe partial int epoll_wait(int epfd, void* events, int maxEvents, int timeout);

    internal static int EpollCreate() => Result(epoll_create1(EPOLL_CLOEXEC));

    /// <summary>Adds, changes or removes; 0, or <c>-errno</c>.</summary>
    internal static unsafe int EpollControl(int epfd, int op, int fd, uint events, ulong data)
    {
        byte* raw = stackalloc byte[EpollEvents.MaxEventSize];
        EpollEvents.Write(raw, events, data);
        return Result(epoll_ctl(epfd, op, fd, raw));
    }

    /// <summary>Waits for events; their count, or <c>-errno</c>.</summary>
    /// <param name="timeout">Milliseconds; 0 does not wait, -1 waits for ever.</param>
    internal static unsafe int EpollWait(int epfd, EpollEvents events, int timeout)
    {
        fixed (byte* raw = events.Raw)
        {
            return Result(epoll_wait(epfd, raw, events.Capacity, timeout));
        }
    }
}
