using System.Runtime.InteropServices;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>How many connections each client has open. Any thread; one lock.</summary>
/// <param name="most">Connections of one client; 0 for any number, and then nobody is counted.</param>
internal sealed class ClientCounts(int most)
{
    // Whoever has many addresses could aim at one bucket, if the hash of a number were not mixed with a random one of
    // this process (HashCode).
    private readonly Dictionary<IpAddress, int> _counts = [];
    private readonly Lock _gate = new();

    /// <summary>How many clients have a connection that is counted.</summary>
    internal int Clients
    {
        get
        {
            lock (_gate) return _counts.Count;
        }
    }

    internal bool IsOn => most > 0;

    /// <summary>One connection more; false, and nothing is counted, when that would be too many.</summary>
    internal bool TryAdd(IpAddress client)
    {
        lock (_gate)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, client, out _);
            if (count >= most) return false; // it was there, for at least one is allowed
            count++;
            return true;
        }
    }

    /// <summary>One connection fewer; who has none left is forgotten.</summary>
    internal void Remove(IpAddress client)
    {
        lock (_gate)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, client);
            if (--count == 0) _counts.Remove(client);
        }
    }
}
