using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>Takes over clients from the listeners, and decides when the worker has its listeners in epoll.</summary>
/// <remarks>
/// <para>Loop thread, but for <see cref="Begin"/>, <see cref="Look"/> and <see cref="Adopt"/>.</para>
/// <para>Workers share the listeners. EPOLLEXCLUSIVE wakes one that waits for each new connection, so whoever is woken must
/// accept: the wake-up was for it alone. That is why a worker without a free thread is not in epoll with its listeners at
/// all, rather than declining; it looks at them now and then, and leaves them alone while a sibling has a free thread.</para>
/// <para>The last descriptors are not for clients: the application opens files, and .NET ends the process when its collector
/// cannot read <c>/proc</c>, or starts a thread and finds no descriptor for it.</para>
/// </remarks>
internal sealed class Acceptor(Worker worker)
{
    internal const ulong ListenerKeys = 0xFFFF_FFFE_0000_0000;

    private const int MaxAccepts = 64; // a flood of clients must not keep those that are here waiting

    // Descriptors that are kept from clients: an eighth of all, within these bounds.
    private const int MinReserve = 16;
    private const int MaxReserve = 64;

    private const int WordEvery = 10_000; // milliseconds

    // How often a worker that is full looks whether somebody has been idle for long enough to give way.
    private const int FullLook = 100; // milliseconds

    // How often a worker without a free thread looks whether it should take clients all the same.
    private const int SaturatedLook = 20; // milliseconds

    // 127.0.0.1 as a sockaddr_in: what the application is told of a client that is this process itself.
    private static readonly byte[] s_selfAddress = [2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    private State _state;
    private int _asked; // Ask, from any thread
    private int _adopted = -1;
    private Connection? _newest; // the last one taken
    private readonly int _most = worker.Options.WorkerConnections is > 0 and int most ? most : int.MaxValue; // connections
    private int _limit = int.MaxValue; // of descriptors
    private int _reserved = int.MaxValue; // the first descriptor of the reserve
    private long _nextWord; // when the log may be told of it again
    private int _countAtPause; // of connections, when descriptors were found to be short

    /// <summary>Where the listeners stand.</summary>
    private enum State
    {
        /// <summary>The worker is not to accept yet.</summary>
        NotYet,

        /// <summary>In epoll.</summary>
        Listening,

        /// <summary>Out of epoll until the next sweep: no memory is left.</summary>
        Exhausted,

        /// <summary>Out of epoll until one of all connections that may be is closed, or a descriptor that is not of the reserve.</summary>
        Short,

        /// <summary>Out of epoll until a thread is free.</summary>
        Saturated,

        /// <summary>Out of epoll until the client that was just taken has said what it wants: it may want the last free thread.</summary>
        Holding,

        /// <summary>Closed.</summary>
        Left,
    }

    [Flags]
    private enum Ask
    {
        Begin = 1,
        Look = 2,
        Adopt = 4,
    }

    /// <summary>When the loop is to come back although nothing happened.</summary>
    internal long NextLook { get; private set; } = long.MaxValue;

    internal bool HasLeft => _state == State.Left;

    /// <summary>Where connections are closed for others.</summary>
    internal ConnectionRoom Room { get; } = new(worker);

    // Who leaves answers all whom the kernel has accepted.
    private bool IsFull => worker.Connections.Count >= _most && _state != State.Left;

    /// <summary>Before the loop runs: listens from the first turn on.</summary>
    /// <exception cref="LinuxException">epoll refuses a listener.</exception>
    internal void BeginAtOnce()
    {
        for (int i = 0; i < worker.Listeners.Count; i++)
        {
            if (ListenTo(i) is < 0 and int error) throw new LinuxException("epoll_ctl", -error);
        }
        _state = State.Listening;
        worker.Board.Join();
    }

    /// <summary>Any thread: a worker that was not to accept yet begins to.</summary>
    internal void Begin() => Post(Ask.Begin);

    /// <summary>Any thread: a sibling died, perhaps with a wake-up that it had not answered.</summary>
    internal void Look() => Post(Ask.Look);

    /// <summary>Any thread: takes over one end of a socket pair as if it had been accepted. One at a time.</summary>
    internal void Adopt(int fd)
    {
        _adopted = fd;
        Post(Ask.Adopt);
    }

    /// <summary>A listener is ready.</summary>
    internal void OnReady(int listener)
    {
        // One connection an event when siblings accept too: the rest makes the next turn's event, and by then one of
        // them may have taken it. A worker that took all it found would hold what others are free for.
        if (_state != State.Listening) return;
        if (!worker.Board.HasSiblings)
        {
            _ = Accept(listener, MaxAccepts);
            return;
        }
        _newest = null;
        _ = Accept(listener, 1);
        if (_newest is null || _state != State.Listening) return;
        // The next client would wait behind this one for the only thread, beside a sibling that has one to spare. Its
        // wake-up is not lost: it goes to this worker only while that waits in epoll, where the listeners are no more.
        if (worker.Crew.IsLeaderLastFree)
        {
            RemoveAll();
            _state = State.Holding;
            NextLook = ServerClock.Now + SaturatedLook;
            return;
        }
        // The kernel wakes whoever is in front; behind the others, this worker leaves the next client to them. Without it
        // clients that come one by one are all given to one worker.
        _ = worker.Epoll.Remove(worker.Listeners[listener].Fd);
        if (ListenTo(listener) is < 0 and int error) PauseAccepts(-error);
    }

    /// <summary>Before the loop waits.</summary>
    internal void OnTurn(long now)
    {
        if (Volatile.Read(ref _asked) != 0) Obey((Ask)Interlocked.Exchange(ref _asked, 0));
        if (_state == State.Holding && IsUndecided(now)) return;
        if (_state == State.Short && (worker.Connections.Count < _countAtPause || now >= NextLook)) ListenIfPossible(now);
        if (worker.Board.IsSaturated && worker.Board.HasSiblings) WhileSaturated(now);
        else if (_state is State.Saturated or State.Holding) Listen(); // adding a listener tells at once of who waits there
    }

    /// <summary>Whether the newest client may still ask for the last free thread. One that says nothing is not waited for long.</summary>
    private bool IsUndecided(long now)
    {
        // Its first request has not been dispatched: there is no key of it yet.
        if (_newest is { CallKey: 0, State: not ConnectionState.Closed } && now < NextLook) return true;
        _newest = null;
        return false;
    }

    /// <summary>About once a second.</summary>
    internal void OnSweep()
    {
        worker.Board.Refresh();
        Room.OnSweep(ServerClock.Now);
        if (_state == State.Exhausted) Listen();
        // A sibling that was woken and could not accept, or was killed, leaves its client to those who are not woken.
        else if (worker.Board.HasSiblings && _state == State.Listening) LookNow(1);
    }

    /// <summary>Takes what the kernel has accepted, and closes the listeners.</summary>
    /// <remarks>
    /// Out of epoll first: what comes then wakes a sibling. What came before may have woken this worker alone, and was
    /// promised an answer: closing would reset it, or leave it to nobody.
    /// </remarks>
    internal void Leave()
    {
        bool hasBegun = _state != State.NotYet;
        worker.Board.Leave();
        RemoveAll();
        _state = State.Left;
        // No more than the queue holds, for new ones keep coming.
        for (int i = 0; hasBegun && i < worker.Listeners.Count; i++)
        {
            for (int left = worker.Options.Backlog; left > 0 && Accept(i, MaxAccepts); left -= MaxAccepts) { }
        }
        NextLook = long.MaxValue;
        foreach (ListenSocket listener in worker.Listeners) listener.Dispose();
    }

    private void Post(Ask ask)
    {
        Interlocked.Or(ref _asked, (int)ask);
        worker.Epoll.Wake();
    }

    private void Obey(Ask asked)
    {
        if ((asked & Ask.Adopt) != 0) worker.Connections.Open(_adopted, worker.Listeners[0], s_selfAddress, isOwn: true);
        if ((asked & Ask.Begin) != 0 && _state == State.NotYet)
        {
            worker.Board.Join();
            Listen();
        }
        if ((asked & Ask.Look) != 0 && _state == State.Listening) LookNow(MaxAccepts);
    }

    private void WhileSaturated(long now)
    {
        if (_state is State.Listening or State.Holding)
        {
            RemoveAll();
            _state = State.Saturated;
            NextLook = now + SaturatedLook;
        }
        if (_state != State.Saturated || now < NextLook) return;
        NextLook = now + SaturatedLook;
        // With every worker busy a client waits here as well as in the kernel, and here it is answered if it only needs
        // a 503, or is a health check.
        if (!worker.Board.IsOtherFree) LookNow(MaxAccepts);
    }

    private void LookNow(int most)
    {
        for (int i = 0; i < worker.Listeners.Count && _state is not (State.Short or State.Exhausted); i++) _ = Accept(i, most);
    }

    private void Listen()
    {
        _state = State.Listening;
        NextLook = long.MaxValue;
        for (int i = 0; i < worker.Listeners.Count && _state == State.Listening; i++)
        {
            if (ListenTo(i) is < 0 and int error) PauseAccepts(-error); // still short of memory
        }
    }

    /// <summary>Takes over those who wait; true when there may be more.</summary>
    private bool Accept(int listener, int most)
    {
        ListenSocket socket = worker.Listeners[listener];
        ReadLimit();
        Span<byte> address = stackalloc byte[PeerAddress.MaxLength];
        for (int i = 0; i < most; i++)
        {
            if (IsFull && !IsWaiting(socket)) return false; // nobody is closed for a client that a sibling has
            if (IsFull && !Room.TryMake())
            {
                PauseUntilFree();
                return false;
            }
            int fd = worker.Sockets.Accept(socket.Fd, address, out int length);
            switch (fd)
            {
                case >= 0:
                    _newest = worker.Connections.Open(fd, socket, address[..length]);
                    if (fd < _reserved || _state == State.Left || _newest is null || Room.TryMake()) break;
                    PauseUntilFree();
                    return false;
                case -Errno.EMFILE:
                    if (_state != State.Left && Room.TryMake()) break;
                    PauseUntilFree();
                    return false;
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

    /// <summary>The machine is out of descriptors or memory: level-triggered, the listener would wake the loop without end.</summary>
    private void PauseAccepts(int errno)
    {
        if (_state is State.Exhausted or State.Left) return;
        worker.Log.AcceptPaused(errno);
        Pause(State.Exhausted);
    }

    private bool IsWaiting(ListenSocket listener) => worker.Sockets.WaitReadable(listener.Fd, 0) > 0;

    /// <summary>There are as many connections as may be, or only the reserve of descriptors is left, or not even that.</summary>
    private void PauseUntilFree()
    {
        if (_state is State.Short or State.Left) return;
        // With more clients than may be, one closed connection after another makes room for one.
        if (ServerClock.Now >= _nextWord)
        {
            if (IsFull) worker.Log.ConnectionsFull(_most);
            else worker.Log.DescriptorsShort(_limit);
            _nextWord = ServerClock.Now + WordEvery;
        }
        Pause(State.Short);
        NextLook = ServerClock.Now + FullLook;
        _countAtPause = worker.Connections.Count;
    }

    private void Pause(State state)
    {
        RemoveAll();
        _state = state;
        NextLook = long.MaxValue;
    }

    /// <summary>A client may have gone or been idle for long enough, or the application have closed a file.</summary>
    private void ListenIfPossible(long now)
    {
        NextLook = now + FullLook;
        _countAtPause = worker.Connections.Count;
        ReadLimit();
        int next = worker.Sockets.NextDescriptor(worker.Listeners[0].Fd);
        // Without any client even the reserve is for the next: with so low a limit it is that or nothing.
        bool isShort = IsFull || next < 0 || (next >= _reserved && _countAtPause > 0);
        if (isShort && !(worker.Listeners.Any(IsWaiting) && Room.TryMake())) return;
        Listen();
    }

    /// <summary>It may be changed from outside while the process runs: <c>prlimit</c>.</summary>
    private void ReadLimit()
    {
        _limit = worker.Sockets.DescriptorLimit();
        _reserved = FirstReserved(_limit);
    }

    /// <summary>The first descriptor that is not for clients, where there may be so many in all.</summary>
    internal static int FirstReserved(int limit) => limit == int.MaxValue ? limit : limit - Math.Clamp(limit / 8, MinReserve, MaxReserve);

    private void RemoveAll()
    {
        if (_state != State.Listening) return;
        foreach (ListenSocket listener in worker.Listeners) _ = worker.Epoll.Remove(listener.Fd);
    }

    // EPOLLEXCLUSIVE cannot be changed with MOD, so listeners are only ever added and removed.
    private int ListenTo(int index) =>
        worker.Epoll.Add(worker.Listeners[index].Fd, Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE, ListenerKeys + (ulong)index);
}
