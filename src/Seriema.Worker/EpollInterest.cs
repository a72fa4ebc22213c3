using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>What epoll watches of one connection. Mutable: it is kept in a field and never copied.</summary>
/// <remarks>For the connection's owner, or under its lock, as everything about it.</remarks>
internal struct EpollInterest(Epoll epoll, int fd, ulong key)
{
    /// <summary>Whether epoll has the descriptor at all.</summary>
    internal bool IsIn { get; private set; }

    /// <summary>What epoll was told last.</summary>
    internal uint Armed { get; private set; }

    /// <summary>False when the kernel refuses.</summary>
    internal bool Begin(uint events)
    {
        Armed = events;
        return IsIn = epoll.Add(fd, events, key) == 0;
    }

    internal void Update(uint wanted)
    {
        if (wanted == Armed || !IsIn) return;
        Armed = wanted;
        _ = epoll.Modify(fd, wanted, key); // MOD replaces the mask
    }

    internal void Leave()
    {
        if (IsIn) _ = epoll.Remove(fd);
        IsIn = false;
    }
}
