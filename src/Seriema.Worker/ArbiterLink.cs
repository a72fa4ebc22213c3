using System.Buffers.Text;
using System.Globalization;
using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>How a worker is told to end.</summary>
internal enum EndOrder
{
    /// <summary>Other workers serve on.</summary>
    Drain,

    /// <summary>The whole server stops.</summary>
    Stop,

    /// <summary>At once: requests in flight are cut.</summary>
    Quit,
}

/// <summary>A worker's side of the control channel: heartbeats out, orders in.</summary>
/// <remarks>
/// A thread of its own that never takes the GIL, so that it beats while Python imports the application, or is stuck. The
/// other members may be called from any thread.
/// </remarks>
internal sealed class ArbiterLink
{
    // A sum over all threads now and then: what is served beyond the number until it is seen does no harm.
    private const int RequestsLook = 100; // milliseconds

    private readonly ControlChannel _control;
    private readonly WorkerLog _log;
    private readonly Action? _reopenLogs;
    private readonly Action<EndOrder> _end;
    private readonly int _beat;
    // Open for good: a heartbeat that needs a descriptor fails when there is none left, and an exception at such a time
    // ends the process, because the runtime cannot unwind the stack without opening its libraries. -1 where there is no /proc.
    private readonly int _memory = Files.Open("/proc/self/statm");
    private readonly Lock _gate = new();
    private readonly Queue<string> _unsent = new(); // at most a handful: each kind is sent a few times in a worker's life
    private readonly Thread _thread;
    private Worker? _worker;
    private long _maxRequests; // 0: no bound, or told already
    private string _endReason = "a signal";
    private volatile bool _stopped;

    /// <param name="beat">Time between two heartbeats.</param>
    /// <param name="end">Ends the worker; called on the link's thread, and must not block.</param>
    internal ArbiterLink(WorkerRole role, TimeSpan beat, WorkerLog log, Action<EndOrder> end)
    {
        (_control, _reopenLogs, _log, _end) = (role.Control, role.ReopenLogs, log, end);
        _beat = (int)beat.TotalMilliseconds;
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "seriema-link" };
    }

    /// <summary>How often to beat, so that an arbiter that waits for <paramref name="timeout"/> hears of the worker four times.</summary>
    /// <param name="timeout">Zero for an arbiter that does not wait.</param>
    internal static TimeSpan BeatFor(TimeSpan timeout)
    {
        double quarter = timeout > TimeSpan.Zero ? timeout.TotalMilliseconds / 4 : 1000;
        return TimeSpan.FromMilliseconds(Math.Clamp(quarter, 50, 1000));
    }

    internal void Start() => _thread.Start();

    /// <summary>The application is loaded: from here on the heartbeats tell of the worker.</summary>
    internal void Watch(Worker worker)
    {
        worker.RequestReplacement = reason => Send(ControlWords.Replace(reason));
        worker.Left = () => Send(ControlWords.Going(Volatile.Read(ref _endReason)));
        WsgiServerOptions options = worker.Options;
        long jitter = options.MaxRequestsJitter > 0 ? Random.Shared.NextInt64(options.MaxRequestsJitter + 1L) : 0;
        _maxRequests = options.MaxRequests > 0 ? options.MaxRequests + jitter : 0;
        Volatile.Write(ref _worker, worker);
    }

    /// <summary>The worker serves.</summary>
    internal void SendReady(string pythonVersion) => Send(ControlWords.Ready(pythonVersion));

    /// <summary>Ends the thread within one heartbeat.</summary>
    internal void Stop() => _stopped = true;

    /// <summary>Waits for the thread's end; for tests.</summary>
    internal bool Join(TimeSpan patience) => _thread.Join(patience);

    /// <summary>What must arrive is sent again when the arbiter is slow to read.</summary>
    private void Send(string message)
    {
        lock (_gate)
        {
            if (_unsent.Count > 0 || !_control.Send(message)) _unsent.Enqueue(message);
        }
    }

    private void Run()
    {
        long nextBeat = ServerClock.Now;
        while (!_stopped)
        {
            long now = ServerClock.Now;
            if (now >= nextBeat)
            {
                // One that is lost because the arbiter does not read is followed by the next.
                _ = _control.Send(ControlWords.Beat(Counters()));
                nextBeat = now + _beat;
            }
            SendUnsent();
            CountRequests();
            int wait = (int)Math.Max(0, nextBeat - ServerClock.Now);
            if (Volatile.Read(ref _maxRequests) > 0) wait = Math.Min(wait, RequestsLook);
            if (_control.WaitReadable(wait) && !ReceiveAll()) return;
        }
    }

    /// <summary>False at the end of the arbiter.</summary>
    private bool ReceiveAll()
    {
        while (true)
        {
            switch (_control.TryReceive(out string message))
            {
                case ControlReceive.Message: Obey(ControlWords.KindOf(message)); break;
                case ControlReceive.Nothing: return true;
                default:
                    if (_stopped) return false;
                    _log.ArbiterGone();
                    End(EndOrder.Stop, "the arbiter is gone");
                    return false;
            }
        }
    }

    private void Obey(string order)
    {
        switch (order)
        {
            case ControlWords.Drain: End(EndOrder.Drain, "told to drain"); break;
            case ControlWords.Stop: End(EndOrder.Stop, "told to stop"); break;
            case ControlWords.Quit: End(EndOrder.Quit, "told to quit"); break;
            case ControlWords.Look: Volatile.Read(ref _worker)?.Acceptor.Look(); break;
            case ControlWords.Reopen: Reopen(); break;
            default: break; // a later arbiter's, after the binary was replaced
        }
    }

    private void End(EndOrder order, string reason)
    {
        Volatile.Write(ref _endReason, reason);
        _end(order);
    }

    private void Reopen()
    {
        try
        {
            _reopenLogs?.Invoke();
        }
        catch (Exception e)
        {
            _log.ReopenFailed(e); // the old files are still open
        }
    }

    private void SendUnsent()
    {
        lock (_gate)
        {
            while (_unsent.TryPeek(out string? message) && _control.Send(message)) _unsent.Dequeue();
        }
    }

    private void CountRequests()
    {
        if (Volatile.Read(ref _worker) is not { } worker || _maxRequests == 0 || worker.Crew.Count().Requests < _maxRequests) return;
        worker.RequestReplacement(string.Create(CultureInfo.InvariantCulture, $"max requests ({_maxRequests})"));
        _maxRequests = 0;
    }

    private WorkerCounters Counters()
    {
        if (Volatile.Read(ref _worker) is not { } worker) return new WorkerCounters(0, 0, 0, 0, 0, ResidentMemory());
        (long requests, int busy, int queued) = worker.Crew.Count();
        return new WorkerCounters(worker.Loop.TurnAge, requests, worker.Connections.Count, busy, queued, ResidentMemory());
    }

    /// <summary>proc(5): the second number of statm is the resident set in pages.</summary>
    private long ResidentMemory()
    {
        Span<byte> text = stackalloc byte[128]; // seven numbers
        int length = _memory < 0 ? 0 : Math.Max(0, Files.ReadAll(_memory, text, 0));
        ReadOnlySpan<byte> numbers = text[..length];
        numbers = numbers[(numbers.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(numbers, out long pages, out _) ? pages * Environment.SystemPageSize : 0;
    }
}
