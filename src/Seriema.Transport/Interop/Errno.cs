namespace Seriema.Transport.Interop;

/// <summary>errno.h: the answers of the kernel that the server tells apart (Linux, all architectures .NET runs on).</summary>
internal static class Errno
{
    internal const int EINTR = 4;        // a signal came first: call again
    internal const int EBADF = 9;
    internal const int ECHILD = 10;      // no such child, or already buried
    internal const int EAGAIN = 11;      // nothing to read, or no room to write, right now
    internal const int ENFILE = 23;      // the machine has no descriptor left
    internal const int EMFILE = 24;      // this process has no descriptor left
    internal const int EPIPE = 32;       // the peer no longer reads
    internal const int ECONNABORTED = 103; // the client left before it was accepted
    internal const int ECONNRESET = 104;
    internal const int ENOBUFS = 105;
    internal const int ENOMEM = 12;
    internal const int EPERM = 1;
    internal const int ESRCH = 3;        // no such process, or no such entry
    internal const int ERANGE = 34;      // the buffer is too short
    internal const int EPROTO = 71;
    internal const int ENOENT = 2;
    internal const int ENAMETOOLONG = 36;
    internal const int ENONET = 64;
    internal const int ENOPROTOOPT = 92;
    internal const int EOPNOTSUPP = 95;
    internal const int ENETDOWN = 100;
    internal const int ENETUNREACH = 101;
    internal const int EHOSTDOWN = 112;
    internal const int EHOSTUNREACH = 113;
}
