namespace Seriema.Worker;

/// <summary>Interrupts overdue calls, which needs the GIL: on a thread of its own, because it may wait for that for ever.</summary>
/// <remarks>Any thread posts; nobody ever waits for this one.</remarks>
internal sealed class RescueThread(Worker worker)
{
    private readonly object _gate = new();
    private readonly Queue<OverdueCall> _calls = new();
    private long _busySince;
    private bool _stopped;

    /// <summary>Since when it is at one call, in <see cref="ServerClock.Now"/>'s milliseconds; 0 when it is at none.</summary>
    internal long BusySince => Volatile.Read(ref _busySince);

    internal void Start() => new Thread(Run, AppThread.StackSize) { IsBackground = true, Name = "seriema-rescue" }.Start();

    internal void Post(OverdueCall call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            Monitor.Pulse(_gate);
        }
    }

    internal void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        try
        {
            while (TryTake(out OverdueCall? call))
            {
                Volatile.Write(ref _busySince, ServerClock.Now);
                worker.Interrupt(call.Thread, call.Number, out string stack);
                Volatile.Write(ref _busySince, 0);
                worker.Deadlines.Report(call, stack);
            }
        }
        catch (Exception e)
        {
            worker.Fail(e);
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OverdueCall? call)
    {
        lock (_gate)
        {
            while (!_stopped && _calls.Count == 0) Monitor.Wait(_gate);
            return _calls.TryDequeue(out call) && !_stopped;
        }
    }
}
