using System.Diagnostics;
using Seriema.Protocol;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>One client: its descriptor, its state, and the way of each of its requests through the server.</summary>
/// <remarks>
/// <see cref="State"/> says which thread owns it. What an owner does needs no lock; the moves into and out of the
/// application thread's hands, and what the loop does to a connection that it does not own, hold the connection's lock.
/// </remarks>
internal sealed class Connection
{
    // A body that nobody wanted is read and dropped up to here, so that the connection lives on; beyond, it is closed.
    private const int MaxDiscard = 65536;

    // Reads a wake: one client that sends fast must not keep the others waiting.
    private const int MaxReadsPerEvent = 16;

    // How long a closed connection may go on sending before it is cut, and how much.
    private const int LingerMilliseconds = 3000;
    private const int MaxLinger = 1 << 20;

    private readonly Worker _worker;
    private HttpExchange? _exchange; // owned from the first byte of a request to the last of its response
    private volatile ConnectionState _state;
    private uint _armed; // what epoll was told last
    private bool _inEpoll;
    private bool _peerFinished; // the client has shut down its side: nothing more comes
    private int _dropped;

    internal Connection(Worker worker, int fd, ulong key, ListenSocket listener, byte[] remoteAddress, byte[] remotePort)
    {
        (_worker, Fd, Key, Listener, RemoteAddress, RemotePort) = (worker, fd, key, listener, remoteAddress, remotePort);
        Deadline = ServerClock.Now + worker.HeadTimeout;
    }

    internal int Fd { get; }

    /// <summary>The descriptor and a count, so that an event for a closed connection never meets its successor.</summary>
    internal ulong Key { get; }

    internal ListenSocket Listener { get; }

    internal byte[] RemoteAddress { get; }

    internal byte[] RemotePort { get; }

    internal ConnectionState State => _state;

    /// <summary>When the loop looks at what the connection did not do, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long Deadline { get; private set; }

    /// <summary>The present response is the last: the client asked for it, or the body cannot be read to its end.</summary>
    internal bool CloseAfterResponse => _peerFinished;

    internal HttpExchange Exchange => _exchange!;

    /// <summary>What the slow calls are remembered by.</summary>
    internal uint CallKey { get; private set; }

    /// <summary>Adds the new connection to epoll; false when the kernel refuses.</summary>
    internal bool Register()
    {
        _armed = Libc.EPOLLIN;
        _inEpoll = _worker.Epoll.Add(Fd, _armed, Key) == 0;
        return _inEpoll;
    }

    /// <summary>Loop: epoll reported something.</summary>
    internal void OnEvent(uint events, AppThread leader)
    {
        if (!ConnectionStates.IsLoopOwned(_state))
        {
            lock (this)
            {
                // Between the look and the lock the request may have ended, and the connection be the loop's.
                if (!ConnectionStates.IsLoopOwned(_state))
                {
                    OnEventWhileAway(events);
                    return;
                }
            }
        }
        switch (_state)
        {
            case ConnectionState.Draining: OnWritable(leader); break;
            case ConnectionState.Lingering: OnLingering(); break;
            default: OnReadable(leader); break;
        }
    }

    /// <summary>Loop: an application thread gave the connection back with something left to do.</summary>
    internal void OnPosted(AppThread leader)
    {
        if (_state == ConnectionState.Draining && !_exchange!.Response.HasPending && EndResponse()) Advance(leader);
    }

    /// <summary>Loop: the deadline has passed.</summary>
    internal void OnDeadline()
    {
        switch (_state)
        {
            case ConnectionState.Head: Reject(RejectReason.HeadTimeout); break;
            case ConnectionState.Body: Reject(RejectReason.BodyTimeout); break;
            case ConnectionState.Running:
                lock (this)
                {
                    // Only a response that the client does not take is timed here; how long the application may take is not.
                    if (_exchange is { Response.IsDraining: true }) PeerGone();
                    else Deadline = long.MaxValue;
                }
                break;
            case ConnectionState.Waiting: break;
            default: Close(); break;
        }
    }

    /// <summary>Loop: the server stops. What is idle closes now; what has begun may end.</summary>
    internal void OnStopping(AppThread leader)
    {
        if (_state == ConnectionState.Idle) OnReadable(leader); // a request may have come that no event has told of yet
        if (_state == ConnectionState.Idle) Close();
        else if (_state == ConnectionState.Head) Deadline = Math.Min(Deadline, ServerClock.Now + 1000);
    }

    /// <summary>Application thread: the kernel took no more of the response. Under the lock.</summary>
    internal void OnDraining()
    {
        Deadline = ServerClock.Now + _worker.ProgressTimeout;
        UpdateInterest();
    }

    /// <summary>Any thread: the request is in the queue.</summary>
    internal void OnQueued() => Move(ConnectionState.Waiting);

    /// <summary>The thread that calls the application: it owns the connection from here.</summary>
    internal void BeginCall(AppThread thread)
    {
        Move(ConnectionState.Running);
        Deadline = long.MaxValue;
        _exchange!.BeginCall(thread);
    }

    /// <summary>As <see cref="BeginCall"/>, for a request that has waited: false, and closed, when its client has left.</summary>
    internal bool BeginCallUnlessGone(AppThread thread)
    {
        if (_exchange!.Response.IsGone)
        {
            Close();
            return false;
        }
        BeginCall(thread);
        return true;
    }

    /// <summary>
    /// The thread that called the application, once the call is over. True when the loop has more to do at once, which
    /// is the caller's own business only if it still leads the loop.
    /// </summary>
    internal bool EndCall(AppThread thread, bool leads)
    {
        HttpExchange exchange = _exchange!;
        lock (this)
        {
            if (exchange.Response.IsGone)
            {
                Close();
                return false;
            }
            bool simple = !exchange.Response.HasPending && exchange.KeepAlive && !_worker.IsStopping
                && exchange.BodyReader.IsComplete && exchange.Input.UnreadLength == 0;
            if (simple)
            {
                // The usual end. The exchange leaves before the state changes, because then the loop may read at once.
                _exchange = null;
                thread.GiveBack(exchange);
                Deadline = ServerClock.Now + _worker.KeepAliveTimeout;
                Move(ConnectionState.Idle);
                UpdateInterest();
                return false;
            }
            Move(ConnectionState.Draining);
            Deadline = ServerClock.Now + _worker.ProgressTimeout;
            UpdateInterest();
        }
        if (exchange.Response.HasPending) return false; // the loop goes on when the socket is writable
        if (leads) return EndResponse();
        _worker.Loop.Post(this);
        return false;
    }

    /// <summary>Loop: reads what the kernel holds; <see cref="Advance"/> decides what it means.</summary>
    private void OnReadable(AppThread leader)
    {
        _exchange ??= Rent(leader);
        for (int turn = 0; turn < MaxReadsPerEvent; turn++)
        {
            Span<byte> space = _exchange.Input.FreeSpace();
            int result = Libc.Receive(Fd, space);
            switch (result)
            {
                case > 0:
                    _exchange.Input.Received(result);
                    if (!Advance(leader)) return; // closed, or given to an application thread
                    // A read that left room has most likely emptied the kernel's buffer; if not, epoll says so again.
                    if (result < space.Length || _state is ConnectionState.Idle or ConnectionState.Draining) return;
                    _exchange ??= Rent(leader);
                    break;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN: ReleaseIfIdle(leader); return;
                case 0: OnPeerFinished(); return;
                default: Close(); return;
            }
        }
    }

    /// <summary>
    /// Loop: takes the connection as far as the received bytes allow. False when the loop must not touch it any more:
    /// it is closed, or an application thread has it, or this thread has lost the loop.
    /// </summary>
    private bool Advance(AppThread leader)
    {
        while (true)
        {
            HttpExchange exchange = _exchange!;
            switch (_state)
            {
                case ConnectionState.Idle:
                case ConnectionState.Head:
                    if (exchange.Input.UnreadLength == 0)
                    {
                        ReleaseIfIdle(leader);
                        return true;
                    }
                    ParseStatus status = exchange.Parser.Read(exchange.Input.Unread, exchange.Head, out int length);
                    if (_state == ConnectionState.Idle)
                    {
                        Deadline = ServerClock.Now + _worker.HeadTimeout;
                        Move(ConnectionState.Head);
                    }
                    if (status == ParseStatus.NeedMore) return true;
                    if (status == ParseStatus.Rejected) return Reject(exchange.Parser.Reason);
                    exchange.Input.HeadDone(length);
                    _worker.Wire?.Request(this, exchange.Input.Head);
                    exchange.BodyReader.Start(exchange.Head);
                    if (exchange.Head.HasBody)
                    {
                        Move(ConnectionState.Body);
                        exchange.Input.ExpectBody();
                        exchange.ContinueDue = exchange.Head.ExpectContinue && exchange.Input.UnreadLength == 0;
                        Deadline = ServerClock.Now + _worker.ProgressTimeout;
                        break;
                    }
                    if (!Dispatch(leader, streams: false)) return false;
                    break;

                case ConnectionState.Body:
                    ParseStatus body = exchange.DecodeBody(_worker.Options.BodyBuffer);
                    if (body == ParseStatus.Rejected) return Reject(exchange.BodyReader.Reason);
                    bool streams = body == ParseStatus.NeedMore;
                    if (streams && !exchange.ContinueDue && exchange.Body.Length < _worker.Options.BodyBuffer)
                    {
                        Deadline = ServerClock.Now + _worker.ProgressTimeout;
                        return true;
                    }
                    if (!Dispatch(leader, streams)) return false;
                    break;

                case ConnectionState.Discarding:
                    if (!Discard(exchange)) return false;
                    if (!exchange.BodyReader.IsComplete) return true;
                    NextRequest();
                    break;

                default:
                    return true;
            }
        }
    }

    /// <summary>Calls the application, here or on another thread. True when the loop may go on with this connection.</summary>
    private bool Dispatch(AppThread leader, bool streams)
    {
        HttpExchange exchange = _exchange!;
        ReadOnlySpan<byte> head = exchange.Input.Head;
        RequestHead parsed = exchange.Head;
        CallKey = SlowCalls.Key(
            head.Slice(parsed.Method.Offset, parsed.Method.Length),
            head.Slice(parsed.Host.Offset, parsed.Host.Length),
            head.Slice(parsed.Path.Offset, parsed.Path.Length));
        return _worker.Crew.Run(this, leader, blocks: streams || _worker.Slow.IsSlow(CallKey));
    }

    /// <summary>Loop: the response is with the kernel. True when bytes of a next request are there to go on with.</summary>
    private bool EndResponse()
    {
        HttpExchange exchange = _exchange!;
        if (!exchange.KeepAlive || _worker.IsStopping)
        {
            bool unread = exchange.Input.UnreadLength > 0 || (exchange.Head.HasBody && !exchange.BodyReader.IsComplete);
            if (unread && !_peerFinished) Linger();
            else Close();
            return false;
        }
        if (!exchange.BodyReader.IsComplete)
        {
            if (exchange.BodyReader.Remaining > MaxDiscard)
            {
                Linger();
                return false;
            }
            _dropped = 0;
            Move(ConnectionState.Discarding);
            Deadline = ServerClock.Now + LingerMilliseconds;
            UpdateInterest();
            return true;
        }
        NextRequest();
        if (exchange.Input.UnreadLength > 0) return true;
        _exchange = null;
        _worker.Exchanges.Return(exchange);
        return false;
    }

    private void NextRequest()
    {
        _exchange!.NextRequest();
        Deadline = ServerClock.Now + _worker.KeepAliveTimeout;
        Move(ConnectionState.Idle);
        UpdateInterest();
    }

    /// <summary>Reads the rest of a body that nobody wanted; false when the connection is given up.</summary>
    private bool Discard(HttpExchange exchange)
    {
        ParseStatus status = exchange.DecodeBody(MaxDiscard);
        _dropped += exchange.Body.Length;
        exchange.Body.Clear();
        if (status != ParseStatus.Rejected && _dropped <= MaxDiscard) return true;
        Linger();
        return false;
    }

    private void OnWritable(AppThread leader)
    {
        SendResult result;
        lock (this) result = _exchange!.Response.Drain();
        switch (result)
        {
            case SendResult.Done:
                if (EndResponse()) Advance(leader);
                break;
            case SendResult.Blocked:
                Deadline = ServerClock.Now + _worker.ProgressTimeout;
                break;
            default:
                Close();
                break;
        }
    }

    /// <summary>Under the lock, while an application thread or the queue owns the connection.</summary>
    private void OnEventWhileAway(uint events)
    {
        if (_state == ConnectionState.Closed) return;
        if ((events & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
        {
            PeerGone();
            return;
        }
        if ((events & Libc.EPOLLOUT) != 0 && _exchange!.Response.IsDraining)
        {
            _exchange.Response.Drain();
            Deadline = ServerClock.Now + _worker.ProgressTimeout;
        }
        // Level-triggered: what nobody reads now must not be asked for, or it wakes the loop for ever.
        UpdateInterest();
    }

    /// <summary>Under the lock. EPOLLERR and EPOLLHUP cannot be masked, so the descriptor leaves epoll.</summary>
    private void PeerGone()
    {
        if (_inEpoll) _ = _worker.Epoll.Remove(Fd);
        _inEpoll = false;
        _exchange?.Response.OnPeerGone();
    }

    private void OnPeerFinished()
    {
        // What is whole has been answered; the rest can never become whole.
        _peerFinished = true;
        Close();
    }

    private void OnLingering()
    {
        Span<byte> sink = stackalloc byte[8192];
        for (int turn = 0; turn < MaxReadsPerEvent; turn++)
        {
            int result = Libc.Receive(Fd, sink);
            if (result == -Errno.EAGAIN) return;
            if (result <= 0 && result != -Errno.EINTR)
            {
                Close();
                return;
            }
            _dropped += Math.Max(result, 0);
            if (_dropped > MaxLinger)
            {
                Close();
                return;
            }
        }
    }

    /// <summary>RFC 9112 §9.6: half-close and read on for a moment, so that an RST does not destroy our last response.</summary>
    private void Linger()
    {
        if (_worker.IsForced || Libc.ShutdownWrite(Fd) < 0)
        {
            Close();
            return;
        }
        _dropped = 0;
        Move(ConnectionState.Lingering);
        Deadline = ServerClock.Now + LingerMilliseconds;
        HttpExchange exchange = _exchange!;
        _exchange = null;
        _worker.Exchanges.Return(exchange);
        UpdateInterest();
    }

    /// <summary>Answers a request that is not given to the application, and closes after it.</summary>
    internal bool Reject(RejectReason reason)
    {
        HttpExchange exchange = _exchange!;
        Rejection rejection = Rejections.Of(reason);
        _worker.Log.Rejected(this, rejection, exchange.Input);
        Span<byte> room = exchange.Response.Reserve(MaxSimpleResponse);
        int length = ResponseWriter.WriteSimple(
            room, rejection.Status, rejection.Text, keepAlive: false, isHead: exchange.Head.IsHead, _worker.Clock.Date);
        _worker.Wire?.Response(this, room[..length]);
        exchange.Response.Advance(length);
        Move(ConnectionState.Draining);
        Deadline = ServerClock.Now + _worker.ProgressTimeout;
        exchange.Response.Finish();
        if (exchange.Response.IsGone) Close();
        else if (!exchange.Response.HasPending) Linger();
        return false;
    }

    private const int MaxSimpleResponse = 1024;

    /// <summary>Ends the connection. The table forgets it before the descriptor can be given to another.</summary>
    internal void Close()
    {
        lock (this)
        {
            if (_state == ConnectionState.Closed) return;
            Move(ConnectionState.Closed);
            _worker.Connections.Remove(this);
            _inEpoll = false; // closing the only descriptor of a socket takes it out of epoll
            _ = Libc.Close(Fd);
            if (_exchange is null) return;
            _worker.Exchanges.Return(_exchange);
            _exchange = null;
        }
    }

    /// <summary>Any thread, at a forced stop: the application's thread finds the client gone.</summary>
    internal void Cut()
    {
        lock (this)
        {
            if (ConnectionStates.IsLoopOwned(_state)) Close();
            else if (_state != ConnectionState.Closed) PeerGone();
        }
    }

    private HttpExchange Rent(AppThread leader)
    {
        HttpExchange exchange = leader.TakeExchange();
        exchange.Attach(this);
        return exchange;
    }

    private void ReleaseIfIdle(AppThread leader)
    {
        if (_state != ConnectionState.Idle || _exchange is not { } exchange || exchange.Input.UnreadLength > 0) return;
        _exchange = null;
        leader.GiveBack(exchange);
    }

    /// <summary>The one place that decides what epoll watches, as the union of what reading and writing need.</summary>
    private uint Wanted() => _state switch
    {
        ConnectionState.Draining => Libc.EPOLLOUT,
        ConnectionState.Running or ConnectionState.Waiting => _exchange!.Response.IsDraining ? Libc.EPOLLOUT : 0,
        ConnectionState.Closed => 0,
        _ => Libc.EPOLLIN,
    };

    private void UpdateInterest()
    {
        uint wanted = Wanted();
        if (wanted == _armed || !_inEpoll) return;
        _armed = wanted;
        _ = _worker.Epoll.Modify(Fd, wanted, Key); // MOD replaces the mask
    }

    private void Move(ConnectionState next)
    {
        Debug.Assert(ConnectionStates.MayMove(_state, next), $"{_state} to {next}");
        _state = next;
    }
}
