using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>What a worker has to say. Any thread.</summary>
internal sealed partial class WorkerLog(ILogger logger)
{
    /// <summary>Lines in a second that are each about one client; at level Debug there is no bound.</summary>
    internal const int MostLines = 100;

    private readonly LogQuota _quota = new(MostLines);

    /// <summary>A request that never reached the application, with a code that stays the same from release to release.</summary>
    internal void Rejected(Connection connection, Rejection rejection)
    {
        if (!MayTellOfOne()) return;
        Rejected(rejection.Status, rejection.Code, Client(connection), Offence.Show(connection.Exchange!));
    }

    /// <summary>A connection that ends before its first request, for want of a PROXY header that can be believed.</summary>
    internal void ProxyRefused(string code, Connection connection, ReadOnlySpan<byte> bytes)
    {
        if (MayTellOfOne()) ProxyRefused(code, Encoding.ASCII.GetString(connection.Remote.Address), Offence.ShowProxyHeader(bytes));
    }

    /// <summary>As <see cref="Rejected(Connection, Rejection)"/>, for one of many: <see cref="Refused"/> counts them.</summary>
    internal void RefusedOne(Connection connection, Rejection rejection, RequestInput input)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        RefusedOne(rejection.Status, rejection.Code, Client(connection), Offence.ShowRequestLine(input.Head));
    }

    /// <summary>A client did not take its response at the least rate.</summary>
    internal void TooSlow(Connection connection)
    {
        if (MayTellOfOne()) ResponseTimeout(Client(connection));
    }

    /// <summary>The room for temporary files is nearly taken, and this client moves less than the others that take it.</summary>
    internal void GaveWay(Connection connection)
    {
        if (MayTellOfOne()) GaveWay(Client(connection));
    }

    /// <summary>The loop, about once a second: how many lines there would have been.</summary>
    internal void OnSweep()
    {
        if (_quota.TakeSkipped() is > 0 and int skipped) Skipped(skipped);
    }

    /// <summary>Whether one of the lines that a client each can cause may be written now; what may not is counted.</summary>
    internal bool MayTellOfOne() =>
        logger.IsEnabled(LogLevel.Information) && (logger.IsEnabled(LogLevel.Debug) || _quota.TryTake(ServerClock.Now));

    // The client, where a proxy has told of it, as the application would see it.
    private static string Client(Connection connection) => Encoding.ASCII.GetString(connection.Exchange!.RemoteAddress);

    internal void TurnedAway(int count, RemotePeer last) => TurnedAway(count, Encoding.ASCII.GetString(last.Address));

    internal void AcceptPaused(int errno) => AcceptPaused(new LinuxException("accept", errno).Message);

    [LoggerMessage(1, LogLevel.Information, "rejected with {Status} {Code} from {Address}: {Bytes}")]
    private partial void Rejected(int status, string code, string address, string bytes);

    [LoggerMessage(15, LogLevel.Information, "closed with {Code} from {Address}: {Bytes}")]
    private partial void ProxyRefused(string code, string address, string bytes);

    [LoggerMessage(27, LogLevel.Information, "closed with response-timeout: {Address} takes its response too slowly")]
    private partial void ResponseTimeout(string address);

    [LoggerMessage(31, LogLevel.Information, "closed with temp-files-full: {Address} is the slowest of those that use them")]
    private partial void GaveWay(string address);

    [LoggerMessage(28, LogLevel.Warning, "no folder takes temporary files (--temp-dir): the application's threads wait for slow clients with large bodies and responses")]
    internal partial void NoSpillFolder();

    [LoggerMessage(29, LogLevel.Error, "temporary files: {Trouble}; large bodies are refused for now")]
    internal partial void SpillTrouble(string trouble);

    [LoggerMessage(30, LogLevel.Warning, "{Count} more clients were rejected or closed")]
    private partial void Skipped(int count);

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

    [LoggerMessage(20, LogLevel.Error, "there are as many connections as may be ({Most}), all in use or new; further ones wait until some are closed")]
    internal partial void ConnectionsFull(int most);

    [LoggerMessage(21, LogLevel.Warning, "{Closed} connections that asked for nothing were closed to make room for new ones; {Count} are open")]
    internal partial void RoomMade(int closed, int count);

    [LoggerMessage(22, LogLevel.Warning, "{Count} connections refused: too many of one client; {Address} was the last")]
    private partial void TurnedAway(int count, string address);

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
