using System.Text;
using Seriema.Protocol;

namespace Seriema.Worker;

/// <summary>Looks at every thread's call and ends what takes too long: an answer first, then an exception, then the thread is given up.</summary>
/// <remarks>
/// A thread of its own, which never needs the GIL: a call that holds it for ever is what a deadline is for. It touches a
/// connection under its lock and only while the call is inside (<see cref="CallClock.TryExpire"/>), for then the
/// descriptor cannot be closed.
/// </remarks>
internal sealed class DeadlineWatch : IDisposable
{
    // A call that begins during the sleep may be noticed that late; and no look follows another sooner.
    private const int LongestSleep = 250;
    private const int ShortestSleep = 5;

    // Threads that compute pass the GIL on every 5 ms: who waits this long waits for C code that keeps it.
    private const int GilPatience = 1000;

    // How long Python's end may take once all that is left are threads that do not come back.
    private static readonly TimeSpan s_leaveGrace = TimeSpan.FromMilliseconds(500);

    private readonly Worker _worker;
    private readonly RescueThread _rescue;
    private readonly object _gate = new();
    private readonly List<OverdueCall> _overdue = [];
    private readonly TaskCompletionSource _leftBehind = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AppThread[] _threads = []; // never changed, only replaced
    private Thread? _thread;
    private bool _gilStuck;
    private bool _askedToStop;
    private bool _stopped;

    internal DeadlineWatch(Worker worker)
    {
        _worker = worker;
        _rescue = new RescueThread(worker);
    }

    /// <summary>Ends when the loop has ended and only threads that do not come back keep the server from its end.</summary>
    internal Task LeftBehind => _leftBehind.Task;

    /// <summary>Any thread: that one was given up, and is still where it was.</summary>
    internal static bool IsStuck(AppThread thread) => thread.Clock.IsStuck;

    internal void Watch(AppThread thread)
    {
        lock (_gate) _threads = [.. _threads, thread];
    }

    internal void Start()
    {
        if (_worker.Timeout == 0) return;
        _rescue.Start();
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "seriema-deadline" };
        _thread.Start();
    }

    /// <summary>No call is left but those that were given up.</summary>
    internal void OnLoopEnded()
    {
        Stop();
        if (!Volatile.Read(ref _threads).Any(IsStuck)) return;
        _ = Task.Delay(s_leaveGrace).ContinueWith(_ => _leftBehind.TrySetResult(), TaskScheduler.Default);
    }

    public void Dispose()
    {
        Stop();
        _thread?.Join();
    }

    /// <summary>One look at every thread; when the next one is due.</summary>
    internal long Look(long now)
    {
        long next = now + LongestSleep;
        foreach (AppThread thread in Volatile.Read(ref _threads))
        {
            long due = thread.Clock.Due;
            if (due is CallClock.None or CallClock.Expired or CallClock.Paused) continue;
            if (due > now) next = Math.Min(next, due);
            else Expire(thread, due, now);
        }
        LookAtGil(now);
        for (int i = _overdue.Count - 1; i >= 0; i--)
        {
            OverdueCall call = _overdue[i];
            if (!call.IsInside) _overdue.RemoveAt(i);
            else if (call.IsGivenUp) continue;
            else if (now >= call.GraceEnd) GiveUp(call);
            else next = Math.Min(next, call.GraceEnd);
        }
        if (_overdue.Count > 0) StopIfUseless();
        return next;
    }

    /// <summary>Any thread: logs the call unless that was done.</summary>
    internal void Report(OverdueCall call, string stack)
    {
        if (!call.TryReport()) return;
        string lines = stack.Length == 0 ? "" : "\n" + stack;
        _worker.Log.DeadlineExceeded(Seconds(_worker.Options.Timeout), call.Request, lines);
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                long next = Look(ServerClock.Now);
                lock (_gate)
                {
                    if (_stopped) return;
                    Monitor.Wait(_gate, (int)Math.Clamp(next - ServerClock.Now, ShortestSleep, LongestSleep));
                    if (_stopped) return;
                }
            }
        }
        catch (Exception e)
        {
            _worker.Fail(e);
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }
        _rescue.Stop();
    }

    private void Expire(AppThread thread, long due, long now)
    {
        CallClock clock = thread.Clock;
        long number = clock.Number;
        Connection connection = clock.Connection!;
        OverdueCall call;
        lock (connection)
        {
            // With the same number it is this call's connection; and once expired, it waits for the lock to end the call.
            if (clock.Number != number || !clock.TryExpire(due)) return;
            HttpExchange exchange = connection.Exchange!;
            call = new OverdueCall(thread, number, connection, RequestLine(exchange), now + Milliseconds(_worker.Options.TimeoutGrace));
            if (exchange.Response.TryExpire()) Answer(connection, exchange);
            // Part of the response is out, so only its break can tell. Unless the last part went out just now.
            else if (call.IsInside) exchange.Response.OnPeerGone();
        }
        _overdue.Add(call);
        _rescue.Post(call);
    }

    /// <summary>Answers in the application's place. Under the connection's lock.</summary>
    private void Answer(Connection connection, HttpExchange exchange)
    {
        Rejection rejection = Rejections.Of(RejectReason.DeadlineExceeded);
        Span<byte> room = stackalloc byte[ResponseWriter.SimpleOverhead + rejection.Text.Length];
        int length = ResponseWriter.WriteSimple(
            room, rejection.Status, rejection.Text, keepAlive: false, isHead: exchange.Head.IsHead, _worker.Clock.Date);
        _worker.Wire?.Response(connection, room[..length]);
        // Nothing of this response is out, so the kernel has room, unless the client leaves earlier ones unread.
        _ = _worker.Sockets.Send(connection.Fd, room[..length], more: false);
        // Half-closed, not closed: the thread may be using the descriptor, and the client still be sending (RFC 9112 §9.6).
        _ = _worker.Sockets.ShutdownWrite(connection.Fd);
    }

    private void LookAtGil(long now)
    {
        long since = _rescue.BusySince;
        bool wasStuck = _gilStuck;
        _gilStuck = since != 0 && now - since >= GilPatience;
        if (!_gilStuck) return;
        foreach (OverdueCall call in _overdue) Report(call, "no Python code can run: the GIL is held; the stacks are on standard error");
        if (!wasStuck) _worker.DumpStacks();
    }

    /// <summary>The thread does not come back: the server goes on without it, and without its connection.</summary>
    private void GiveUp(OverdueCall call)
    {
        call.IsGivenUp = true;
        if (!TryDetach(call)) return;
        double seconds = Seconds(_worker.Options.Timeout + _worker.Options.TimeoutGrace);
        _worker.Log.ThreadStuck(call.Request, seconds);
        _worker.RequestReplacement(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"the thread of {call.Request} has not come back for {seconds} s"));
    }

    /// <summary>Nobody is left to call the application: who can be served elsewhere must not come here.</summary>
    private void StopIfUseless()
    {
        if (_askedToStop) return;
        int stuck = Volatile.Read(ref _threads).Count(IsStuck);
        _askedToStop = stuck >= _worker.Crew.Size || (_gilStuck && stuck > 0);
        if (_askedToStop) _worker.RequestStop();
    }

    /// <summary>Takes the connection out of the server; the thread closes it if it ever comes back. False when it has.</summary>
    private bool TryDetach(OverdueCall call)
    {
        Connection connection = call.Connection;
        lock (connection)
        {
            if (!call.IsInside) return false;
            call.Thread.Clock.GiveUp(call.Number); // before the loop can end for want of connections
            connection.LeaveEpoll();
            _worker.Connections.Remove(connection);
            HttpExchange exchange = connection.Exchange!;
            if (exchange.Response.IsExpired) return true;
            // The client has part of a response. An RST, where only that shows the break, comes with the close.
            if (exchange.EndsWithReset) _ = _worker.Sockets.ResetOnClose(connection.Fd);
            else _ = _worker.Sockets.ShutdownWrite(connection.Fd);
            return true;
        }
    }

    private static string RequestLine(HttpExchange exchange)
    {
        ReadOnlySpan<byte> head = exchange.HeadBytes;
        StringBuilder text = new();
        LogText.AppendEscaped(text, exchange.Head.Method.Of(head));
        return text.Append(' ').Append(LogText.Escape(Secrets.HideInLine(exchange.Head.Target.Of(head)))).ToString();
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
