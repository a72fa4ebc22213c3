using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>
/// One client of a load: a thread that asks again and again and writes down how each request ended. Its socket is its own.
/// </summary>
internal sealed class LoadConnection(int number, EndPoint server, string target, int perConnection, Action<RequestRecord> answered) : IDisposable
{
    private readonly byte[] _request = Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private readonly byte[] _lastRequest = Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    private readonly byte[] _buffer = new byte[8192];
    private Socket? _socket;
    private int _port;
    private long _connected;
    private int _asked; // on this connection
    private int _lastPid;

    internal List<RequestRecord> Records { get; } = [];

    internal void Run(CancellationToken end)
    {
        using (this)
        {
            while (!end.IsCancellationRequested && Ask()) { }
        }
    }

    public void Dispose() => Close();

    private bool Ask()
    {
        long start = Stopwatch.GetTimestamp();
        if (_socket is null && !Connect(start, out string why))
        {
            Records.Add(Record(start, RequestOutcome.Refused, why));
            return false; // a port that refuses one would refuse the next million
        }
        bool isLast = ++_asked == perConnection;
        RequestRecord record = Exchange(start, isLast ? _lastRequest : _request, out bool closes);
        Records.Add(record);
        if (record.Outcome == RequestOutcome.Answered)
        {
            _lastPid = record.Pid;
            answered(record);
        }
        if (closes || isLast || record.Outcome is not (RequestOutcome.Answered or RequestOutcome.Rejected)) Close();
        return true;
    }

    private bool Connect(long start, out string why)
    {
        int patience = (int)ServerProcess.Patience.TotalMilliseconds;
        _socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = patience, SendTimeout = patience };
        (_connected, _asked, _lastPid, why) = (start, 0, 0, "");
        try
        {
            _socket.Connect(server);
            _port = (_socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
            return true;
        }
        catch (SocketException e)
        {
            why = e.SocketErrorCode.ToString();
            Close();
            return false;
        }
    }

    private RequestRecord Exchange(long start, byte[] request, out bool closes)
    {
        int count = 0;
        closes = false;
        string why = "closed";
        try
        {
            _socket!.Send(request);
            while (true)
            {
                int received = _socket.Receive(_buffer, count, _buffer.Length - count, SocketFlags.None);
                if (received == 0) break;
                count += received;
                if (!TryParse(_buffer.AsSpan(0, count), out int status, out string body, out closes)) continue;
                return Record(start, status == 200 ? RequestOutcome.Answered : RequestOutcome.Rejected, status == 200 ? body : $"{status} {body}");
            }
        }
        catch (SocketException e)
        {
            why = e.SocketErrorCode.ToString(); // a time that ran out as well: an answer that never came is a failure
        }
        bool mayBeIdle = _asked > 1 && why != nameof(SocketError.TimedOut) && why != nameof(SocketError.WouldBlock);
        RequestOutcome outcome = count > 0 ? RequestOutcome.Broken : mayBeIdle ? RequestOutcome.LostIdle : RequestOutcome.LostFresh;
        return Record(start, outcome, why);
    }

    /// <summary>A whole response with Content-Length; false when there is more to come.</summary>
    private static bool TryParse(ReadOnlySpan<byte> bytes, out int status, out string body, out bool closes)
    {
        (status, body, closes) = (0, "", false);
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        WireResponse response = new(Encoding.Latin1.GetString(bytes[..(end + 4)]));
        int length = int.Parse(response.Field("Content-Length")!, System.Globalization.CultureInfo.InvariantCulture);
        if (bytes.Length < end + 4 + length) return false;
        (status, body, closes) = (response.Status, Encoding.Latin1.GetString(bytes.Slice(end + 4, length)), response.Field("Connection") == "close");
        return true;
    }

    private RequestRecord Record(long start, RequestOutcome outcome, string text) =>
        new(number, _port, _connected, start, Stopwatch.GetTimestamp(), outcome, text, _lastPid);

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
