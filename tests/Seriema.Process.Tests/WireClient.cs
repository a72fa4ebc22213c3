using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Process.Tests;

/// <summary>A client that sends exactly the bytes it is told to, and reads responses one by one. Owns its socket.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly Socket _socket;
    private readonly List<byte> _received = [];

    internal WireClient(IPEndPoint server, int receiveBuffer = 0)
        : this(new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, server, receiveBuffer)
    {
    }

    private WireClient(Socket socket, EndPoint server, int receiveBuffer)
    {
        _socket = socket;
        if (receiveBuffer > 0) _socket.ReceiveBufferSize = receiveBuffer;
        _socket.Connect(server);
        _socket.ReceiveTimeout = (int)ServerProcess.Patience.TotalMilliseconds;
        _socket.SendTimeout = (int)ServerProcess.Patience.TotalMilliseconds;
    }

    /// <summary>A client whose address is another of this machine's own, such as 127.0.0.9.</summary>
    internal static WireClient From(IPAddress address, IPEndPoint server)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(address, 0));
        return new WireClient(socket, server, receiveBuffer: 0);
    }

    /// <param name="path">A file, or <c>@name</c> for an abstract socket.</param>
    internal static WireClient OfUnix(string path) => new(
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), UnixEndPoint(path), receiveBuffer: 0);

    internal static UnixDomainSocketEndPoint UnixEndPoint(string path) => new(path.StartsWith('@') ? "\0" + path[1..] : path);

    internal void Send(string latin1) => Send(Encoding.Latin1.GetBytes(latin1));

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    internal void SendRequest(string method, string target, string[] fields, string body = "")
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
        foreach (string field in fields) text.Append(field).Append("\r\n");
        if (body.Length > 0) text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        Send(text.Append("\r\n").Append(body).ToString());
    }

    internal void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with RST, as a client does that is killed.</summary>
    internal void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Reads one response by its own framing.</summary>
    /// <param name="isHead">The request was HEAD, so no body follows.</param>
    internal WireResponse ReadResponse(bool isHead = false)
    {
        string head = Encoding.Latin1.GetString(Take(IndexAfter("\r\n\r\n"u8)));
        WireResponse response = new(head);
        if (isHead || response.Status is 204 or 304 or < 200) return response;
        if (response.Field("Transfer-Encoding") == "chunked")
        {
            ReadChunks(response);
        }
        else if (response.Field("Content-Length") is { } length)
        {
            response.Body = Encoding.Latin1.GetString(Take(int.Parse(length, CultureInfo.InvariantCulture)));
        }
        else
        {
            response.Body = ReadToEnd();
        }
        return response;
    }

    /// <summary>Everything until the server closes; an RST ends the text with <c>&lt;reset&gt;</c>.</summary>
    internal string ReadToEnd()
    {
        bool reset = false;
        try
        {
            while (Receive()) { }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            reset = true;
        }
        return Encoding.Latin1.GetString(Take(_received.Count)) + (reset ? "<reset>" : "");
    }

    /// <summary>Whether the server closes without another byte.</summary>
    internal bool IsClosed()
    {
        string rest = ReadToEnd();
        return rest.Length == 0 || rest == "<reset>";
    }

    /// <summary>The raw text up to the end of a chunked body.</summary>
    internal string ReadToEndOfChunks() => Encoding.Latin1.GetString(Take(IndexAfter("\r\n0\r\n\r\n"u8)));

    /// <summary>Reads <paramref name="count"/> responses that all end with <paramref name="body"/>, without looking further.</summary>
    internal void SkipResponses(int count, ReadOnlySpan<byte> body)
    {
        while (count > 0)
        {
            int end = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).LastIndexOf(body);
            if (end >= 0)
            {
                int whole = end + body.Length;
                count -= System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received)[..whole].Count(body);
                _received.RemoveRange(0, whole);
            }
            if (count > 0 && !Receive()) throw new EndOfStreamException($"closed with {count} responses to come");
        }
    }

    internal byte[] ReadExactly(int count) => Take(count);

    public void Dispose() => _socket.Dispose();

    private void ReadChunks(WireResponse response)
    {
        StringBuilder body = new();
        while (true)
        {
            string line = Encoding.Latin1.GetString(Take(IndexAfter("\r\n"u8)));
            int size = int.Parse(line.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            string chunk = Encoding.Latin1.GetString(Take(size + 2));
            if (!chunk.EndsWith("\r\n", StringComparison.Ordinal)) throw new InvalidDataException($"chunk without CRLF: {line}{chunk}");
            if (size == 0) break;
            response.Chunks.Add(chunk[..^2]);
            body.Append(chunk, 0, size);
        }
        response.Body = body.ToString();
    }

    private int IndexAfter(ReadOnlySpan<byte> end)
    {
        while (true)
        {
            int index = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).IndexOf(end);
            if (index >= 0) return index + end.Length;
            if (!Receive()) throw new EndOfStreamException($"closed after: {Encoding.Latin1.GetString([.. _received])}");
        }
    }

    private byte[] Take(int count)
    {
        while (_received.Count < count)
        {
            if (!Receive()) throw new EndOfStreamException($"closed after {_received.Count} of {count} bytes");
        }
        byte[] taken = [.. _received[..count]];
        _received.RemoveRange(0, count);
        return taken;
    }

    private bool Receive()
    {
        byte[] buffer = new byte[65536];
        int count = _socket.Receive(buffer);
        _received.AddRange(buffer.AsSpan(0, count));
        return count > 0;
    }
}
