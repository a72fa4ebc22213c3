using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>Every open connection, by its descriptor.</summary>
/// <remarks>
/// The loop opens and finds; any thread may remove. A slot is emptied before its descriptor is closed, so the kernel
/// cannot give the number to a new connection while the old one is still here.
/// </remarks>
internal sealed class ConnectionTable(Worker worker)
{
    // A client that is told to come later may do so as soon as it has closed another of its connections.
    private const int RetryAfter = 1;

    private static readonly Rejection s_tooMany = Rejections.Of(RejectReason.TooManyConnections);

    private readonly ClientCounts _clients = new(worker.Options.LimitClientConnections);
    private Connection?[] _byFd = new Connection?[1024];
    private int _count;
    private uint _opened;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Connections of how many clients are counted.</summary>
    internal int Clients => _clients.Clients;

    /// <summary>Takes over an accepted descriptor; null, and it is closed, when its client has too many.</summary>
    /// <param name="isOwn">It is one of this process, which no proxy is in front of.</param>
    internal Connection? Open(int fd, ListenSocket listener, ReadOnlySpan<byte> socketAddress, bool isOwn = false)
    {
        RemotePeer remote = RemotePeer.Of(socketAddress, worker.Proxies.Forwarding.Proxies);
        if (isOwn) remote = remote with { Client = null };
        bool needsHeader = worker.Proxies.NeedsHeader && !isOwn;
        if (!needsHeader && !TryCount(ref remote)) // with a header it is known later whose it is
        {
            TurnAway(fd, remote);
            _ = worker.Sockets.ShutdownForClose(fd);
            _ = worker.Sockets.Close(fd);
            return null;
        }
        // 31 bits: the keys of listeners and of the wake-up have the highest bit set.
        _opened = (_opened + 1) & 0x7FFF_FFFF;
        Connection connection = new(worker, fd, ((ulong)_opened << 32) | (uint)fd, listener, remote,
            needsHeader ? ConnectionState.ProxyHeader : ConnectionState.Idle);
        if (fd >= _byFd.Length)
        {
            lock (this) Array.Resize(ref _byFd, Math.Max(fd + 1, 2 * _byFd.Length));
        }
        _byFd[fd] = connection;
        Interlocked.Increment(ref _count);
        if (needsHeader && !worker.Proxies.HeaderSenders.HasPeer(remote.Address))
        {
            worker.Log.ProxyRefused("proxy-not-allowed", connection, default);
            connection.Close();
        }
        else if (!connection.Register())
        {
            connection.Close();
        }
        return connection;
    }

    /// <summary>Counts a connection as the client's that a PROXY header names; false, and the client is told, when it has too many.</summary>
    internal bool TryCount(Connection connection)
    {
        RemotePeer remote = connection.Remote;
        if (!TryCount(ref remote))
        {
            TurnAway(connection.Fd, remote);
            return false;
        }
        connection.Remote = remote;
        return true;
    }

    /// <summary>The connection of an event, or null when it is closed by now.</summary>
    internal Connection? Find(ulong key)
    {
        int fd = (int)(uint)key;
        Connection? connection = fd < _byFd.Length ? _byFd[fd] : null;
        return connection?.Key == key ? connection : null;
    }

    internal void Remove(Connection connection)
    {
        lock (this) // against the array being replaced at this moment
        {
            if (_byFd[connection.Fd] != connection) return;
            _byFd[connection.Fd] = null;
        }
        Interlocked.Decrement(ref _count);
        if (connection.Remote is { IsCounted: true, Client: { } client }) _clients.Remove(client);
    }

    /// <summary>The open connection with the lowest descriptor from <paramref name="from"/> on, which then is the one behind it; null at the end.</summary>
    internal Connection? Next(ref int from)
    {
        while (from < _byFd.Length)
        {
            if (_byFd[from++] is { } connection) return connection;
        }
        return null;
    }

    /// <summary>Those that are open when the enumeration reaches them.</summary>
    internal IEnumerable<Connection> All()
    {
        for (int fd = 0; fd < _byFd.Length; fd++)
        {
            if (_byFd[fd] is { } connection) yield return connection;
        }
    }

    // A proxy has the connections of all its clients.
    private bool TryCount(ref RemotePeer remote)
    {
        if (!_clients.IsOn || remote.IsProxy || remote.Client is not { } client) return true;
        if (!_clients.TryAdd(client)) return false;
        remote = remote with { IsCounted = true };
        return true;
    }

    /// <summary>Answers who has too many connections, as far as that costs nothing: it may be a flood.</summary>
    private void TurnAway(int fd, RemotePeer remote)
    {
        worker.Refusals.AddConnection(remote);
        Span<byte> response = stackalloc byte[ResponseWriter.SimpleOverhead + 128]; // more than the text, which is ASCII
        int length = ResponseWriter.WriteSimple(
            response, s_tooMany.Status, s_tooMany.Text, keepAlive: false, isHead: false, worker.Clock.Date, RetryAfter);
        _ = worker.Sockets.Send(fd, response[..length], more: false);
        // A request that is here already and was not read would make the close an RST, which destroys the answer.
        Span<byte> sink = stackalloc byte[8192];
        _ = worker.Sockets.Receive(fd, sink);
    }
}
