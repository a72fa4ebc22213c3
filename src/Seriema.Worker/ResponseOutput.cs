using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>How far sending came.</summary>
internal enum SendResult
{
    /// <summary>All of it is with the kernel.</summary>
    Done,

    /// <summary>The kernel takes no more for now.</summary>
    Blocked,

    /// <summary>The client no longer reads.</summary>
    Gone,
}

/// <summary>What of a response is not yet with the kernel: bytes, and after them perhaps a file. Owns the file's descriptor.</summary>
/// <remarks>
/// <para>Bytes that a slow client leaves behind do not stay in memory, nor make the application's thread wait for long:
/// they go to a file of <see cref="SpillSpace"/>, and what is in that one comes before all else.</para>
/// <para>
/// The thread that runs the request writes and sends. Once the kernel takes no more, the loop sends on, and from then
/// until all is sent (<c>_draining</c>) both hold the connection's lock to touch anything here. The writing thread sets
/// the flag and the loop clears it, so a writer that sees it clear needs no lock.</para>
/// </remarks>
internal sealed class ResponseOutput(Worker worker)
{
    // One peer that reads fast must not keep the loop: after this much the others have their turn.
    private const int Budget = 1 << 20;

    // How long the application's thread waits for the client before it uses a file, in milliseconds. Who reads at all fast
    // has taken a buffer full by then.
    private const int SpillDelay = 100;

    // How long it waits in all, in milliseconds, where no file can be used and other requests wait for a thread.
    private const int MaxHold = 3000;

    private const int NoOne = 0, Application = 1, Deadline = 2;

    private readonly ByteBuffer _bytes = new(4096, worker.Memory);
    private readonly SpillFile _spill = new(worker.SpillSpace);
    private Connection _connection = null!;
    private volatile bool _draining;
    private volatile bool _gone;
    private int _claim; // who answers: NoOne, the Application, or the Deadline
    private int _fileFd = -1;
    private SharedFile? _sharedFile; // whose descriptor it is, when it is not ours
    private long _following; // bytes of further pieces of the shared file
    private long _fileOffset;
    private long _fileLeft;
    private long _sent; // what the kernel was given
    private long _waited; // how long the thread has waited for the client, milliseconds

    internal int Length => _bytes.Length;

    /// <summary>What its file of <see cref="SpillSpace"/> takes.</summary>
    internal long Spilled => _spill.Size;

    internal ReadOnlySpan<byte> Pending => _bytes.Written;

    /// <summary>Whether anything is left to send.</summary>
    internal bool HasPending => !_bytes.IsEmpty || _fileLeft > 0 || _following > 0 || !_spill.IsEmpty;

    /// <summary>Whether the client has received, or is about to receive, any of it.</summary>
    internal bool HasSent => _sent > 0;

    /// <summary>Whether what the application writes reaches nobody: the client has left, or was answered without it.</summary>
    internal bool IsGone => _gone || IsExpired;

    /// <summary>Whether the client was told that the deadline had passed, in place of the application's response.</summary>
    internal bool IsExpired => Volatile.Read(ref _claim) == Deadline;

    internal bool IsDraining => _draining;

    internal void Attach(Connection connection) => _connection = connection;

    internal void Clear()
    {
        _bytes.Trim(65536); // larger responses are rare enough to rent anew
        CloseFile();
        _spill.Clear();
        _draining = _gone = false;
        (_claim, _sent, _waited) = (NoOne, 0, 0);
    }

    /// <summary>Gives back an array larger than <paramref name="keep"/>; nothing is pending.</summary>
    internal void Trim(int keep) => _bytes.Trim(keep);

    internal Span<byte> Reserve(int count) => _bytes.Reserve(count);

    internal void Advance(int count) => _bytes.Advance(count);

    internal void Truncate(int length) => _bytes.Truncate(length);

    internal void SetFile(int fd, long offset, long count) => (_fileFd, _fileOffset, _fileLeft) = (fd, offset, count);

    internal void SetFile(SharedFile file, long offset, long count, long following)
    {
        SetFile(file.Descriptor, offset, count);
        (_sharedFile, _following) = (file, following);
    }

    /// <summary>Holds the lock while the loop sends, and nothing otherwise.</summary>
    internal Scope Enter() => new(_draining ? _connection : null);

    /// <summary>Sends, and waits only while more than the bound is left. False when the client is gone.</summary>
    internal bool Flush(AppThread thread)
    {
        if (!_draining && !SendOrDrain()) return false;
        if (!_draining) return true;
        lock (_connection)
        {
            if (_bytes.Length < worker.ResponseBound && (_spill.IsEmpty || _bytes.Length < worker.SpillStep)) return !_gone;
            if (!_spill.IsEmpty && TrySpill()) return !_gone;
        }
        // The client's time, not the application's. False: overdue already.
        if (!thread.Clock.TryPause()) return false;
        thread.YieldLoop(); // the loop is to send on while this thread waits
        lock (_connection)
        {
            WaitForClient();
            thread.Clock.Resume();
            return !_gone;
        }
    }

    /// <summary>Under the lock, which is free while this waits: until there is room again.</summary>
    private void WaitForClient()
    {
        long began = ServerClock.Now - _waited;
        // The loop's own deadline ends a connection without progress; it pulses then too.
        while (_draining && !_gone && _bytes.Length > worker.ResponseBound / 2)
        {
            bool isPulsed = Monitor.Wait(_connection, SpillDelay);
            _waited = ServerClock.Now - began;
            if (!_draining || _gone) continue;
            bool isAwaited = _waited >= MaxHold && worker.Crew.HasQueued;
            if ((!isPulsed || isAwaited) && TrySpill()) return;
            if (!isAwaited) continue;
            worker.Log.TooSlow(_connection);
            _connection.PeerGone();
        }
    }

    /// <summary>Under the lock, while the loop sends on: moves the bytes to the file. False when that cannot be.</summary>
    private bool TrySpill()
    {
        if (!worker.SpillSpace.IsThere || !_spill.TryAppend(_bytes.Written)) return false;
        _bytes.Trim(worker.SpillStep);
        return true;
    }

    /// <summary>The last bytes are written: sends what the kernel takes; the rest is the loop's.</summary>
    internal void Finish()
    {
        if (!_draining && HasPending) SendOrDrain();
    }

    /// <summary>The loop sends on. Under the connection's lock.</summary>
    internal SendResult Drain()
    {
        SendResult result = Send();
        if (result == SendResult.Gone) Drop();
        if (result == SendResult.Done) _draining = false;
        if (!_draining || _bytes.Length <= worker.ResponseBound / 2) Monitor.PulseAll(_connection);
        return result;
    }

    /// <summary>The deadline's thread: takes the answer from the application; false when bytes of that are out already.</summary>
    internal bool TryExpire() => Interlocked.CompareExchange(ref _claim, Deadline, NoOne) == NoOne;

    /// <summary>The loop learned that the peer is gone. Under the connection's lock.</summary>
    internal void OnPeerGone()
    {
        _gone = true;
        if (!_draining) return; // the bytes are the writer's; it sees the flag at its next flush
        Drop();
        Monitor.PulseAll(_connection);
    }

    /// <summary>
    /// The loop, where it owns the connection or has its lock: how much the client has taken, from some beginning on.
    /// </summary>
    /// <remarks>
    /// What the kernel was given is not taken yet, and it asks for more only when a third of its buffer is free. That may
    /// be megabytes: a client with a slow line reads for minutes before it.
    /// </remarks>
    internal long Taken() => HasPending ? _sent - Math.Max(worker.Sockets.Unsent(_connection.Fd), 0) : _sent;

    private void Drop()
    {
        _gone = true;
        _bytes.Clear();
        _spill.Clear();
        CloseFile();
        _draining = false; // last: who sees it clear takes no lock
    }

    private bool SendOrDrain()
    {
        if (_gone) return false;
        if (worker.Timeout > 0 && !TryClaim())
        {
            Drop();
            return false;
        }
        switch (Send())
        {
            case SendResult.Done: return true;
            case SendResult.Gone: Drop(); return false;
            default:
                lock (_connection)
                {
                    _draining = true;
                    _connection.OnDraining();
                }
                return true;
        }
    }

    /// <summary>Before the first byte: from here on the response is the application's.</summary>
    private bool TryClaim() =>
        _claim == Application || Interlocked.CompareExchange(ref _claim, Application, NoOne) == NoOne;

    private SendResult Send()
    {
        int budget = Budget;
        while (HasPending)
        {
            bool isSpilled = !_spill.IsEmpty;
            if (!isSpilled && _bytes.IsEmpty && _fileLeft == 0 && !NextPiece()) return SendResult.Gone;
            int sent = isSpilled ? SendSpilled(budget) : _bytes.IsEmpty
                ? worker.Sockets.SendFile(_connection.Fd, _fileFd, ref _fileOffset, Math.Min(_fileLeft, budget))
                : worker.Sockets.Send(_connection.Fd, _bytes.Written, more: _fileLeft > 0 || _following > 0);
            switch (sent)
            {
                case > 0 when isSpilled: break;
                case > 0 when _bytes.IsEmpty: _fileLeft -= sent; break;
                case > 0: _bytes.Consume(sent); break;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN: return SendResult.Blocked;
                default: return SendResult.Gone; // 0 as well: the file became shorter than the length that was promised
            }
            budget -= Math.Max(sent, 0);
            _sent += Math.Max(sent, 0);
            if (budget <= 0 && HasPending) return SendResult.Blocked;
        }
        CloseFile();
        return SendResult.Done;
    }

    private int SendSpilled(int most)
    {
        long offset = _spill.Offset;
        int sent = worker.Sockets.SendFile(_connection.Fd, _spill.Descriptor, ref offset, Math.Min(_spill.Length, most));
        if (sent > 0) _spill.Skip(sent);
        return sent;
    }

    private bool NextPiece()
    {
        if (!_sharedFile!.MoveNext(out ReadOnlySpan<byte> bytes, out _fileOffset, out _fileLeft)) return false;
        bytes.CopyTo(_bytes.Reserve(bytes.Length));
        _bytes.Advance(bytes.Length);
        _following -= bytes.Length + _fileLeft;
        return true;
    }

    private void CloseFile()
    {
        if (_sharedFile is not null) _sharedFile.Release();
        else if (_fileFd >= 0) _ = worker.Sockets.Close(_fileFd);
        (_sharedFile, _fileFd, _fileLeft, _following) = (null, -1, 0, 0);
    }

    /// <summary>The connection's lock, when it is needed.</summary>
    internal readonly ref struct Scope : IDisposable
    {
        private readonly Connection? _locked;

        internal Scope(Connection? connection)
        {
            _locked = connection;
            if (connection is not null) Monitor.Enter(connection);
        }

        public void Dispose()
        {
            if (_locked is not null) Monitor.Exit(_locked);
        }
    }
}
