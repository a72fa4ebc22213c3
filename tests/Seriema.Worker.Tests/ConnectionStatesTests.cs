using static Seriema.Worker.ConnectionState;

namespace Seriema.Worker.Tests;

public sealed class ConnectionStatesTests
{
    /// <summary>Written out a second time on purpose: a move is allowed when both say so.</summary>
    private static readonly Dictionary<ConnectionState, ConnectionState[]> s_moves = new()
    {
        [ProxyHeader] = [Idle, Closed],
        [Idle] = [Head, Closed],
        [Head] = [Body, Waiting, Running, Draining, Closed],
        [Body] = [Waiting, Running, Draining, Closed],
        [Waiting] = [Running, Draining, Closed],
        [Running] = [Idle, Draining, Closed],
        [Draining] = [Idle, Discarding, Lingering, Closed],
        [Discarding] = [Idle, Lingering, Closed],
        [Lingering] = [Closed],
        [Closed] = [],
    };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string from in Enum.GetNames<ConnectionState>())
            {
                foreach (string to in Enum.GetNames<ConnectionState>()) pairs.Add(from, to);
            }
            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Only_the_moves_of_the_table_are_allowed(string from, string to)
    {
        (ConnectionState first, ConnectionState second) = (Enum.Parse<ConnectionState>(from), Enum.Parse<ConnectionState>(to));
        Assert.Equal(s_moves[first].Contains(second), ConnectionStates.MayMove(first, second));
    }

    [Fact]
    public void The_loop_owns_every_state_but_those_of_the_application_and_the_end()
    {
        ConnectionState[] owned = [.. Enum.GetValues<ConnectionState>().Where(ConnectionStates.IsLoopOwned)];
        Assert.Equal([ProxyHeader, Idle, Head, Body, Draining, Discarding, Lingering], owned);
    }
}
