namespace Seriema.Worker;

/// <summary>Makes room for temporary files when they have nearly all they may: cuts the clients that move the least.</summary>
/// <remarks>
/// Loop thread. Whoever fills the files and then stands still would otherwise keep everybody else's large bodies out for as
/// long as the least rates allow it, and make the application's threads wait for the readers of large responses.
/// </remarks>
internal sealed class SpillRelief(Worker worker)
{
    // Milliseconds. It costs a look at every connection.
    private const int Pause = 100;

    // Milliseconds. Of whom the server has waited for less nobody can say that it is slow.
    private const int Grace = 1000;

    // So much of all that there may be is made free at a time.
    private const int Share = 16;

    private readonly List<(Connection Connection, double Rate, long Bytes)> _slow = [];
    private long _nextLook;

    internal void OnTurn(long now)
    {
        if (!worker.SpillSpace.IsScarce || now < _nextLook) return;
        _nextLook = now + Pause;
        foreach (Connection connection in worker.Connections.All()) Offer(connection, now);
        _slow.Sort(static (one, other) => one.Rate.CompareTo(other.Rate));
        long wanted = worker.Options.LimitTempFiles / Share;
        foreach ((Connection connection, _, long bytes) in _slow)
        {
            if (wanted <= 0) break;
            wanted -= bytes;
            if (connection.Exchange is not null) worker.Log.GaveWay(connection);
            connection.Cut();
        }
        _slow.Clear();
    }

    private void Offer(Connection connection, long now)
    {
        lock (connection)
        {
            if (connection.Exchange is not { } exchange || connection.Patience.Age(now) < Grace) return;
            long bytes = connection.State == ConnectionState.Body ? exchange.SpilledBodyLength : exchange.Response.SpilledLength;
            if (bytes == 0) return;
            long moved = connection.State == ConnectionState.Body ? exchange.BodyReader.Received : exchange.Response.Taken();
            _slow.Add((connection, connection.Patience.Rate(now, moved), bytes));
        }
    }
}
