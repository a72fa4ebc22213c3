using Seriema.Protocol;
using Seriema.Transport.Interop;
using Seriema.Wsgi;

namespace Seriema.Worker;

/// <summary>One request and its response on an HTTP/1 connection: the parser's state and the buffers of both directions.</summary>
/// <remarks>
/// Rented by a connection when the first byte of a request comes and given back when the response is sent, so that an
/// idle connection holds none of it. Used by the owner of the connection (<see cref="ConnectionState"/>); while the
/// application runs that is its thread, and the loop touches only <see cref="Response"/>, under the connection's lock.
/// </remarks>
internal sealed class HttpExchange : WsgiExchange
{
    private const int KeptBytes = 8192; // of a body or response, by an exchange in the pool
    private const int FieldOverhead = 4; // colon, space, CR, LF

    private readonly Worker _worker;
    private readonly SpillFile _spilledBody;
    private readonly ForwardedHead _forwarded; // cleared while it has nothing to say, also for a peer that is no proxy
    private Connection _connection = null!;
    private AppThread? _thread; // null for what the loop answers itself
    private bool _keepAlive;
    private int _headStart;
    private bool _endsWithClose; // HTTP/1.0: the end of the connection is the end of the body
    private bool _isAborted;
    private bool _isAwaited; // the application's thread may wait for the body
    private Pace _bodyPace; // of the part that the application waits for
    private long _waited; // its clock

    internal HttpExchange(Worker worker)
    {
        _worker = worker;
        _forwarded = new ForwardedHead(worker.Proxies.Forwarding);
        Parser = new RequestParser(worker.Limits);
        BodyReader = new BodyReader(worker.Limits);
        Input = new RequestInput(worker.Memory);
        Body = new ByteBuffer(4096, worker.Memory);
        _spilledBody = new SpillFile(worker.SpillSpace);
        Response = new ResponseOutput(worker);
    }

    internal RequestParser Parser { get; }

    internal BodyReader BodyReader { get; }

    internal RequestInput Input { get; }

    /// <summary>Of the body what is in memory. While the loop gathers it, that follows what is in the file; later it comes before it.</summary>
    internal ByteBuffer Body { get; }

    /// <summary>What the files of body and response take.</summary>
    internal long Spilled => _spilledBody.Size + Response.Spilled;

    /// <summary>Whether a part of the body is in a file.</summary>
    internal bool HasSpilledBody => !_spilledBody.IsEmpty;

    internal ResponseWriter Writer { get; } = new();

    internal ResponseOutput Response { get; }

    /// <summary>The client waits for 100 Continue before it sends the body.</summary>
    internal bool ContinueDue { get; private set; }

    /// <summary>Whether the connection may carry another request once the response is sent.</summary>
    internal bool KeepAlive => _keepAlive && !Response.IsExpired; // what the client was told then ends the connection

    /// <summary>With a FIN a part of the response would look like the whole (RFC 9112 §8); only an RST shows the break.</summary>
    internal bool EndsWithReset => _endsWithClose && !Response.IsExpired && (_isAborted || Response.IsGone || Response.HasPending);

    internal override RequestHead Head { get; } = new();

    internal override ReadOnlySpan<byte> HeadBytes => Input.Head;

    internal override ReadOnlySpan<byte> RemoteAddress => _forwarded.HasClient ? _forwarded.Address : _connection.Remote.Address;

    /// <summary>As whom the client is counted; null when it is not to be.</summary>
    internal IpAddress? Client => _forwarded.HasClient ? _forwarded.Client : _connection.Remote.Client;

    internal override ReadOnlySpan<byte> RemotePort => _forwarded.HasClient ? _forwarded.Port : _connection.Remote.Port;

    internal override ReadOnlySpan<byte> ServerName => _forwarded.ServerName is { IsEmpty: false } name ? name : _connection.Listener.ServerName;

    internal override ReadOnlySpan<byte> ServerPort => _forwarded.ServerPort is { IsEmpty: false } port ? port : _connection.Listener.ServerPort;

    internal override bool IsHttps => _forwarded.IsHttps ?? _connection.Remote.IsTls;

    internal override ForwardedHead? Forwarded => _connection.Remote.IsProxy ? _forwarded : null;

    internal override ReadOnlySpan<byte> BufferedBody => Body.Written;

    internal override bool IsBodyComplete => BodyReader.IsComplete && _spilledBody.IsEmpty;

    internal override bool MayTell() => _worker.Log.MayTellOfOne();

    internal override long HeldBodyLength => BodyReader.IsComplete ? BodyReader.Received : -1;

    internal override bool IsExpired => Response.IsExpired;

    internal override bool BodyAllowed => Writer.BodyAllowed;

    internal void Attach(Connection connection)
    {
        _connection = connection;
        Response.Attach(connection);
    }

    /// <summary>Ready for the next request on the same connection; received bytes behind this one stay.</summary>
    internal void NextRequest()
    {
        Input.NextRequest();
        _forwarded.Clear();
        Body.Trim(_worker.Options.BodyBuffer / 4);
        OnCallEnded();
        Response.Clear();
        ContinueDue = _keepAlive = _endsWithClose = _isAborted = false; // a request that is rejected never comes to say so itself
        _thread = null; // nor has the next one to be the application's, and that thread may be in another call by then
    }

    /// <summary>Ready for another connection.</summary>
    internal void Detach()
    {
        Input.Clear();
        Parser.Reset(); // it may have stopped in the middle of a head
        NextRequest();
        _connection = null!;
    }

    /// <summary>Gives back what one large request or response made it grow by. After <see cref="Detach"/>.</summary>
    internal void Shrink()
    {
        Body.Trim(KeptBytes);
        Response.Trim(KeptBytes);
    }

    /// <summary>Gives back all arrays: it is not used any more. After <see cref="Detach"/>.</summary>
    internal void Release()
    {
        Body.Trim(0);
        Response.Trim(0);
        Input.Release();
    }

    /// <summary>Whether nothing keeps the connection from waiting for its next request.</summary>
    internal bool IsOver => KeepAlive && BodyReader.IsComplete && Input.UnreadLength == 0 && !Response.HasPending;

    /// <summary>The application has returned: it reads no more, and its thread waits for nobody. The response may still be pending.</summary>
    internal void OnCallEnded()
    {
        _spilledBody.Clear();
        if (_isAwaited) _worker.ReleaseThread();
        _isAwaited = false;
    }

    /// <summary>Called by the thread that is about to call the application.</summary>
    internal void BeginCall(AppThread thread)
    {
        _thread = thread;
        if (!BodyReader.IsComplete)
        {
            (_bodyPace, _waited) = (new Pace(_worker.ProgressTimeout, _worker.Options.MinBodyRate), 0);
            _bodyPace.Begin(_waited, BodyReader.Received);
        }
        if (_worker.Timeout > 0) thread.Clock.Begin(_connection, ServerClock.Now + _worker.Timeout);
    }

    /// <summary>Once the head is whole: takes the word of a proxy on who the client is. False when that is malformed.</summary>
    internal bool ReadForwarded() => !_connection.Remote.IsProxy || _forwarded.Read(Head, HeadBytes);

    /// <summary>Decodes what was received into <see cref="Body"/>, up to the buffer's bound.</summary>
    internal ParseStatus DecodeBody(int bound)
    {
        while (!BodyReader.IsComplete && Input.UnreadLength > 0 && Body.Length < bound)
        {
            int most = Math.Min(Input.UnreadLength, bound - Body.Length);
            ParseStatus status = BodyReader.Read(Input.Unread, Body.Reserve(most)[..most], out int consumed, out int written);
            Input.Consume(consumed);
            Body.Advance(written);
            if (status == ParseStatus.Rejected) return status;
            if (consumed == 0 && written == 0) break; // part of a chunk-size line: more bytes must come
        }
        return BodyReader.IsComplete ? ParseStatus.Done : ParseStatus.NeedMore;
    }

    /// <summary>The loop, while it gathers the body: moves what is in memory to the file. False when that cannot be.</summary>
    internal bool TrySpillBody()
    {
        if (!_spilledBody.TryAppend(Body.Written)) return false;
        Body.Trim(_worker.SpillStep);
        return true;
    }

    private BodyResult ReadSpilled()
    {
        const int piece = 65536;
        int read = _spilledBody.Read(Body.Reserve(piece)[..piece]);
        if (read <= 0) return BodyResult.Lost;
        Body.Advance(read);
        return BodyResult.Ok;
    }

    internal override void ConsumeBody(int count) => Body.Consume(count);

    internal override BodyResult FillBody()
    {
        if (Response.IsExpired || (ContinueDue && !SendContinue(mayWait: true))) return BodyResult.ClientGone;
        if (!_spilledBody.IsEmpty) return ReadSpilled();
        int before = Body.Length;
        while (true)
        {
            if (DecodeBody(before + _worker.Options.BodyBuffer) == ParseStatus.Rejected)
            {
                _worker.Log.Rejected(_connection, Rejections.Of(BodyReader.Reason)); // the application has been called: the answer is its own
                return BodyReader.Reason == RejectReason.BodyTooLarge ? BodyResult.TooLarge : BodyResult.Malformed;
            }
            if (Body.Length > before || BodyReader.IsComplete) return BodyResult.Ok;

            switch (_worker.Sockets.Receive(_connection.Fd, Input.FreeSpace()))
            {
                case > 0 and int count:
                    Input.Received(count);
                    _bodyPace.OnMoved(_waited);
                    break;
                case 0: return BodyResult.ClientGone;
                case -Errno.EINTR: break;
                case -Errno.EAGAIN:
                    _thread!.YieldLoop(); // from here on this thread waits; the loop must not wait with it
                    if (!_thread.Clock.TryPause()) return BodyResult.ClientGone; // overdue: it has its answer, or none comes
                    bool isInTime = WaitForBody();
                    _thread.Clock.Resume();
                    if (!isInTime) return BodyResult.TimedOut;
                    break;
                default: return BodyResult.ClientGone;
            }
        }
    }

    /// <summary>False when the client has been too slow.</summary>
    private bool WaitForBody()
    {
        long began = ServerClock.Now;
        int most = (int)Math.Clamp(_bodyPace.Due - _waited, 1, int.MaxValue);
        bool isOver = _worker.Sockets.WaitReadable(_connection.Fd, most) == 0; // an error is the next receive's as well
        _waited += isOver ? most : ServerClock.Now - began;
        return _waited < _bodyPace.Due || _bodyPace.IsKept(_waited, BodyReader.Received);
    }

    internal override void StartHead(int status, ReadOnlySpan<byte> reason)
    {
        bool keepAlive = Head.KeepAlive && !_worker.IsStopping && _connection.Requests < _worker.RequestsPerConnection;
        Writer.Begin(Head.MinorVersion, Head.IsHead, keepAlive);
        using ResponseOutput.Scope scope = Response.Enter();
        _headStart = Response.Length;
        Span<byte> room = Response.Reserve(ResponseWriter.StatusLineOverhead + reason.Length);
        Response.Advance(Writer.WriteStatusLine(room, status, reason));
    }

    internal override FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        using ResponseOutput.Scope scope = Response.Enter();
        Span<byte> room = Response.Reserve(name.Length + value.Length + FieldOverhead);
        FieldVerdict verdict = Writer.WriteField(room, name, value, out int written);
        Response.Advance(written);
        return verdict;
    }

    internal override void DiscardHead()
    {
        using ResponseOutput.Scope scope = Response.Enter();
        Response.Truncate(_headStart);
    }

    internal override void EndHead(long knownLength)
    {
        // RFC 9110 §10.1.1: a final status instead of 100 leaves open whether the client sends the body at all.
        // Nor does the loop read, of what no application will, more than it drops; who closes says so (RFC 9112 §9.6).
        if (ContinueDue || (_thread is null && BodyReader.Remaining > RequestIntake.MaxDiscard)) Writer.CloseAfter();
        using ResponseOutput.Scope scope = Response.Enter();
        Response.Advance(Writer.EndHead(Response.Reserve(ResponseWriter.MaxEndHead), knownLength, _worker.Clock.Date));
        _keepAlive = Writer.KeepAlive;
        _endsWithClose = Writer.BodyAllowed && !Writer.IsChunked && Writer.DeclaredLength < 0;
        _worker.Wire?.Response(_connection, Response.Pending[_headStart..]);
    }

    internal override int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict)
    {
        using ResponseOutput.Scope scope = Response.Enter();
        verdict = WriteVerdict.Ok;
        int room = _worker.ResponseBound - Response.Length;
        if (room <= 0) return 0;
        int take = Math.Min(data.Length, room);
        Span<byte> dest = Response.Reserve(ResponseWriter.MaxChunkHead + take + ResponseWriter.ChunkTail);
        verdict = Writer.BeginBody(take, dest, out int headBytes, out int accepted);
        if (accepted == 0) return data.Length; // HEAD, 204, or all of it is beyond the Content-Length
        data[..accepted].CopyTo(dest[headBytes..]);
        int tail = Writer.EndChunk(dest[(headBytes + accepted)..]);
        Response.Advance(headBytes + accepted + tail);
        return verdict == WriteVerdict.Ok ? take : data.Length;
    }

    internal override bool Flush() => Response.Flush(_thread!);

    internal override void SendFile(int fd, long offset, long count)
    {
        using ResponseOutput.Scope scope = Response.Enter();
        if (!Writer.BodyAllowed || !Writer.BeginFile(count))
        {
            _ = _worker.Sockets.Close(fd);
            return;
        }
        Response.SetFile(fd, offset, count);
    }

    internal override bool SendsPieces => true;

    internal override void SendFile(SharedFile file, long offset, long count, long following)
    {
        using ResponseOutput.Scope scope = Response.Enter();
        if (!Writer.BodyAllowed || !Writer.BeginFile(count + following))
        {
            file.Release();
            return;
        }
        Response.SetFile(file, offset, count, following);
    }

    internal override void Complete()
    {
        _thread?.Clock.End(); // the application is done; how fast the client takes the rest is not its business
        using (Response.Enter())
        {
            Response.Advance(Writer.Finish(Response.Reserve(ResponseWriter.MaxFinish), out bool shortBody));
            if (shortBody) _keepAlive = false; // closing is how the client learns that bytes are missing
        }
        Response.Finish();
    }

    internal override void Abort()
    {
        _thread?.Clock.End();
        _keepAlive = false;
        _isAborted = true;
        Response.Finish();
    }

    /// <summary>
    /// Leaves it to the application whether the client is to send its body; false when too many are left to it already.
    /// </summary>
    /// <remarks>The thread that then reads such a body waits for the client: a few may, but not all of them.</remarks>
    internal bool TryAwaitApplication() => ContinueDue = _isAwaited = _worker.TryHoldThread();

    /// <summary>False when the client is gone.</summary>
    /// <param name="mayWait">Whether to wait while the kernel is full of an earlier response; else it is left to who reads the body.</param>
    internal bool SendContinue(bool mayWait)
    {
        ContinueDue = false;
        if (Response.HasSent) return true; // the final head is out already; the client will not wait for ever
        while (true)
        {
            int sent;
            // Straight to the socket: an application that reads after start_response has its head in the buffer, unsent.
            // Under the lock, or it could follow the final answer that the deadline gives.
            lock (_connection)
            {
                if (Response.IsExpired) return false;
                sent = _worker.Sockets.Send(_connection.Fd, ResponseWriter.Continue, more: false);
            }
            if (sent == ResponseWriter.Continue.Length)
            {
                _worker.Wire?.Response(_connection, ResponseWriter.Continue);
                return true;
            }
            if (sent == -Errno.EAGAIN && !mayWait) return ContinueDue = true;
            if (sent != -Errno.EAGAIN) return false;
            _thread!.YieldLoop(); // the loop must not wait with this thread
            if (_worker.Sockets.WaitWritable(_connection.Fd, _worker.ProgressTimeout) <= 0) return false;
        }
    }
}
