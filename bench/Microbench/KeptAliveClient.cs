using System.Net;
using System.Net.Sockets;

namespace Microbench;

/// <summary>One connection that sends the same request again and again. Allocates nothing after its first response.</summary>
internal sealed class KeptAliveClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _received = new byte[4096];
    private readonly int _responseLength; // every response is as long as the first: its Date has a fixed length

    internal KeptAliveClient(IPEndPoint server, byte[] request)
    {
        _request = request;
        _socket.ReceiveTimeout = 30_000; // milliseconds: a server that hangs ends the run
        _socket.Connect(server);
        Send();
        while (!_received.AsSpan(0, _responseLength).EndsWith("Hello, World!"u8)) _responseLength += Receive(_responseLength);
        if (!_received.AsSpan().StartsWith("HTTP/1.1 200 "u8)) throw new InvalidOperationException("the server did not say hello");
    }

    /// <summary>One request, and its response to the last byte.</summary>
    internal void Exchange()
    {
        Send();
        for (int length = 0; length < _responseLength;) length += Receive(length);
    }

    public void Dispose() => _socket.Dispose();

    private void Send()
    {
        if (_socket.Send(_request) != _request.Length) throw new InvalidOperationException("the request was not sent whole");
    }

    private int Receive(int length)
    {
        int count = _socket.Receive(_received.AsSpan(length));
        return count > 0 ? count : throw new InvalidOperationException("the server closed the connection");
    }
}
