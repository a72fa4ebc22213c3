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
    private const int LingerMilliseconds = 3000; // how long a closed connection may go on sending before it is cut, once it has taken the response

    private readonly Worker _worker;
    private HttpExchange? _exchange; // owned from the first byte of a request to the last of its response
    private volatile ConnectionState _state;
    private EpollInterest _interest;
    private Patience _patience;
    private PartialHead _partialHead; // of a head that the exchange has been given back for
    private int _dropped;

    internal Connection(Worker worker, int fd, ulong key, ListenSocket listener, RemotePeer remote, ConnectionState state)
    {
        (_worker, Fd, Key, Listener, Remote, _state) = (worker, fd, key, listener, remote, state);
        _interest = new EpollInterest(worker.Epoll, fd, key);
        _patience.For(worker.HeadTimeout);
    }

    internal int Fd { get; }

    /// <summary>The descriptor and a count, so that an event for a closed connection never meets its successor.</summary>
    internal ulong Key { get; }

    internal ListenSocket Listener { get; }

    /// <summary>Replaced at most once, by the loop: when the header of a proxy is read.</summary>
    internal RemotePeer Remote { get; set; }

    internal ConnectionState State => _state;

    /// <summary>When the loop looks at what the connection did not do, in <see cref="ServerClock.Now"/>'s milliseconds.</summary>
    internal long Deadline => _patience.End;

    internal ref readonly Patience Patience => ref _patience;

    /// <summary>The present request's parser, buffers and response; null while the connection is idle.</summary>
    internal HttpExchange? Exchange => _exchange;

    /// <summary>What the slow calls are remembered by; 0 before the first request.</summary>
    internal uint CallKey { get; set; }

    /// <summary>Since when it is in its state, where that is one which <see cref="ConnectionStates.IsVictim"/> names.</summary>
    internal long Since { get; private set; } = ServerClock.Now;

    /// <summary>Whole heads of requests so far. The loop's own, and the present request's.</summary>
    internal int Requests { get; set; }

    /// <summary>Adds the new connection to epoll; false when the kernel refuses.</summary>
    internal bool Register() => _interest.Begin(Libc.EPOLLIN);

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
            case ConnectionState.Lingering: _worker.Intake.OnLingering(this); break;
            default: _worker.Intake.OnReadable(this, leader); break;
        }
    }

    /// <summary>Loop: an application thread gave the connection back with something left to do.</summary>
    internal void OnPosted(AppThread leader)
    {
        lock (this)
        {
            // An event may have come first; and then even the next request's thread be about to give it back.
            if (_state != ConnectionState.Draining || _exchange!.Response.HasPending) return;
        }
        if (EndResponse()) _worker.Intake.Advance(this, leader);
    }

    /// <summary>Loop: the deadline has passed.</summary>
    internal void OnDeadline()
    {
        if (_state is var state && ServerClock.Now < Deadline) return; // a call has ended meanwhile: it sets the deadline first
        switch (state)
        {
            case ConnectionState.ProxyHeader: _worker.Intake.EndProxyHeader(this, "proxy-header-timeout"); break;
            case ConnectionState.Head: _worker.Intake.OnHeadTimeout(_exchange ?? Attach(_worker.Exchanges.Rent()), this); break;
            case ConnectionState.Body when _patience.IsKept(_exchange!.BodyReader.Received): break;
            case ConnectionState.Body: _worker.Intake.Reject(this, RejectReason.BodyTimeout); break;
            case ConnectionState.Running:
                lock (this)
                {
                    if (_state != ConnectionState.Running) break; // it ended just now, and has a deadline of its own
                    // Only a response that the client does not take is timed here; how long the application may take is not.
                    if (!_exchange!.Response.IsDraining) _patience.Suspend();
                    else if (!IsResponseInTime()) PeerGone();
                }
                break;
            case ConnectionState.Waiting: break;
            case ConnectionState.Draining when IsResponseInTime(): break;
            case ConnectionState.Lingering when _worker.Sockets.Unsent(Fd) is > 0 and int left && _patience.IsKept(-left): _patience.AtMost(LingerMilliseconds); break;
            default: Close(); break;
        }
    }

    private bool IsResponseInTime()
    {
        if (_patience.IsKept(_exchange!.Response.Taken())) return true;
        _worker.Log.TooSlow(this);
        return false;
    }

    private void BeginDraining() => _patience.Keep(_worker.ProgressTimeout, _worker.Options.MinResponseRate, _exchange!.Response.Taken());

    /// <summary>Loop: the server stops. What is idle closes; what has begun may end, and in a drain who has just come may begin.</summary>
    internal void OnStopping(AppThread leader)
    {
        bool mayBegin = CallKey == 0 && _worker.IdleEnd > 0;
        if (_state == ConnectionState.Idle && _worker.ClosesIdle) _worker.Intake.OnReadable(this, leader); // what no event has told of yet
        if (_state == ConnectionState.Idle && _worker.ClosesIdle && !mayBegin) Close();
        else if (_state is ConnectionState.Head or ConnectionState.ProxyHeader || (mayBegin && _state == ConnectionState.Idle)) _patience.AtMost(1000);
    }

    /// <summary>Application thread: the kernel took no more of the response. Under the lock.</summary>
    internal void OnDraining()
    {
        BeginDraining();
        UpdateInterest();
    }

    /// <summary>Loop: the site has answered in the application's place; <see cref="EndCall"/> is next.</summary>
    internal void OnServed() => Move(ConnectionState.Running);

    /// <summary>Any thread: the request is in the queue.</summary>
    internal void OnQueued() => Move(ConnectionState.Waiting);

    /// <summary>The thread that calls the application: it owns the connection from here.</summary>
    internal void BeginCall(AppThread thread)
    {
        Move(ConnectionState.Running);
        _patience.Suspend();
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
        bool hasPending;
        // The state changes last: from then on the loop may read, and the exchange be another connection's.
        lock (this)
        {
            if (exchange.Response.IsGone && (!exchange.Response.IsExpired || !_interest.IsIn)) // who had a 504 may still be sending
            {
                Close();
                return false;
            }
            exchange.OnCallEnded();
            hasPending = exchange.Response.HasPending;
            if (exchange.IsOver && !_worker.IsStopping)
            {
                _exchange = null;
                thread.GiveBack(exchange);
                _patience.For(_worker.KeepAliveTimeout);
                UpdateInterest(ConnectionState.Idle);
                Move(ConnectionState.Idle);
                return false;
            }
            BeginDraining();
            UpdateInterest(ConnectionState.Draining);
            Move(ConnectionState.Draining);
        }
        if (hasPending) return false; // the loop goes on when the socket is writable
        if (leads) return EndResponse();
        _worker.Loop.Post(this);
        return false;
    }

    /// <summary>Loop: the first bytes of a request are here.</summary>
    internal void BeginHead()
    {
        _patience.For(_worker.HeadTimeout);
        Move(ConnectionState.Head);
    }

    /// <summary>Loop: the head is whole, the body is to come.</summary>
    internal void BeginBody()
    {
        Move(ConnectionState.Body);
        _patience.Keep(_worker.ProgressTimeout, _worker.Options.MinBodyRate, moved: 0);
    }

    /// <summary>Loop: the client has sent or taken something.</summary>
    internal void OnProgress() => _patience.OnMoved();

    /// <summary>Loop: bytes of an unwanted body were dropped; how many there were in all.</summary>
    internal int CountDropped(int count) => _dropped += count;

    /// <summary>Loop: a rejection is written; what the kernel did not take is sent later.</summary>
    internal void EndRejected()
    {
        Move(ConnectionState.Draining);
        BeginDraining();
        if (_exchange!.Response.IsGone) Close();
        else if (_exchange.Response.HasPending) UpdateInterest();
        else Linger();
    }

    /// <summary>Loop: a request begins, or may.</summary>
    internal HttpExchange Rent(AppThread leader) => Attach(leader.TakeExchange());

    private HttpExchange Attach(HttpExchange exchange)
    {
        exchange.Attach(this);
        _partialHead.MoveTo(exchange.Input);
        return _exchange = exchange;
    }

    /// <summary>Loop: while a request is waited for, no exchange is held; only a long head keeps its own.</summary>
    internal void ReleaseWhileWaiting(AppThread leader)
    {
        if (_exchange is not { } exchange || _state is not (ConnectionState.Idle or ConnectionState.Head)) return;
        if (exchange.Input.UnreadLength > PartialHead.MaxLength) return;
        _partialHead.Keep(exchange.Input.Unread);
        _exchange = null;
        leader.GiveBack(exchange);
    }

    /// <summary>Loop: the response is with the kernel. True when bytes of a next request are there to go on with.</summary>
    private bool EndResponse()
    {
        HttpExchange exchange = _exchange!;
        if (!exchange.KeepAlive || _worker.IsStopping)
        {
            bool unread = exchange.Input.UnreadLength > 0 || !exchange.BodyReader.IsComplete || _worker.Intake.HasUnread(this);
            if (unread && !exchange.EndsWithReset) Linger();
            else Close();
            return false;
        }
        if (!exchange.BodyReader.IsComplete)
        {
            if (exchange.BodyReader.Remaining > RequestIntake.MaxDiscard)
            {
                Linger();
                return false;
            }
            _dropped = 0;
            exchange.Body.Clear(); // what the application left of the part that was held is here already
            Move(ConnectionState.Discarding);
            _patience.For(LingerMilliseconds);
            UpdateInterest();
            return true;
        }
        NextRequest();
        if (exchange.Input.UnreadLength > 0) return true;
        _exchange = null;
        _worker.Exchanges.Return(exchange);
        return false;
    }

    /// <summary>Loop: the present request is over and its body read, or the header before the first one.</summary>
    internal void NextRequest()
    {
        _exchange!.NextRequest();
        _patience.For(_worker.KeepAliveTimeout);
        Move(ConnectionState.Idle);
        UpdateInterest();
    }

    private void OnWritable(AppThread leader)
    {
        SendResult result;
        lock (this) result = _exchange!.Response.Drain();
        switch (result)
        {
            case SendResult.Done:
                if (EndResponse()) _worker.Intake.Advance(this, leader);
                break;
            case SendResult.Blocked: OnProgress(); break;
            default: Close(); break;
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
            OnProgress();
        }
        // Level-triggered: what nobody reads now must not be asked for, or it wakes the loop for ever.
        UpdateInterest();
    }

    /// <summary>Under the lock, while the loop does not own it. EPOLLERR and EPOLLHUP cannot be masked, so the descriptor leaves epoll.</summary>
    internal void PeerGone()
    {
        _interest.Leave();
        _exchange!.Response.OnPeerGone();
        if (_exchange.EndsWithReset) _ = _worker.Sockets.ResetOnClose(Fd); // the process may end before it is closed
    }

    /// <summary>RFC 9112 §9.6: half-close and read on for a moment, so that an RST does not destroy our last response.</summary>
    internal void Linger()
    {
        if (_worker.IsForced || _worker.Sockets.ShutdownWrite(Fd) < 0)
        {
            Close();
            return;
        }
        _dropped = 0;
        Move(ConnectionState.Lingering);
        _patience.Keep(_worker.ProgressTimeout, _worker.Options.MinResponseRate, -_worker.Sockets.Unsent(Fd), LingerMilliseconds);
        _worker.Exchanges.Return(_exchange!);
        _exchange = null;
        UpdateInterest();
    }

    /// <summary>Ends the connection. The table forgets it before the descriptor can be given to another.</summary>
    internal void Close()
    {
        lock (this)
        {
            if (_state == ConnectionState.Closed) return;
            Move(ConnectionState.Closed);
            _worker.Connections.Remove(this);
            // While a child of fork() has the socket too, closing neither takes it out of epoll, where it would wake the
            // loop without end, nor tells the client.
            _interest.Leave();
            if (_exchange is { EndsWithReset: true }) _ = _worker.Sockets.ResetOnClose(Fd);
            else _ = _worker.Sockets.ShutdownForClose(Fd);
            _ = _worker.Sockets.Close(Fd);
            if (_exchange is null) return;
            _worker.Exchanges.Return(_exchange);
            _exchange = null;
        }
    }

    /// <summary>Any thread, at a forced stop, and the loop, for one that is too slow: the application's thread finds the client gone.</summary>
    internal void Cut()
    {
        lock (this)
        {
            if (ConnectionStates.IsLoopOwned(_state)) Close();
            else if (_state != ConnectionState.Closed) PeerGone();
        }
    }

    private void UpdateInterest() => UpdateInterest(_state);
    private void UpdateInterest(ConnectionState state) => _interest.Update(ConnectionStates.Events(state, _exchange?.Response, _interest.Armed));

    internal void LeaveEpoll() => _interest.Leave();

    private void Move(ConnectionState next)
    {
        Debug.Assert(ConnectionStates.MayMove(_state, next), $"{_state} to {next}");
        if (ConnectionStates.IsVictim(next)) Since = ServerClock.Now; // before the state, by which the loop knows that it is so
        _state = next;
    }
}
