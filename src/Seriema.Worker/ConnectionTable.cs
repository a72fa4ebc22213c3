using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>Every open connection, by its descriptor.</summary>
/// <remarks>
/// The loop opens and finds; any thread may remove. A slot is emptied before its descriptor is closed, so the kernel
/// cannot give the number to a new connection while the old one is still here.
/// </remarks>
internal sealed class ConnectionTable(Worker worker)
{
    private Connection?[] _byFd = new Connection?[1024];
    private int _count;
    private uint _opened;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Takes over an accepted descriptor.</summary>
    /// <param name="isOwn">It is one of this process, which no proxy is in front of.</param>
    internal Connection Open(int fd, ListenSocket listener, ReadOnlySpan<byte> socketAddress, bool isOwn = false)
    {
        RemotePeer remote = RemotePeer.Of(socketAddress, worker.Proxies.Forwarding.Proxies);
        bool needsHeader = worker.Proxies.NeedsHeader && !isOwn;
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
    }

    /// <summary>Those that are open when the enumeration reaches them.</summary>
    internal IEnumerable<Connection> All()
    {
        for (int fd = 0; fd < _byFd.Length; fd++)
        {
            if (_byFd[fd] is { } connection) yield return connection;
        }
    }
}
