using System.Globalization;
using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>Asks the application for its health check through the worker's own loop, before the worker takes clients.</summary>
/// <remarks>Blocks the calling thread, which is none of the worker's. The worker gets one end of a socket pair and closes it.</remarks>
internal static class HealthProbe
{
    private const int Slice = 50; // milliseconds between two looks whether the worker still wants to know
    private const int MaxStatusLine = 8192;

    /// <summary>Null when the answer is 2xx or 3xx, else one line that says what it is.</summary>
    /// <exception cref="LinuxException">No descriptor is to be had.</exception>
    internal static string? Run(Worker worker, string path, TimeSpan patience)
    {
        int result = Libc.SocketPair(keepsMessages: false, out int ours, out int theirs);
        if (result < 0) throw new LinuxException("socketpair", -result);
        try
        {
            worker.Acceptor.Adopt(theirs);
            byte[] request = Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: seriema-health\r\nConnection: close\r\n\r\n");
            _ = Libc.Send(ours, request); // the longest path fits an empty socket's buffer
            return Verdict(worker, ours, path, patience);
        }
        finally
        {
            _ = Libc.Close(ours);
        }
    }

    private static string? Verdict(Worker worker, int fd, string path, TimeSpan patience)
    {
        long deadline = ServerClock.Now + (long)patience.TotalMilliseconds;
        byte[] buffer = new byte[MaxStatusLine];
        int received = 0;
        while (!worker.IsStopping)
        {
            int count = received < buffer.Length ? Libc.Receive(fd, buffer.AsSpan(received)) : 0;
            switch (count)
            {
                case > 0:
                    received += count;
                    if (StatusOf(buffer.AsSpan(0, received)) is not { } status) break;
                    return status is >= 200 and < 400 ? null : string.Create(CultureInfo.InvariantCulture, $"GET {path} answered {status}");
                case -Errno.EINTR: break;
                case -Errno.EAGAIN:
                    if (ServerClock.Now >= deadline)
                    {
                        return string.Create(CultureInfo.InvariantCulture, $"GET {path} did not answer within {patience.TotalSeconds} s");
                    }
                    _ = Libc.Poll(fd, Libc.POLLIN, Slice);
                    break;
                default: return $"GET {path} ended without an answer";
            }
        }
        return $"GET {path} was cut off: the worker stops";
    }

    /// <summary>Of this server's own status line, <c>HTTP/1.1 200 …</c>; null while it is not whole.</summary>
    private static int? StatusOf(ReadOnlySpan<byte> received)
    {
        const int digits = 9, length = 12;
        return received.Length >= length && int.TryParse(received[digits..length], CultureInfo.InvariantCulture, out int status) ? status : null;
    }
}
