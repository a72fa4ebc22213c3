using System.Globalization;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Arbiter;

/// <summary>The control socket, on which <c>seriema reload</c> and <c>seriema status</c> ask. Owns the socket, its file and its clients. Arbiter thread only.</summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>More than any operator has windows; the rest is turned away.</summary>
    private const int MaxClients = 64;

    private const int Backlog = 16;
    private const long AcceptPause = 500; // until descriptors may be free again
    private const int OwnerOnly = 0x180; // 0600: who may connect may reload

    private readonly Dictionary<int, ControlClient> _clients = [];
    private readonly string _path;
    private readonly Epoll _epoll;
    private readonly Sockets _sockets;
    private readonly Supervisor _supervisor;
    private ListenSocket? _listener;
    private SocketFile? _file;
    private long _pausedUntil = WorkerHandle.Never;
    private int _nextId;

    internal ControlServer(string path, Epoll epoll, Sockets sockets, Supervisor supervisor) =>
        (_path, _epoll, _sockets, _supervisor) = (path, epoll, sockets, supervisor);

    internal bool HasClients => _clients.Count > 0;

    /// <summary>Binds the socket.</summary>
    /// <exception cref="PidFileException">Another server listens there, the path holds something else, or it cannot be bound.</exception>
    /// <exception cref="LinuxException">Out of memory.</exception>
    internal void Open()
    {
        bool isFile = !_path.StartsWith('@');
        // A server that was killed leaves its socket's file; one that lives answers on it.
        if (isFile && !SocketFile.TryClear(_path, out string problem)) throw new PidFileException($"the control socket {_path}: {problem}");
        try
        {
            _listener = ListenSocket.ListenUnix(_path, Backlog, OwnerOnly);
        }
        catch (LinuxException e)
        {
            throw new PidFileException($"the control socket {_path} cannot be opened: {e.Message}");
        }
        _file = isFile ? SocketFile.At(_path) : null;
        int result = _epoll.Add(_listener.Fd, EventKeys.Readable, EventKeys.ControlListener);
        if (result < 0) throw new LinuxException("epoll_ctl", -result);
    }

    internal void OnConnection(long now)
    {
        if (_listener is null) return;
        Span<byte> address = stackalloc byte[PeerAddress.MaxLength];
        int fd = _sockets.Accept(_listener.Fd, address, out _);
        if (fd is -Errno.EMFILE or -Errno.ENFILE or -Errno.ENOBUFS or -Errno.ENOMEM)
        {
            // The client stays in the queue, which would wake the loop for ever.
            _ = _epoll.Remove(_listener.Fd);
            _pausedUntil = now + AcceptPause;
        }
        if (fd < 0) return; // paused, or the client has left again
        var client = new ControlClient(++_nextId, fd, _sockets, _epoll, now + ControlClient.Patience);
        if (_clients.Count < MaxClients && client.Watch()) _clients.Add(client.Id, client);
        else client.Dispose();
    }

    internal void OnClientEvent(int id, uint events, long now)
    {
        if (!_clients.TryGetValue(id, out ControlClient? client)) return;
        if (client.OnEvent(events) is string request) Obey(client, request.Trim(), now);
        Forget(client);
    }

    /// <summary>Drops those that say nothing.</summary>
    internal void Turn(long now)
    {
        if (now >= _pausedUntil && _listener is not null)
        {
            _pausedUntil = WorkerHandle.Never;
            _ = _epoll.Add(_listener.Fd, EventKeys.Readable, EventKeys.ControlListener);
        }
        foreach (ControlClient client in _clients.Values.ToArray())
        {
            if (now >= client.Deadline) client.Dispose();
            Forget(client);
        }
    }

    public void Dispose()
    {
        foreach (ControlClient client in _clients.Values) client.Dispose();
        _clients.Clear();
        if (_listener is null) return;
        _listener.Dispose();
        _listener = null;
        _file?.Remove();
    }

    private void Obey(ControlClient client, string request, long now)
    {
        switch (request)
        {
            case "reload" when _supervisor.Stopping.IsStopping:
                client.Answer(Failed(Reloads.PlainFailure, "the server stops"), now);
                break;
            case "reload":
                client.Wait();
                _supervisor.Reloads.Ask(outcome => client.Answer(Text(outcome), _supervisor.LastTurn));
                break;
            case "status":
                client.Answer(string.Concat(_supervisor.Fleet.Workers.Select(worker => worker.Describe(now) + "\n")), now);
                break;
            default:
                client.Dispose();
                break;
        }
    }

    private void Forget(ControlClient client)
    {
        if (client.State == ControlClientState.Closed) _clients.Remove(client.Id);
    }

    private static string Text(ReloadOutcome outcome) => outcome.IsOk ? $"ok {outcome.Text}\n" : Failed(outcome.Status, outcome.Text);

    private static string Failed(int status, string text) => string.Create(CultureInfo.InvariantCulture, $"failed {status}\n{text}");
}
