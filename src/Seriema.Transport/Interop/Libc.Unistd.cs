using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>unistd.h, poll.h, sys/eventfd.h, sys/sendfile.h and time.h</summary>
internal static partial class Libc
{
    private const string Lib = "libc";

    internal const short POLLIN = 0x001;
    internal const short POLLOUT = 0x004;
    internal const int EFD_NONBLOCK = 0x800;
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int CLOCK_THREAD_CPUTIME_ID = 3;

    // int close(int fd)
    [LibraryImport(Lib)]
    private static partial int close(int fd);

    // ssize_t read(int fd, void *buf, size_t count)
    [LibraryImport(Lib)]
    private static unsafe partial nint read(int fd, byte* buffer, nuint count);

    // ssize_t write(int fd, const void *buf, size_t count)
    [LibraryImport(Lib)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);

    // int pipe2(int pipefd[2], int flags)
    [LibraryImport(Lib)]
    private static unsafe partial int pipe2(int* fds, int flags);

    // int poll(struct pollfd *fds, nfds_t nfds, int timeout)
    [LibraryImport(Lib)]
    private static unsafe partial int poll(PollFd* fds, nuint count, int timeout);

    // int eventfd(unsigned int initval, int flags)
    [LibraryImport(Lib)]
    private static partial int eventfd(uint initial, int flags);

    // ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count)
    [LibraryImport(Lib)]
    private static unsafe partial nint sendfile(int outFd, int inFd, long* offset, nuint count);

    // int clock_gettime(clockid_t clockid, struct timespec *tp)
    [LibraryImport(Lib)]
    private static unsafe partial int clock_gettime(int clock, TimeSpec* time);

    // int usleep(useconds_t usec)
    [LibraryImport(Lib)]
    private static partial int usleep(uint microseconds);

    // int pthread_getcpuclockid(pthread_t thread, clockid_t *clockid)
    [LibraryImport(Lib)]
    private static unsafe partial int pthread_getcpuclockid(nint thread, int* clock);

    // pthread_t pthread_self(void)
    [LibraryImport(Lib)]
    private static partial nint pthread_self();

    internal static int Close(int fd) => Result(close(fd));

    internal static int CreateEvent() => Result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));

    internal static unsafe int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result((int)read(fd, b, (nuint)buffer.Length));
        }
    }

    internal static unsafe int Write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            return Result((int)write(fd, b, (nuint)buffer.Length));
        }
    }

    /// <summary>A pipe whose ends do not block and are closed on exec; 0, or <c>-errno</c>.</summary>
    internal static unsafe int Pipe(out int readEnd, out int writeEnd)
    {
        int* fds = stackalloc int[2];
        int result = Result(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
        (readEnd, writeEnd) = (fds[0], fds[1]);
        return result;
    }

    /// <summary>Waits until the descriptor is ready for one of <paramref name="events"/>; 0 on timeout, or <c>-errno</c>.</summary>
    /// <param name="timeout">Milliseconds; -1 waits for ever.</param>
    internal static unsafe int Poll(int fd, short events, int timeout)
    {
        PollFd poll1 = new() { Fd = fd, Events = events };
        return Result(poll(&poll1, 1, timeout));
    }

    /// <summary>Sends from a file without copying through this process; bytes sent, 0 at the file's end, or <c>-errno</c>.</summary>
    internal static unsafe int SendFile(int socket, int file, ref long offset, long count)
    {
        // The kernel moves at most 2 GiB - 4 KiB a call; one call keeps below that and a loop goes on.
        const int most = 1 << 30;
        long position = offset;
        int sent = Result((int)sendfile(socket, file, &position, (nuint)Math.Min(count, most)));
        offset = position;
        return sent;
    }

    /// <summary>Sleeps for less than a second, with one system call; .NET's own sleep takes three.</summary>
    internal static void Sleep(uint microseconds) => _ = usleep(microseconds);

    /// <summary>The clock that counts this thread's processor time; other threads may read it with <see cref="CpuTime"/>.</summary>
    internal static unsafe int ThreadCpuClock()
    {
        int clock;
        return pthread_getcpuclockid(pthread_self(), &clock) == 0 ? clock : CLOCK_THREAD_CPUTIME_ID;
    }

    /// <summary>Processor time in nanoseconds, or -1 when the thread of that clock is gone.</summary>
    internal static unsafe long CpuTime(int clock)
    {
        TimeSpec time;
        return clock_gettime(clock, &time) == 0 ? (time.Seconds * 1_000_000_000L) + time.Nanoseconds : -1;
    }

    // errno is read only on failure: the runtime keeps it across the return to managed code.
    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    /// <summary>struct pollfd</summary>
    internal struct PollFd
    {
        internal int Fd;
        internal short Events;
        internal short Returned;
    }

    /// <summary>struct timespec, where time_t and long are 64 bits wide</summary>
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
