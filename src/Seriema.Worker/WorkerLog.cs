using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>What a worker has to say. Any thread.</summary>
internal sealed partial class WorkerLog(ILogger logger)
{
    /// <summary>A request that never reached the application, with a code that stays the same from release to release.</summary>
    internal void Rejected(Connection connection, Rejection rejection)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        Rejected(rejection.Status, rejection.Code, Client(connection), Offence.Show(connection.Exchange!));
    }

    /// <summary>A connection that ends before its first request, for want of a PROXY header that can be believed.</summary>
    internal void ProxyRefused(string code, Connection connection, ReadOnlySpan<byte> bytes)
    {
        if (logger.IsEnabled(LogLevel.Information)) ProxyRefused(code, Encoding.ASCII.GetString(connection.Remote.Address), Offence.ShowProxyHeader(bytes));
    }

    /// <summary>As <see cref="Rejected(Connection, Rejection)"/>, for one of many: <see cref="Refused"/> counts them.</summary>
    internal void RefusedOne(Connection connection, Rejection rejection, RequestInput input)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        RefusedOne(rejection.Status, rejection.Code, Client(connection), Offence.ShowRequestLine(input.Head));
    }

    // The client, where a proxy has told of it, as the application would see it.
    private static string Client(Connection connection) => Encoding.ASCII.GetString(connection.Exchange!.RemoteAddress);

    internal void AcceptPaused(int errno) => AcceptPaused(new LinuxException("accept", errno).Message);

    [LoggerMessage(1, LogLevel.Information, "rejected with {Status} {Code} from {Address}: {Bytes}")]
    private partial void Rejected(int status, string code, string address, string bytes);

    [LoggerMessage(15, LogLevel.Information, "closed with {Code} from {Address}: {Bytes}")]
    private partial void ProxyRefused(string code, string address, string bytes);

    [LoggerMessage(9, LogLevel.Debug, "refused with {Status} {Code} from {Address}: {Bytes}")]
    private partial void RefusedOne(int status, string code, string address, string bytes);

    [LoggerMessage(10, LogLevel.Warning, "{Count} requests refused: {Reason}")]
    internal partial void Refused(int count, string reason);

    [LoggerMessage(11, LogLevel.Warning, "the arbiter is gone; leaving when the requests in flight are answered")]
    internal partial void ArbiterGone();

    [LoggerMessage(12, LogLevel.Error, "the log files could not be opened anew")]
    internal partial void ReopenFailed(Exception error);

    [LoggerMessage(2, LogLevel.Error, "{Error}; no new connections for a moment")]
    private partial void AcceptPaused(string error);

    [LoggerMessage(16, LogLevel.Error, "file descriptors are short (the limit is {Limit}); new connections wait until others are closed")]
    internal partial void DescriptorsShort(int limit);

    [LoggerMessage(8, LogLevel.Error, "no thread can be started beyond {Count} of {Wanted}; serving with those")]
    internal partial void NoMoreThreads(int count, int wanted);

    [LoggerMessage(3, LogLevel.Information, "a signal handler of the application called for the exit")]
    internal partial void SignalExit();

    [LoggerMessage(7, LogLevel.Error, "a signal handler of the application failed\n{Traceback}")]
    internal partial void SignalHandlerFailed(string traceback);

    [LoggerMessage(4, LogLevel.Critical, "the server failed")]
    internal partial void Failed(Exception error);

    [LoggerMessage(5, LogLevel.Information, "stopping; {Count} connections open")]
    internal partial void Stopping(int count);

    [LoggerMessage(13, LogLevel.Warning, "request exceeded its deadline of {Seconds} s: {Request}{Stack}")]
    internal partial void DeadlineExceeded(double seconds, string request, string stack);

    [LoggerMessage(14, LogLevel.Error, "the thread of {Request} has not come back for {Seconds} s; the worker asks to be replaced")]
    internal partial void ThreadStuck(string request, double seconds);

    [LoggerMessage(17, LogLevel.Warning, "static files: {Trouble}")]
    internal partial void SiteTrouble(string trouble);

    [LoggerMessage(6, LogLevel.Warning, "requests in flight did not end in time; their connections are cut")]
    internal partial void Forced();
}
