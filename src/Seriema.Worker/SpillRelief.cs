using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Makes room for temporary files when they have nearly all they may: ends the clients that move the least of what they take.</summary>
/// <remarks>
/// Loop thread. Whoever fills the files and then stands still would otherwise keep everybody else's large bodies out for as
/// long as the least rates allow it, and make the application's threads wait for the readers of large responses.
/// </remarks>
internal sealed class SpillRelief(Worker worker)
{
    // Milliseconds. It costs a look at every connection.
    private const int Pause = 100;

    private const int Retry = 30_000; // milliseconds

    // Milliseconds. Of whom the server has waited for less nobody can say that it is slow, but for who takes the most.
    private const int Grace = 1000;

    // So much of all that there may be is made free at a time, and who takes as much alone has no grace.
    private const int Share = 16;

    private readonly List<(Connection Connection, double Worth)> _found = [];
    private long _nextLook;

    internal void OnTurn(long now)
    {
        if (!worker.SpillSpace.IsScarce || now < _nextLook) return;
        _nextLook = now + Pause;
        long wanted = Math.Max(1, Math.Min(worker.Options.LimitTempFiles, worker.SpillSpace.Used) / Share);
        foreach (Connection connection in worker.Connections.All())
        {
            if (WorthOf(connection, now, wanted) is { } worth) _found.Add((connection, worth));
        }
        _found.Sort(static (one, other) => one.Worth.CompareTo(other.Worth));
        foreach ((Connection connection, _) in _found)
        {
            if (wanted <= 0) break;
            wanted -= End(connection);
        }
        _found.Clear();
    }

    /// <summary>Bytes that its client moves in a millisecond, for each that it takes of the files; null for who is left alone.</summary>
    private static double? WorthOf(Connection connection, long now, long much)
    {
        lock (connection)
        {
            if (connection.Exchange is not { Spilled: > 0 } exchange) return null;
            if (exchange.Spilled < much && connection.Patience.Age(now) < Grace) return null;
            long moved = connection.State switch
            {
                ConnectionState.Body => exchange.BodyReader.Received,
                ConnectionState.Draining => exchange.Response.Taken(),
                ConnectionState.Running when exchange.Response.IsDraining => exchange.Response.Taken(),
                _ => -1, // the application works on it
            };
            return moved < 0 ? null : connection.Patience.Rate(now, moved) / exchange.Spilled;
        }
    }

    /// <summary>Ends the connection; how many bytes of the files that makes free.</summary>
    private long End(Connection connection)
    {
        lock (connection)
        {
            if (connection.Exchange is not { Spilled: > 0 and long spilled }) return 0; // it ended just now
            if (connection.State == ConnectionState.Body)
            {
                worker.Intake.Refuse(connection, RejectReason.NoRoomForBody, Retry);
                return spilled;
            }
            worker.Log.GaveWay(connection);
            connection.Cut();
            return spilled;
        }
    }
}
