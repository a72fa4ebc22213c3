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
    private const int MaxAcceptsPerEvent = 64; // a flood of clients must not keep those that are here waiting
    private const ulong ListenerKeys = 0xFFFF_FFFE_0000_0000;
    private const ulong SignalKey = 0xFFFF_FFFD_0000_0000;
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
    private bool _listening = true;
    private bool _acceptsPaused;

    internal EventLoop(Worker worker)
    {
        (_worker, _epoll) = (worker, worker.Epoll);
        for (int i = 0; i < worker.Listeners.Count; i++)
        {
            if (ListenTo(i) is < 0 and int error) throw new LinuxException("epoll_ctl", -error);
        }
        if (worker.SignalFd >= 0) _ = _epoll.Add(worker.SignalFd, Libc.EPOLLIN, SignalKey);
        _nextSweep = ServerClock.Now + worker.SweepInterval;
    }

    /// <summary>The thread that is inside an application call while it leads; null when none is. For the monitor.</summary>
    internal AppThread? Caller => Volatile.Read(ref _caller);

    /// <summary>Grows with each call on the loop. For the monitor.</summary>
    internal long Calls => Volatile.Read(ref _calls);

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
            if (_worker.IsStopping && OnStopping()) return;
            _next = 0;
            _count = 0;
            _count = _epoll.Wait((int)Math.Clamp(_nextSweep - now, 0, _worker.SweepInterval));
            _worker.Clock.Update();
        }
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
            case >= ListenerKeys: _ = Accept((int)(key - ListenerKeys)); break;
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

    /// <summary>Takes over those who wait; true when there may be more.</summary>
    private bool Accept(int listener)
    {
        ListenSocket socket = _worker.Listeners[listener];
        Span<byte> address = stackalloc byte[PeerAddress.MaxLength];
        for (int i = 0; i < MaxAcceptsPerEvent; i++)
        {
            int fd = _worker.Sockets.Accept(socket.Fd, address, out int length);
            switch (fd)
            {
                case >= 0: _worker.Connections.Open(fd, socket, address[..length]); break;
                case -Errno.EAGAIN: return false;
                case -Errno.EINTR or -Errno.ECONNABORTED or -Errno.EPERM: break; // that client's trouble
                // accept(2): errors of the network that were waiting on the new socket.
                case -Errno.EPROTO or -Errno.ENOPROTOOPT or -Errno.EOPNOTSUPP or -Errno.ENETDOWN or -Errno.ENETUNREACH: break;
                case -Errno.EHOSTDOWN or -Errno.EHOSTUNREACH or -Errno.ENONET: break;
                default: PauseAccepts(-fd); return false;
            }
        }
        return true;
    }

    /// <summary>Out of descriptors or memory: level-triggered, the listener would wake the loop without end.</summary>
    private void PauseAccepts(int errno)
    {
        if (_acceptsPaused) return;
        _acceptsPaused = true;
        _worker.Log.AcceptPaused(errno);
        foreach (ListenSocket listener in _worker.Listeners) _ = _epoll.Remove(listener.Fd);
    }

    // EPOLLEXCLUSIVE cannot be changed with MOD, so listeners are only ever added and removed.
    private int ListenTo(int index) =>
        _epoll.Add(_worker.Listeners[index].Fd, Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE, ListenerKeys + (ulong)index);

    /// <summary>Looks at every connection's deadline. False when this thread lost the loop on the way.</summary>
    private bool Sweep(long now, AppThread me)
    {
        bool stopping = _worker.IsStopping;
        _nextSweep = now + (stopping ? StoppingSweep : _worker.SweepInterval);
        _worker.Slow.OnSecond(now / 1000);
        _worker.Exchanges.OnSecond();
        if (_acceptsPaused && _listening)
        {
            _acceptsPaused = false;
            for (int i = 0; i < _worker.Listeners.Count && !_acceptsPaused; i++)
            {
                if (ListenTo(i) is < 0 and int error) PauseAccepts(-error); // still short of memory
            }
        }
        foreach (Connection connection in _worker.Connections.All())
        {
            if (stopping) connection.OnStopping(me);
            if (Volatile.Read(ref _leader) != me) return false;
            if (now >= connection.Deadline) connection.OnDeadline();
        }
        return true;
    }

    /// <summary>The worker stops: no new clients; when the last connection is gone the loop ends. True then.</summary>
    private bool OnStopping()
    {
        if (_listening)
        {
            // Those that the kernel has accepted already were promised an answer: closing would reset them.
            // No more than the queue holds, for new ones keep coming.
            for (int i = 0; i < _worker.Listeners.Count; i++)
            {
                for (int left = _worker.Options.Backlog; left > 0 && Accept(i); left -= MaxAcceptsPerEvent) { }
            }
            _listening = false;
            foreach (ListenSocket listener in _worker.Listeners)
            {
                _ = _epoll.Remove(listener.Fd);
                listener.Dispose();
            }
            _nextSweep = 0; // the next turn looks at every connection
            return false;
        }
        if (_worker.IsForced)
        {
            foreach (Connection connection in _worker.Connections.All()) connection.Cut();
        }
        else if (_worker.Connections.Count > 0)
        {
            return false;
        }
        _worker.OnLoopEnded();
        return true;
    }
}
