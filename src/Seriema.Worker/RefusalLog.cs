using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Counts the requests that are refused although nothing is wrong with them, and logs how many, once a second.</summary>
/// <remarks>Loop thread. A line for each would make an overload worse; at level Debug there is one all the same.</remarks>
internal sealed class RefusalLog(WorkerLog log)
{
    private const int Interval = 1000; // milliseconds

    private int _queueFull;
    private int _waitedTooLong;
    private int _stopping;
    private int _noRoom;
    private int _tooManyRequests;
    private IpAddress? _lastLimited;
    private int _tooManyConnections;
    private RemotePeer? _lastTurnedAway;
    private long _nextLine;

    internal void Add(Connection connection, Rejection rejection, RejectReason reason, RequestInput input)
    {
        log.RefusedOne(connection, rejection, input);
        switch (reason)
        {
            case RejectReason.Overloaded: _queueFull++; break;
            case RejectReason.WaitedTooLong: _waitedTooLong++; break;
            case RejectReason.NoRoomForBody: _noRoom++; break;
            case RejectReason.TooManyRequests:
                _tooManyRequests++;
                _lastLimited = connection.Exchange!.Client;
                break;
            default: _stopping++; break;
        }
    }

    /// <summary>A client has been turned away because it has too many connections.</summary>
    internal void AddConnection(RemotePeer remote)
    {
        _tooManyConnections++;
        _lastTurnedAway = remote;
    }

    internal void OnSweep(long now)
    {
        int all = _queueFull + _waitedTooLong + _stopping + _noRoom + _tooManyRequests + _tooManyConnections;
        if (now < _nextLine || all == 0) return;
        _nextLine = now + Interval;
        Flush();
    }

    /// <summary>Logs what is left to tell.</summary>
    internal void Flush()
    {
        Tell(ref _queueFull, "queue full");
        Tell(ref _waitedTooLong, "waited too long");
        Tell(ref _noRoom, "no room for their bodies");
        Tell(ref _stopping, "the server stops");
        if (_lastLimited is { } limited) Tell(ref _tooManyRequests, $"clients ask too often; {Show(limited)} was the last");
        _lastLimited = null;
        if (_lastTurnedAway is not { } remote) return;
        log.TurnedAway(_tooManyConnections, remote);
        (_tooManyConnections, _lastTurnedAway) = (0, null);
    }

    private static string Show(IpAddress client)
    {
        Span<byte> text = stackalloc byte[IpAddress.MaxText];
        string address = Encoding.ASCII.GetString(text[..client.Format(text)]);
        return client.IsIpv4 ? address : address + "/64";
    }

    private void Tell(ref int count, string reason)
    {
        if (count > 0) log.Refused(count, reason);
        count = 0;
    }
}
