using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>Where a connection stands, and with it who owns it.</summary>
internal enum ConnectionState
{
    /// <summary>The header of a proxy is to come, before all requests. Owner: the loop.</summary>
    ProxyHeader,

    /// <summary>Nothing of a next request has come. Owner: the loop.</summary>
    Idle,

    /// <summary>Part of a head has come. Owner: the loop.</summary>
    Head,

    /// <summary>The body is being gathered before the application is called. Owner: the loop.</summary>
    Body,

    /// <summary>The request waits for an application thread. Owner: the queue.</summary>
    Waiting,

    /// <summary>The application runs. Owner: the application thread.</summary>
    Running,

    /// <summary>The application is done, part of the response is still to be sent. Owner: the loop.</summary>
    Draining,

    /// <summary>The response is sent, the rest of the request's body is read and dropped. Owner: the loop.</summary>
    Discarding,

    /// <summary>Our side is shut down; what the client still sends is dropped, so that no RST overtakes the response. Owner: the loop.</summary>
    Lingering,

    /// <summary>The descriptor is closed.</summary>
    Closed,
}

/// <summary>The one table of moves between <see cref="ConnectionState"/>s.</summary>
internal static class ConnectionStates
{
    // One bit for each state that may follow. Everything may be closed.
    private static readonly int[] s_next =
    [
        /* ProxyHeader*/ Set(ConnectionState.Idle),
        /* Idle       */ Set(ConnectionState.Head),
        /* Head       */ Set(ConnectionState.Body, ConnectionState.Waiting, ConnectionState.Running, ConnectionState.Draining),
        /* Body       */ Set(ConnectionState.Waiting, ConnectionState.Running, ConnectionState.Draining),
        /* Waiting    */ Set(ConnectionState.Running, ConnectionState.Draining),
        /* Running    */ Set(ConnectionState.Idle, ConnectionState.Draining),
        /* Draining   */ Set(ConnectionState.Idle, ConnectionState.Discarding, ConnectionState.Lingering),
        /* Discarding */ Set(ConnectionState.Idle, ConnectionState.Lingering),
        /* Lingering  */ 0,
        /* Closed     */ 0,
    ];

    /// <summary>Whether the loop may touch a connection in this state without its lock.</summary>
    internal static bool IsLoopOwned(ConnectionState state) =>
        state is not (ConnectionState.Running or ConnectionState.Waiting or ConnectionState.Closed);

    /// <summary>Whether a connection in this state may have to give way to a new one: no request of it is being answered.</summary>
    internal static bool IsVictim(ConnectionState state) =>
        state is ConnectionState.Idle or ConnectionState.Head or ConnectionState.ProxyHeader or ConnectionState.Lingering;

    /// <summary>The one place that decides what epoll watches, as the union of what reading and writing need.</summary>
    /// <param name="state">Where the connection is, or is about to be.</param>
    /// <param name="response">That of the request in flight; null when there is none.</param>
    /// <param name="armed">What epoll watches now.</param>
    internal static uint Events(ConnectionState state, ResponseOutput? response, uint armed) => state switch
    {
        // With nothing left to send, the loop goes on without an event.
        ConnectionState.Draining => response!.HasPending ? Libc.EPOLLOUT : armed,
        ConnectionState.Running or ConnectionState.Waiting => response!.IsDraining ? Libc.EPOLLOUT : 0,
        ConnectionState.Closed => 0,
        _ => Libc.EPOLLIN,
    };

    internal static bool MayMove(ConnectionState from, ConnectionState to) =>
        (to == ConnectionState.Closed && from != ConnectionState.Closed) || (s_next[(int)from] & (1 << (int)to)) != 0;

    private static int Set(params ReadOnlySpan<ConnectionState> states)
    {
        int set = 0;
        foreach (ConnectionState state in states) set |= 1 << (int)state;
        return set;
    }
}
