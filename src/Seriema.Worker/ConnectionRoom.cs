namespace Seriema.Worker;

/// <summary>Makes room for new connections when there are as many as may be: closes those that ask for nothing.</summary>
/// <remarks>
/// <para>Loop thread. Whoever opens connections and leaves them idle, or sends their heads byte by byte, would otherwise
/// keep everybody else out. Those go first that have been idle for longest, then those that have been sending a head for
/// longest, or are over and wait for the client's end; never one with a request whose head is whole.</para>
/// <para>To find them costs a look at every connection, so several are closed at once: with a flood of clients each costs
/// the look at so many connections as <see cref="Share"/> says, however many there are.</para>
/// </remarks>
internal sealed class ConnectionRoom(Worker worker)
{
    /// <summary>Of so many connections one is closed at a time.</summary>
    private const int Share = 64;

    // Milliseconds. When there are not enough to close, looking again at once would find no more of them.
    private const int Pause = 50;

    private const int WordEvery = 10_000; // milliseconds

    // The youngest first, so that a full one gives up the least of its victims.
    private readonly PriorityQueue<Connection, long> _idle = new();
    private readonly PriorityQueue<Connection, long> _slow = new();
    private long _nextLook;
    private long _nextWord;
    private int _closed; // since the last word

    /// <summary>Who has come so lately is left alone, in milliseconds: its first byte, or its next request, may be on the way.</summary>
    internal int Grace { get; set; } = 1000;

    /// <summary>Closes some connections; false when there are none that may be closed.</summary>
    internal bool TryMake()
    {
        long now = ServerClock.Now;
        if (now < _nextLook) return false;
        int wanted = Math.Max(1, worker.Connections.Count / Share);
        foreach (Connection connection in worker.Connections.All())
        {
            ConnectionState state = connection.State; // first: who sees it sees since when
            if (!ConnectionStates.IsVictim(state) || now - connection.Since < Grace) continue;
            Offer(state == ConnectionState.Idle ? _idle : _slow, connection, wanted);
        }
        int closed = Close(_idle, wanted);
        closed += Close(_slow, wanted - closed);
        _closed += closed;
        if (closed < wanted) _nextLook = now + Pause;
        return closed > 0;
    }

    /// <summary>About once a second: tells of what was closed.</summary>
    internal void OnSweep(long now)
    {
        if (_closed == 0 || now < _nextWord) return;
        _nextWord = now + WordEvery;
        worker.Log.RoomMade(_closed, worker.Connections.Count);
        _closed = 0;
    }

    private static void Offer(PriorityQueue<Connection, long> victims, Connection connection, int wanted)
    {
        if (victims.Count < wanted) victims.Enqueue(connection, -connection.Since);
        else victims.EnqueueDequeue(connection, -connection.Since);
    }

    private int Close(PriorityQueue<Connection, long> victims, int most)
    {
        while (victims.Count > most) victims.Dequeue();
        int closed = 0;
        while (victims.TryDequeue(out Connection? connection, out _))
        {
            // What has just come, and the loop has not read, may be a request.
            if (connection.State == ConnectionState.Idle && worker.Sockets.WaitReadable(connection.Fd, 0) > 0) continue;
            connection.Close();
            closed++;
        }
        return closed;
    }
}
