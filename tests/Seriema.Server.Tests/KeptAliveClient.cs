using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Server.Tests;

/// <summary>One connection that sends the same GET again and again. Allocates nothing after its first response.</summary>
internal sealed class KeptAliveClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _received = new byte[4096];
    private readonly int _responseLength; // every response is as long as the first: its Date has a fixed length

    internal KeptAliveClient(EndPoint server, string request)
    {
        _request = Encoding.ASCII.GetBytes(request);
        _socket.ReceiveTimeout = 60_000; // milliseconds: a server that hangs is a failed test, not a hung one
        _socket.Connect(server);
        Send();
        while (!_received.AsSpan(0, _responseLength).EndsWith("Hello, World!"u8)) _responseLength += Receive(_responseLength);
    }

    /// <summary>The last response.</summary>
    internal string Response => Encoding.ASCII.GetString(_received, 0, _responseLength);

    /// <summary>One request, and its response to the last byte.</summary>
    internal void Exchange()
    {
        Send();
        for (int length = 0; length < _responseLength;) length += Receive(length);
    }

    public void Dispose() => _socket.Dispose();

    private void Send() => Assert.True(_socket.Send(_request) == _request.Length, "the request was not sent whole");

    private int Receive(int length)
    {
        int count = _socket.Receive(_received.AsSpan(length));
        Assert.True(count > 0, "the server closed the connection");
        return count;
    }
}
