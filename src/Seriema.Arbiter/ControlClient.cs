using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Arbiter;

/// <summary>How far the conversation with a control client is.</summary>
internal enum ControlClientState
{
    /// <summary>Its one line has not come yet.</summary>
    Asking,

    /// <summary>What it asked for takes its time.</summary>
    Waiting,

    /// <summary>The answer is being sent.</summary>
    Answering,

    Closed,
}

/// <summary>One connection to the control socket: a line comes, an answer goes, the end. Owns the descriptor. Arbiter thread only.</summary>
internal sealed class ControlClient(int id, int fd, Sockets sockets, Epoll epoll, long deadline) : IDisposable
{
    /// <summary>Longer than any request; whatever is longer is none.</summary>
    private const int MaxRequest = 256;

    /// <summary>How long a client may take to send its line, and to read the answer, in milliseconds.</summary>
    internal const long Patience = 5000;

    private readonly byte[] _request = new byte[MaxRequest];
    private int _received;
    private byte[] _answer = [];
    private int _sent;

    internal int Id { get; } = id;

    internal ControlClientState State { get; private set; }

    /// <summary>When it is dropped.</summary>
    internal long Deadline { get; private set; } = deadline;

    internal bool Watch() => epoll.Add(fd, EventKeys.Readable, EventKeys.Client(Id)) >= 0;

    /// <summary>Something happened on its socket; the request's line without its end when it is there now.</summary>
    internal string? OnEvent(uint events)
    {
        // An event of the same batch: its descriptor may be another client's by now.
        if (State == ControlClientState.Closed) return null;
        if (State == ControlClientState.Answering)
        {
            Flush();
            return null;
        }
        // While it waits only its end is of interest. Half a close is none: `echo reload | nc -U` does that.
        if (State == ControlClientState.Waiting)
        {
            if ((events & EventKeys.HungUp) != 0) Dispose();
            return null;
        }
        return Receive();
    }

    /// <summary>The request is understood; the answer comes later.</summary>
    internal void Wait()
    {
        (State, Deadline) = (ControlClientState.Waiting, WorkerHandle.Never);
        _ = epoll.Modify(fd, 0, EventKeys.Client(Id));
    }

    internal void Answer(string text, long now)
    {
        if (State is ControlClientState.Closed or ControlClientState.Answering) return;
        (State, Deadline) = (ControlClientState.Answering, now + Patience);
        _answer = Encoding.UTF8.GetBytes(text);
        Flush();
    }

    public void Dispose()
    {
        if (State == ControlClientState.Closed) return;
        State = ControlClientState.Closed;
        _ = epoll.Remove(fd);
        _ = sockets.Close(fd);
    }

    private string? Receive()
    {
        int count = sockets.Receive(fd, _request.AsSpan(_received));
        if (count is -Errno.EAGAIN or -Errno.EINTR) return null;
        if (count > 0)
        {
            _received += count;
            int end = _request.AsSpan(0, _received).IndexOf((byte)'\n');
            if (end >= 0) return Encoding.UTF8.GetString(_request, 0, end);
            if (_received < MaxRequest) return null;
        }
        Dispose(); // it left, or it goes on for ever
        return null;
    }

    private void Flush()
    {
        while (_sent < _answer.Length)
        {
            int count = sockets.Send(fd, _answer.AsSpan(_sent), more: false);
            switch (count)
            {
                case > 0: _sent += count; break;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN:
                    _ = epoll.Modify(fd, EventKeys.Writable, EventKeys.Client(Id));
                    return;
                default:
                    Dispose();
                    return;
            }
        }
        Dispose();
    }
}
