using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>The kernel's sockets as a test scripts them: no descriptor of the process is touched.</summary>
internal sealed class ScriptedSockets : Sockets
{
    /// <summary>Above any descriptor the process has open, so that a slip cannot close a real one.</summary>
    internal const int FirstFd = 700_000;

    private readonly ConcurrentDictionary<int, Peer> _peers = [];
    private readonly Queue<int> _accepts = new();
    private readonly Lock _gate = new();
    private int _nextFd = FirstFd;

    /// <summary>Descriptors of files that were closed, in order.</summary>
    internal List<int> ClosedFiles { get; } = [];

    internal int Accepts { get; private set; }

    /// <summary>Called by each accept, before it answers.</summary>
    internal Action OnAccept { get; set; } = () => { };

    /// <summary>What <c>poll</c> answers in place of waiting.</summary>
    internal Func<int> OnWaitReadable { get; set; } = () => 0;

    /// <summary>RLIMIT_NOFILE, and the lowest free descriptor: as if there were no limit, but where a test says otherwise.</summary>
    internal int Limit { get; set; } = int.MaxValue;

    internal int Next { get; set; }

    internal int LimitReads { get; private set; }

    internal override int DescriptorLimit()
    {
        LimitReads++;
        return Limit;
    }

    internal override int NextDescriptor(int any) => Next;

    /// <summary>A client that the next accept finds.</summary>
    internal Peer Arrive(int? fd = null, string address = "192.0.2.7")
    {
        Peer peer = new(fd ?? _nextFd++) { Address = IPAddress.Parse(address) };
        _peers[peer.Fd] = peer;
        _accepts.Enqueue(peer.Fd);
        return peer;
    }

    /// <summary>An accept that fails.</summary>
    internal void ArriveBadly(int errno) => _accepts.Enqueue(-errno);

    internal override int Accept(int listener, Span<byte> address, out int addressLength)
    {
        Accepts++;
        OnAccept();
        addressLength = 0;
        if (!_accepts.TryDequeue(out int answer)) return -Errno.EAGAIN;
        if (answer >= 0) addressLength = WriteAddress(_peers[answer].Address, address);
        return answer;
    }

    internal override int Receive(int fd, Span<byte> buffer)
    {
        lock (_gate) return _peers[fd].OnReceive(buffer, -Errno.EAGAIN);
    }

    internal override int Send(int fd, ReadOnlySpan<byte> buffer, bool more)
    {
        lock (_gate) return _peers[fd].OnSend(buffer, more);
    }

    internal override int SendFile(int fd, int file, ref long offset, long count)
    {
        lock (_gate) return _peers[fd].OnSendFile(ref offset, count);
    }

    internal override int Unsent(int fd)
    {
        lock (_gate) return _peers[fd].Unsent is { Count: > 1 } several ? several.Dequeue() : _peers[fd].Unsent.Peek();
    }

    internal override int WaitReadable(int fd, int timeout)
    {
        if (timeout > 0) return OnWaitReadable();
        lock (_gate) return (_peers.TryGetValue(fd, out Peer? peer) ? peer.HasIncoming : _accepts.Count > 0) ? 1 : 0;
    }

    internal override int WaitWritable(int fd, int timeout) => 1;

    internal override int ShutdownForClose(int fd) => 0; // the close is what counts

    internal override int ShutdownWrite(int fd)
    {
        _peers[fd].WriteShutdowns++;
        return _peers[fd].ShutdownAnswer;
    }

    internal override int ResetOnClose(int fd)
    {
        _peers[fd].Resets++;
        return 0;
    }

    internal override int Close(int fd)
    {
        lock (_gate)
        {
            if (_peers.TryGetValue(fd, out Peer? peer)) peer.Closes++;
            else ClosedFiles.Add(fd);
        }
        return 0;
    }

    private static int WriteAddress(IPAddress ip, Span<byte> address)
    {
        bool isIpv4 = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)(isIpv4 ? 2 : 10)); // AF_INET, AF_INET6
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], 54321);
        ip.TryWriteBytes(address[(isIpv4 ? 4 : 8)..], out _);
        return isIpv4 ? 16 : 28;
    }
}
