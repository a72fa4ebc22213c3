using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Takes the signals over from the kernel's default actions and hands them to the loop.</summary>
/// <remarks>The runtime calls <see cref="OnSignal"/> on pool threads; the rest is for the arbiter's thread.</remarks>
internal sealed class ArbiterSignals : IDisposable
{
    private static readonly int[] s_taken =
    [
        Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGHUP, Signals.SIGUSR1, Signals.SIGUSR2,
        Signals.SIGTTIN, Signals.SIGTTOU, Signals.SIGWINCH, Signals.SIGCHLD,
    ];

    private readonly ConcurrentQueue<int> _received = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _wake;

    /// <param name="wake">Makes the loop look; any thread.</param>
    internal ArbiterSignals(Action wake) => _wake = wake;

    internal void Register()
    {
        // A shell that is no terminal's starts what stands before "&" with these two ignored. SIGHUP is left as it is: nohup.
        Signals.Heed(Signals.SIGINT);
        Signals.Heed(Signals.SIGQUIT);
        foreach (int signal in s_taken)
        {
            _registrations.Add(PosixSignalRegistration.Create(NameOf(signal), context =>
            {
                context.Cancel = true;
                OnSignal(signal);
            }));
        }
    }

    internal void OnSignal(int signal)
    {
        // A child's end needs no entry: the loop looks at all children whenever it turns.
        if (signal != Signals.SIGCHLD) _received.Enqueue(signal);
        _wake();
    }

    internal bool TryTake(out int signal) => _received.TryDequeue(out signal);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    // .NET has names, which are negative, for some signals and takes the kernel's numbers for the others.
    private static PosixSignal NameOf(int signal) => signal switch
    {
        Signals.SIGTERM => PosixSignal.SIGTERM,
        Signals.SIGINT => PosixSignal.SIGINT,
        Signals.SIGQUIT => PosixSignal.SIGQUIT,
        Signals.SIGHUP => PosixSignal.SIGHUP,
        Signals.SIGTTIN => PosixSignal.SIGTTIN,
        Signals.SIGTTOU => PosixSignal.SIGTTOU,
        Signals.SIGWINCH => PosixSignal.SIGWINCH,
        Signals.SIGCHLD => PosixSignal.SIGCHLD,
        _ => (PosixSignal)signal,
    };
}
