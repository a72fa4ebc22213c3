using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Worker.Tests.Crews;

/// <summary>A blocking client of one connection.</summary>
internal sealed class Client : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16384];
    private string _received = "";

    internal Client(IPEndPoint server)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 30_000, // a test that waits longer has failed
        };
        _socket.Connect(server);
    }

    internal bool IsBetweenResponses => _received.Length == 0;

    internal void Send(string text) => _socket.Send(Encoding.Latin1.GetBytes(text));

    internal void Get(string path) => Send($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");

    /// <summary>The next response: its status and its body, which has a Content-Length.</summary>
    internal (int Status, string Body) Receive()
    {
        int end;
        while ((end = _received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0) Fill();
        const string name = "\r\nContent-Length: ";
        int start = _received.IndexOf(name, StringComparison.Ordinal);
        Assert.InRange(start, 1, end);
        int length = int.Parse(_received[(start + name.Length)..].Split("\r\n")[0], CultureInfo.InvariantCulture);
        while (_received.Length < end + 4 + length) Fill();
        string body = _received.Substring(end + 4, length);
        int status = int.Parse(_received.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        _received = _received[(end + 4 + length)..];
        return (status, body);
    }

    /// <summary>The head of the next response, which stays to be received.</summary>
    internal string ReceiveHead()
    {
        int end;
        while ((end = _received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0) Fill();
        return _received[..(end + 4)];
    }

    internal string Ask(string path)
    {
        Get(path);
        (int status, string body) = Receive();
        Assert.Equal(200, status);
        return body;
    }

    /// <summary>Everything up to the end of the connection.</summary>
    internal string ReceiveAll()
    {
        while (TryFill()) { }
        return _received;
    }

    /// <summary>Leaves without a word: the server sees a reset.</summary>
    internal void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private void Fill()
    {
        if (!TryFill()) throw new EndOfStreamException($"the connection ended before the end of a response: {_received}");
    }

    private bool TryFill()
    {
        int count = _socket.Receive(_buffer);
        _received += Encoding.Latin1.GetString(_buffer, 0, count);
        return count > 0;
    }
}
