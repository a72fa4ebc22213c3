using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>Watches the loop's thread about every millisecond and takes the loop away from a call that does not return.</summary>
/// <remarks>
/// A thread of its own. It asks no clock on the hot path: a call that has the same number at two looks has lasted at
/// least a millisecond. A call that computes is left longer, because with the GIL held another thread could not run the
/// application anyway; the loop is still taken after 10 ms so that the network is served. It sleeps while nothing runs.
/// </remarks>
internal sealed class LoopMonitor(Worker worker) : IDisposable
{
    private const int BurningTicks = 10;
    private const int IdleTicks = 100;

    private readonly ManualResetEventSlim _wanted = new(false, spinCount: 0); // waits without burning what Python could use
    private Thread? _thread;
    private volatile bool _parked;
    private volatile bool _stopped;

    internal void Start()
    {
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "seriema-monitor" };
        _thread.Start();
    }

    /// <summary>The loop's thread, at each call.</summary>
    internal void OnCall()
    {
        if (_parked) _wanted.Set();
    }

    internal void Stop()
    {
        _stopped = true;
        _wanted.Set();
    }

    public void Dispose()
    {
        Stop();
        _thread?.Join(); // it uses the event
        _wanted.Dispose();
    }

    private void Run()
    {
        long lastCalls = 0;
        long lastCpu = 0;
        int ticks = 0;
        int idle = 0;
        while (!_stopped)
        {
            if (idle > IdleTicks) Park(lastCalls, ref idle);
            Libc.Sleep(1000);
            long calls = worker.Loop.Calls;
            AppThread? caller = worker.Loop.Caller;
            bool same = calls == lastCalls;
            lastCalls = calls;
            idle = same && caller is null ? idle + 1 : 0;
            long cpu = caller is null ? 0 : Libc.CpuTime(caller.CpuClock);
            if (!same || caller is null)
            {
                ticks = 0;
                lastCpu = cpu;
                continue;
            }
            // More than half a millisecond of processor time in a tick: it computes, it does not wait.
            bool burns = cpu - lastCpu > 500_000;
            lastCpu = cpu;
            if (++ticks < (burns ? BurningTicks : 1)) continue;
            ticks = 0;
            // The call may have ended and another begun since the look; taking the loop from that one does no harm.
            uint key = caller.CurrentKey;
            if (worker.Loop.TakeFrom(caller) && !burns) worker.Slow.OnBlockedLoop(key);
        }
    }

    private void Park(long lastCalls, ref int idle)
    {
        _wanted.Reset();
        _parked = true;
        // A call that began before the flag was seen must not go unwatched. The barrier of all threads is paid here,
        // once in a while, so that OnCall, at every request, needs none.
        Interlocked.MemoryBarrierProcessWide();
        if (!_stopped && worker.Loop.Calls == lastCalls && worker.Loop.Caller is null) _wanted.Wait();
        _parked = false;
        idle = 0;
    }
}
