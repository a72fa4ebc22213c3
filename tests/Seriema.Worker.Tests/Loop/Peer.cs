using System.Net;
using System.Text;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the kernel is to answer for one connection, and what the server asked of it.</summary>
internal sealed class Peer(int fd)
{
    private readonly Queue<object> _incoming = new(); // byte[], or int for an answer without bytes
    private readonly Queue<int> _sends = new();
    private readonly Queue<int> _fileSends = new();
    private readonly List<byte> _sent = [];
    private byte[] _rest = [];

    internal int Fd { get; } = fd;

    internal IPAddress Address { get; init; } = IPAddress.None;

    /// <summary>Whether a <c>recv</c> would find something, be it the end.</summary>
    internal bool HasIncoming => _rest.Length > 0 || _incoming.Count > 0;

    /// <summary>Everything that went out, a file's bytes as <c>#</c>.</summary>
    internal string Sent => Encoding.Latin1.GetString([.. _sent]);

    internal int Receives { get; private set; }

    internal int Sends { get; private set; }

    internal int Closes { get; set; }

    internal int WriteShutdowns { get; set; }

    internal int Resets { get; set; }

    /// <summary>Bytes that the kernel holds, at each question; when they run out, the last one stays.</summary>
    internal Queue<int> Unsent { get; } = new([0]);

    /// <summary>What <c>shutdown</c> answers.</summary>
    internal int ShutdownAnswer { get; set; }

    /// <summary>Answers of the next sends were given with MSG_MORE, in order.</summary>
    internal List<bool> More { get; } = [];

    /// <summary>Bytes that a <c>recv</c> finds; what does not fit is there for the next one.</summary>
    internal Peer Says(string text)
    {
        _incoming.Enqueue(Encoding.Latin1.GetBytes(text));
        return this;
    }

    /// <summary>An answer of <c>recv</c> without bytes: 0, or <c>-errno</c>. Without any, it is -EAGAIN.</summary>
    internal Peer Answers(int answer)
    {
        _incoming.Enqueue(answer);
        return this;
    }

    /// <summary>Answers of <c>send</c>: most bytes to take, or <c>-errno</c>. Without any, all bytes are taken.</summary>
    internal Peer Takes(params int[] answers)
    {
        foreach (int answer in answers) _sends.Enqueue(answer);
        return this;
    }

    /// <summary>The same for <c>sendfile</c>.</summary>
    internal Peer TakesFile(params int[] answers)
    {
        foreach (int answer in answers) _fileSends.Enqueue(answer);
        return this;
    }

    internal int OnReceive(Span<byte> buffer, int whenEmpty)
    {
        Receives++;
        if (_rest.Length == 0)
        {
            if (!_incoming.TryDequeue(out object? next)) return whenEmpty;
            if (next is int answer) return answer;
            _rest = (byte[])next;
        }
        int count = Math.Min(_rest.Length, buffer.Length);
        _rest.AsSpan(0, count).CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    internal int OnSend(ReadOnlySpan<byte> bytes, bool more)
    {
        Sends++;
        More.Add(more);
        int count = _sends.TryDequeue(out int answer) ? Math.Min(answer, bytes.Length) : bytes.Length;
        if (count > 0) _sent.AddRange(bytes[..count]);
        return count;
    }

    internal int OnSendFile(ref long offset, long count)
    {
        int sent = _fileSends.TryDequeue(out int answer) ? (int)Math.Min(answer, count) : (int)count;
        for (int i = 0; i < sent; i++) _sent.Add((byte)'#');
        offset += Math.Max(sent, 0);
        return sent;
    }
}
