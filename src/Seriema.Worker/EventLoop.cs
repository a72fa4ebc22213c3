using Seriema.Protocol;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>The one epoll loop of a worker. Whichever thread leads runs it; the others may only post and wake.</summary>
/// <remarks>
/// Leading passes from thread to thread in the middle of a batch of events, so everything about the batch is a field
/// here and nothing of it is on a stack. While the leader is inside the application <c>_caller</c> holds it; taking it
/// out of there, by compare and swap, is what takes the loop away: by the monitor, by the thread itself before it
/// waits, or, when nobody did, by the thread as it returns.
/// </remarks>
internal sealed class EventLoop
{
    // An overload's end must not keep the network waiting, nor thousands of slow clients whose time is over at once.
    private const int MaxExpiriesPerTurn = 256;
    private const int MaxDeadlinesPerTurn = 32;
    private const ulong SignalKey = 0xFFFF_FFFD_0000_0000;
    private const ulong SiteKey = 0xFFFF_FFFC_0000_0000;
    private const int StoppingSweep = 20; // milliseconds

    private readonly Worker _worker;
    private readonly Epoll _epoll;
    private readonly Lock _postGate = new();
    private List<Connection> _posted = [];
    private List<Connection> _taken = [];
    private volatile bool _hasPosted;
    private volatile bool _recalled;
    private AppThread? _leader;
    private AppThread? _caller;
    private long _calls;
    private int _count;
    private int _next;
    private long _nextSweep;
    private int _sweepFrom; // the descriptor at which a sweep goes on that is under way; 0 when none is
    private long _turnBegan; // 0 while the loop waits for events

    internal EventLoop(Worker worker)
    {
        (_worker, _epoll) = (worker, worker.Epoll);
        if (worker.SignalFd >= 0) _ = _epoll.Add(worker.SignalFd, Libc.EPOLLIN, SignalKey);
        if (worker.Site is { ChangesDescriptor: >= 0 and int changes }) _ = _epoll.Add(changes, Libc.EPOLLIN, SiteKey);
        _nextSweep = ServerClock.Now + worker.SweepInterval;
    }

    /// <summary>The thread that is inside an application call while it leads; null when none is. For the monitor.</summary>
    internal AppThread? Caller => Volatile.Read(ref _caller);

    /// <summary>Grows with each call on the loop. For the monitor.</summary>
    internal long Calls => Volatile.Read(ref _calls);

    /// <summary>For how long the present turn has lasted, in milliseconds; 0 while the loop waits for events. Any thread.</summary>
    internal long TurnAge => Volatile.Read(ref _turnBegan) is > 0 and long began ? ServerClock.Now - began : 0;

    internal void SetLeader(AppThread thread) => Volatile.Write(ref _leader, thread);

    /// <summary>The thread leads no more; who made it so sets a new leader at once after.</summary>
    internal void Resign(AppThread leader) => Interlocked.CompareExchange(ref _leader, null, leader);

    /// <summary>Any thread: the reserve leads although a thread is free.</summary>
    internal void Recall()
    {
        _recalled = true;
        _epoll.Wake();
    }

    internal void EnterCall(AppThread leader)
    {
        Volatile.Write(ref _calls, _calls + 1);
        Volatile.Write(ref _caller, leader);
        _worker.Monitor.OnCall();
    }

    /// <summary>The call is over. False when the loop was taken away meanwhile.</summary>
    internal bool LeaveCall(AppThread thread)
    {
        if (TryClearCaller(thread)) return true;
        // Who took the loop may not have come further than that: the name must not stand there when Lead looks at it,
        // or two threads lead.
        Resign(thread);
        return false;
    }

    /// <summary>Takes the loop from a thread inside a call; false when that call is over.</summary>
    internal bool TakeFrom(AppThread caller)
    {
        if (!TryClearCaller(caller)) return false;
        Resign(caller);
        _worker.Crew.Promote();
        return true;
    }

    /// <summary>The thread inside the call gives the loop away itself, because it is about to wait.</summary>
    internal void Yield(AppThread caller)
    {
        if (Volatile.Read(ref _caller) == caller) TakeFrom(caller);
    }

    /// <summary>Any thread: the connection is the loop's again, and something is to be done with it.</summary>
    internal void Post(Connection connection)
    {
        lock (_postGate)
        {
            _posted.Add(connection);
            _hasPosted = true;
        }
        _epoll.Wake();
    }

    /// <summary>Runs the loop until it is taken away or the worker has stopped.</summary>
    internal void Lead(AppThread me)
    {
        while (Volatile.Read(ref _leader) == me)
        {
            if (_next < _count)
            {
                int index = _next++;
                OnEvent(_epoll.Events.EventsAt(index), _epoll.Events.DataAt(index), me);
                continue;
            }
            if (me.IsReserve && _recalled && Relieved(me)) return;
            if (_hasPosted && !TakePosted(me)) return;
            long now = ServerClock.Now;
            if (now >= _nextSweep && !Sweep(now, me)) return;
            if (now >= _worker.Crew.NextExpiry) RefuseExpired(now);
            if (_worker.IsStopping && OnStopping()) return;
            _worker.Acceptor.OnTurn(now);
            _worker.Relief.OnTurn(now);
            Wait(now);
        }
    }

    private void Wait(long now)
    {
        long next = Math.Min(_nextSweep, Math.Min(_worker.Crew.NextExpiry, _worker.Acceptor.NextLook));
        _next = 0;
        _count = 0;
        Volatile.Write(ref _turnBegan, 0);
        _count = _epoll.Wait((int)Math.Clamp(next - now, 0, _worker.SweepInterval));
        Volatile.Write(ref _turnBegan, ServerClock.Now);
        _worker.Clock.Update();
        if (_worker.Site is { } site && MayTellOfChanges()) site.OnChanges();
    }

    /// <summary>Whether files may have changed before one of the batch's requests was sent.</summary>
    /// <remarks>
    /// The order of the batch does not tell: epoll keeps a connection in its list after an event, in front of what becomes
    /// ready later. And when a batch is full, the descriptor may be behind its end.
    /// </remarks>
    private bool MayTellOfChanges()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_epoll.Events.DataAt(i) == SiteKey) return true;
        }
        return _count == _epoll.Events.Capacity;
    }

    private bool TryClearCaller(AppThread thread) => Interlocked.CompareExchange(ref _caller, null, thread) == thread;

    private bool Relieved(AppThread me)
    {
        _recalled = false;
        return _worker.Crew.TryRelieve(me);
    }

    private void OnEvent(uint events, ulong key, AppThread me)
    {
        switch (key)
        {
            case Epoll.WakeKey: _epoll.OnWoken(); break;
            case SignalKey: OnSignal(me); break;
            case SiteKey: break; // seen by Wait
            case >= Acceptor.ListenerKeys: _worker.Acceptor.OnReady((int)(key - Acceptor.ListenerKeys)); break;
            default: _worker.Connections.Find(key)?.OnEvent(events, me); break;
        }
    }

    /// <summary>Python's C handler wrote to the pipe: its Python handler runs on Python's main thread, and nowhere else.</summary>
    private void OnSignal(AppThread me)
    {
        Span<byte> numbers = stackalloc byte[64];
        while (Libc.Read(_worker.SignalFd, numbers) > 0) { }
        if (me.Number != 0)
        {
            _worker.Crew.OrderSignals();
            return;
        }
        EnterCall(me);
        me.CheckSignals();
        _ = LeaveCall(me); // when it was taken away, the leader has changed and Lead ends
    }

    private bool TakePosted(AppThread me)
    {
        if (_taken.Count == 0)
        {
            lock (_postGate)
            {
                (_posted, _taken) = (_taken, _posted);
                _hasPosted = false;
            }
        }
        // From the end, one by one: this thread may lose the loop in the middle, and the next leader goes on here.
        while (_taken.Count > 0)
        {
            Connection connection = _taken[^1];
            _taken.RemoveAt(_taken.Count - 1);
            if (_taken.Count > 0) _hasPosted = true;
            connection.OnPosted(me);
            if (Volatile.Read(ref _leader) != me) return false;
        }
        return true;
    }

    /// <summary>Looks at every connection's deadline; at the rest of them in a later turn, when many have passed. False when this thread lost the loop on the way.</summary>
    private bool Sweep(long now, AppThread me)
    {
        bool stopping = _worker.IsStopping;
        if (_sweepFrom == 0) OnSecond(now);
        int late = 0;
        while (_worker.Connections.Next(ref _sweepFrom) is { } connection)
        {
            if (stopping) connection.OnStopping(me);
            if (Volatile.Read(ref _leader) != me) return false; // the next one goes on from here
            if (now < connection.Deadline) continue;
            connection.OnDeadline();
            if (++late == MaxDeadlinesPerTurn) return true;
        }
        _sweepFrom = 0;
        _nextSweep = now + (stopping ? StoppingSweep : _worker.SweepInterval);
        if (_worker.ClosesIdle && _worker.Acceptor.HasLeft) _worker.OnLeft();
        return true;
    }

    private void OnSecond(long now)
    {
        _worker.Slow.OnSecond(now / 1000);
        _worker.Exchanges.OnSecond();
        _worker.Acceptor.OnSweep();
        _worker.Refusals.OnSweep(now);
        _worker.Log.OnSweep();
        _worker.OnSweep(now);
    }

    private void RefuseExpired(long now)
    {
        for (int i = 0; i < MaxExpiriesPerTurn && _worker.Crew.TryExpire(now, out Connection? connection, out long age); i++)
        {
            _worker.Intake.Refuse(connection, RejectReason.WaitedTooLong, age);
        }
    }

    /// <summary>The worker stops: no new clients; when the last connection is gone the loop ends. True then.</summary>
    private bool OnStopping()
    {
        if (!_worker.Acceptor.HasLeft)
        {
            _worker.Acceptor.Leave();
            _nextSweep = _sweepFrom = 0; // the next turn looks at every connection
            return false;
        }
        if (_worker.IsForced)
        {
            while (_worker.Crew.TryTakeQueued(out Connection? waiting)) _worker.Intake.Refuse(waiting, RejectReason.Stopping, 0);
            foreach (Connection connection in _worker.Connections.All()) connection.Cut();
        }
        else if (_worker.Connections.Count > 0)
        {
            return false;
        }
        Volatile.Write(ref _turnBegan, 0); // nothing turns any more, and nothing is stuck
        _worker.OnLoopEnded();
        return true;
    }
}
