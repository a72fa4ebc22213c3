using Seriema.Protocol;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>The way of a request from the socket to the application: read, parse, gather the body, dispatch; or refuse.</summary>
/// <remarks>Loop thread, on connections that the loop owns. Holds no state of its own: a request's is in its exchange.</remarks>
internal sealed class RequestIntake(Worker worker)
{
    // A body that nobody wanted is read and dropped up to here, so that the connection lives on; beyond, it is closed.
    internal const int MaxDiscard = 65536;

    // How much a closed connection may go on sending before it is cut.
    private const int MaxLinger = 1 << 20;

    // Seconds. A client that is told to stay away for longer does not see that the rush is over.
    private const int MaxRetryAfter = 30;

    // Reads a wake: one client that sends fast must not keep the others waiting.
    private const int MaxReadsPerEvent = 16;

    /// <summary>Moves what the kernel holds into the exchange; <see cref="Advance"/> decides what it means.</summary>
    internal void OnReadable(Connection connection, AppThread leader)
    {
        for (int turn = 0; turn < MaxReadsPerEvent; turn++)
        {
            HttpExchange exchange = connection.Exchange ?? connection.Rent(leader);
            Span<byte> space = exchange.Input.FreeSpace();
            int result = worker.Sockets.Receive(connection.Fd, space);
            switch (result)
            {
                case > 0:
                    exchange.Input.Received(result);
                    if (!Advance(connection, leader)) return;
                    // A read that left room has most likely emptied the kernel's buffer; if not, epoll says so again.
                    if (result < space.Length || connection.State == ConnectionState.Draining) return;
                    break;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN: connection.ReleaseWhileWaiting(leader); return;
                // 0: what is whole has been answered, and the rest can never become whole.
                default:
                    if (exchange.Input.UnreadLength > 0) EndProxyHeader(connection, "no-proxy-header");
                    else connection.Close();
                    return;
            }
        }
    }

    /// <summary>Our side is closed: drops what the client still sends.</summary>
    internal void OnLingering(Connection connection)
    {
        Span<byte> sink = stackalloc byte[8192];
        for (int turn = 0; turn < MaxReadsPerEvent; turn++)
        {
            int result = worker.Sockets.Receive(connection.Fd, sink);
            if (result == -Errno.EAGAIN) return;
            bool hasEnded = result <= 0 && result != -Errno.EINTR;
            if (hasEnded || connection.CountDropped(Math.Max(result, 0)) > MaxLinger)
            {
                connection.Close();
                return;
            }
        }
    }

    /// <summary>Closing over bytes that nobody read sends RST, which may overtake the response (RFC 9112 §9.6).</summary>
    internal bool HasUnread(Connection connection)
    {
        Span<byte> probe = stackalloc byte[1];
        return worker.Sockets.Receive(connection.Fd, probe) > 0;
    }

    /// <summary>
    /// Takes the connection as far as the received bytes allow. False when the loop must not touch it any more: it is
    /// closed, or an application thread has it, or this thread has lost the loop.
    /// </summary>
    internal bool Advance(Connection connection, AppThread leader)
    {
        while (true)
        {
            switch (connection.State)
            {
                case ConnectionState.Idle or ConnectionState.Head:
                    if (!ReadHead(connection, leader, out bool more)) return more;
                    break;
                case ConnectionState.ProxyHeader:
                    if (!ReadProxyHeader(connection, out more)) return more;
                    break;
                case ConnectionState.Body:
                    if (!ReadBody(connection, leader, out more)) return more;
                    break;
                case ConnectionState.Discarding:
                    if (!Discard(connection)) return false;
                    if (!connection.Exchange!.BodyReader.IsComplete) return true;
                    connection.NextRequest();
                    break;
                default:
                    return true;
            }
        }
    }

    /// <summary>Answers a request that is not given to the application, and closes after it. Always false.</summary>
    internal bool Reject(Connection connection, RejectReason reason)
    {
        Rejection rejection = Rejections.Of(reason);
        worker.Log.Rejected(connection, rejection);
        return Answer(connection, rejection, retryAfter: 0);
    }

    /// <summary>The rest of the head did not come.</summary>
    internal void OnHeadTimeout(HttpExchange exchange, Connection connection)
    {
        _ = exchange.Parser.Read(exchange.Input.Unread, exchange.Head, out _); // it may be a new one, which has read nothing of it
        Reject(connection, RejectReason.HeadTimeout);
    }

    /// <summary>As <see cref="Reject"/>, for a request that nothing is wrong with but the time it came at.</summary>
    /// <param name="oldestAge">How long the oldest request has waited, in milliseconds: so long, or shorter, may it take.</param>
    internal bool Refuse(Connection connection, RejectReason reason, long oldestAge)
    {
        Rejection rejection = Rejections.Of(reason);
        worker.Refusals.Add(connection, rejection, reason, connection.Exchange!.Input);
        return Answer(connection, rejection, (int)Math.Clamp((oldestAge + 999) / 1000, 1, MaxRetryAfter));
    }

    /// <summary>
    /// Answers a client that asks too often. The connection lives on where the next request begins behind the head: the
    /// client may have sent others already, and one that has to connect again costs more. As <see cref="Advance"/>.
    /// </summary>
    private bool Limit(Connection connection, AppThread leader, int retryAfter)
    {
        HttpExchange exchange = connection.Exchange!;
        Rejection rejection = Rejections.Of(RejectReason.TooManyRequests);
        worker.Refusals.Add(connection, rejection, RejectReason.TooManyRequests, exchange.Input);
        if (exchange.Head.HasBody) return Answer(connection, rejection, retryAfter);
        LoopAnswer.Send(exchange, rejection, retryAfter);
        connection.OnServed();
        return connection.EndCall(leader, leads: true);
    }

    private bool Answer(Connection connection, Rejection rejection, int retryAfter)
    {
        HttpExchange exchange = connection.Exchange!;
        Span<byte> room = exchange.Response.Reserve(ResponseWriter.SimpleOverhead + rejection.Text.Length);
        int length = ResponseWriter.WriteSimple(
            room, rejection.Status, rejection.Text, keepAlive: false, isHead: exchange.Head.IsHead, worker.Clock.Date, retryAfter);
        worker.Wire?.Response(connection, room[..length]);
        exchange.Response.Advance(length);
        exchange.Response.Finish();
        connection.EndRejected();
        return false;
    }

    /// <summary>Closes; and says why, when it is for want of the header that is to come first.</summary>
    internal void EndProxyHeader(Connection connection, string code)
    {
        bool isWanted = connection.State == ConnectionState.ProxyHeader;
        if (isWanted) worker.Log.ProxyRefused(code, connection, connection.Exchange is { } exchange ? exchange.Input.Unread : default);
        connection.Close();
    }

    // No answer: who speaks this protocol expects none, and who does not is not meant to be here.
    private bool ReadProxyHeader(Connection connection, out bool more)
    {
        RequestInput input = connection.Exchange!.Input;
        ParseStatus status = ProxyHeaderReader.Read(input.Unread, out ProxyHeader header, out ProxyMistake mistake, out int length);
        more = status != ParseStatus.Rejected;
        if (status == ParseStatus.Done)
        {
            input.Consume(length);
            connection.Remote = connection.Remote.Replaced(header, worker.Proxies.Forwarding.Proxies);
            if (!header.IsLocal && !worker.Connections.TryCount(connection))
            {
                connection.Close();
                return more = false;
            }
            connection.NextRequest();
        }
        if (more) return status == ParseStatus.Done;
        EndProxyHeader(connection, mistake switch
        {
            ProxyMistake.Missing => "no-proxy-header",
            ProxyMistake.TooLong => "proxy-header-too-long",
            ProxyMistake.BadChecksum => "bad-proxy-checksum",
            _ => "bad-proxy-header",
        });
        return false;
    }

    // False when Advance is to end; more says what it then answers.
    private bool ReadHead(Connection connection, AppThread leader, out bool more)
    {
        HttpExchange exchange = connection.Exchange!;
        more = true;
        if (exchange.Input.UnreadLength == 0)
        {
            connection.ReleaseWhileWaiting(leader);
            return false;
        }
        ParseStatus status = exchange.Parser.Read(exchange.Input.Unread, exchange.Head, out int length);
        if (connection.State == ConnectionState.Idle) connection.BeginHead();
        if (status == ParseStatus.NeedMore)
        {
            connection.ReleaseWhileWaiting(leader);
            return false;
        }
        if (status == ParseStatus.Rejected)
        {
            more = Reject(connection, exchange.Parser.Reason);
            return false;
        }
        exchange.Input.HeadDone(length);
        worker.Wire?.Request(connection, exchange.Input.Head);
        if (exchange.Head.HasForwarding && !exchange.ReadForwarded())
        {
            more = Reject(connection, RejectReason.BadForwarding);
            return false;
        }
        connection.Requests++;
        exchange.BodyReader.Start(exchange.Head);
        if (worker.Rate is { } rate && !rate.Allows(exchange.Client, out int retryAfter)) return more = Limit(connection, leader, retryAfter);
        if (!exchange.Head.HasBody) return more = Dispatch(connection, leader, streams: false);
        if (exchange.Head.ContentLength > worker.LargestBody) return more = Reject(connection, RejectReason.BodyTooLarge);
        connection.BeginBody();
        exchange.Input.ExpectBody();
        // A client that sends the body anyway does not wait (RFC 9110 §10.1.1).
        if (!exchange.Head.ExpectContinue || exchange.Input.UnreadLength > 0) return true;
        if (exchange.TryAwaitApplication() || exchange.SendContinue(mayWait: false)) return true;
        connection.Close();
        return more = false;
    }

    private bool ReadBody(Connection connection, AppThread leader, out bool more)
    {
        HttpExchange exchange = connection.Exchange!;
        more = false;
        while (true)
        {
            int bound = exchange.HasSpilledBody ? worker.SpillStep : worker.BodyBound;
            ParseStatus status = exchange.DecodeBody(bound);
            if (status == ParseStatus.Rejected) return Reject(connection, exchange.BodyReader.Reason);
            if (exchange.ContinueDue) return more = Dispatch(connection, leader, streams: true);
            if (status == ParseStatus.Done && !exchange.HasSpilledBody) return more = Dispatch(connection, leader, streams: false);
            if (status == ParseStatus.Done || exchange.Body.Length >= bound)
            {
                if (!worker.SpillSpace.IsThere) return more = Dispatch(connection, leader, streams: true);
                if (!exchange.TrySpillBody()) return Refuse(connection, RejectReason.NoRoomForBody, MaxRetryAfter * 1000);
                if (status == ParseStatus.Done) return more = Dispatch(connection, leader, streams: true); // from the file: that may wait, too
                continue; // there may be more of it here
            }
            if (worker.Memory.IsShort) exchange.Input.Shrink();
            connection.OnProgress();
            more = true;
            return false;
        }
    }

    /// <summary>
    /// Sends a file, or calls the application, here or on another thread. True when the loop may go on with this connection.
    /// </summary>
    private bool Dispatch(Connection connection, AppThread leader, bool streams)
    {
        HttpExchange exchange = connection.Exchange!;
        ReadOnlySpan<byte> head = exchange.Input.Head;
        RequestHead parsed = exchange.Head;
        connection.CallKey = SlowCalls.Key(parsed.Method.Of(head), parsed.Host.Of(head), parsed.Path.Of(head));
        if (worker.Site is { } site && site.TryServe(exchange))
        {
            connection.OnServed();
            return connection.EndCall(leader, leads: true);
        }
        bool isHealthCheck = worker.HealthPath is { } path && parsed.Path.Of(head).SequenceEqual(path);
        return worker.Crew.Run(connection, leader, blocks: streams || worker.Slow.IsSlow(connection.CallKey), isHealthCheck);
    }

    /// <summary>Reads the rest of a body that nobody wanted; false when the connection is given up.</summary>
    private static bool Discard(Connection connection)
    {
        HttpExchange exchange = connection.Exchange!;
        ParseStatus status = exchange.DecodeBody(MaxDiscard);
        int dropped = exchange.Body.Length;
        exchange.Body.Clear();
        if (connection.CountDropped(dropped) <= MaxDiscard && status != ParseStatus.Rejected) return true;
        connection.Linger();
        return false;
    }
}
