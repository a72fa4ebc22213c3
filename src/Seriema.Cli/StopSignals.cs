using System.Diagnostics;
using System.Runtime.InteropServices;
using Seriema.Transport;

namespace Seriema.Cli;

/// <summary>What the process is doing when a signal comes.</summary>
internal enum StopState
{
    /// <summary>Python starts or the application is being imported.</summary>
    Starting,

    /// <summary>Requests are answered.</summary>
    Serving,

    /// <summary>Requests in flight are being finished.</summary>
    Stopping,

    /// <summary>Everything is being dropped; nothing more to ask for.</summary>
    Cutting,
}

/// <summary>The signals of a worker process; TERM, INT and QUIT stop its server. The runtime calls it on pool threads.</summary>
/// <remarks>
/// From → signal → to:
/// Starting → any → the process ends at once (an import cannot be interrupted from outside, and nothing is in flight);
/// Serving → TERM → Stopping; Serving → INT, QUIT → Cutting, as in gunicorn;
/// Stopping → INT, QUIT → Cutting, forced; Stopping → TERM → Stopping, because supervisors send it to the process and
/// to its group, and the second one must not cut what the first one asked to finish.
/// </remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Action<int> _exit;
    private readonly CancellationTokenSource _atOnce = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private Func<CancellationToken, Task>? _stop; // set once, by Serving

    /// <param name="exit">Ends the process with a status, without waiting for any thread.</param>
    internal StopSignals(Action<int> exit) => _exit = exit;

    internal StopState State { get; private set; }

    /// <summary>A second signal cut a graceful stop short.</summary>
    internal bool IsForced { get; private set; }

    /// <summary>Faults when the server could not be told to stop; never completes otherwise.</summary>
    internal Task Failed => _failed.Task;

    /// <summary>Cancelled when nothing is to be waited for any more.</summary>
    internal CancellationToken AtOnce => _atOnce.Token;

    /// <summary>Takes the signals over from the kernel's default actions.</summary>
    internal void Register(Action reopenLogs)
    {
        foreach (int signal in (ReadOnlySpan<int>)[Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT])
        {
            Handle(signal, () => Received(signal));
        }
        // These mean something to the arbiter only, but may be sent to the whole group. Handlers that do nothing, not
        // SIG_IGN: that the programs which the application starts would inherit.
        foreach (int signal in (ReadOnlySpan<int>)[
            Signals.SIGHUP, Signals.SIGUSR2, Signals.SIGTTIN, Signals.SIGTTOU, Signals.SIGWINCH])
        {
            Handle(signal, () => { });
        }
        Handle(Signals.SIGUSR1, reopenLogs);
    }

    /// <summary>
    /// From now on a signal stops the server through <paramref name="stop"/>; its token means at once.
    /// </summary>
    internal void Serving(Func<CancellationToken, Task> stop)
    {
        lock (_lock)
        {
            Debug.Assert(State == StopState.Starting, "a server starts once");
            _stop = stop;
            State = StopState.Serving;
        }
    }

    internal void Received(int signal)
    {
        StopState from, to;
        lock (_lock)
        {
            from = State;
            to = State = Next(from, signal);
            IsForced |= from == StopState.Stopping && to == StopState.Cutting;
        }
        // Outside the lock: what is called here may take its time, or come back.
        if (from == StopState.Starting) _exit(ExitStatus.Success);
        if (from != to && to == StopState.Cutting) _atOnce.Cancel();
        if (from == StopState.Serving) _ = OrderStop();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
        _atOnce.Dispose();
    }

    private void Handle(int signal, Action handler) =>
        // A PosixSignal may be the signal's own number.
        _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            context.Cancel = true;
            handler();
        }));

    private static StopState Next(StopState from, int signal) => (from, signal) switch
    {
        (StopState.Serving, Signals.SIGTERM) => StopState.Stopping,
        (StopState.Serving, _) => StopState.Cutting,
        (StopState.Stopping, Signals.SIGINT or Signals.SIGQUIT) => StopState.Cutting,
        _ => from,
    };

    private async Task OrderStop()
    {
        try
        {
            await _stop!(AtOnce).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Cut: the server ends all the same, which Completion tells.
        }
        catch (Exception e)
        {
            _failed.TrySetException(e);
        }
    }
}
