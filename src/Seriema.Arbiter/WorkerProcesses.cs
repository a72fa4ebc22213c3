using Seriema.Transport;

namespace Seriema.Arbiter;

/// <summary>Starting, signalling and burying worker processes; virtual, so that a test can play the workers. Arbiter thread only.</summary>
internal class WorkerProcesses(string program, IReadOnlyList<string> environment)
{
    /// <summary>Starts a worker; its process id. Takes over the worker's end of its control socket.</summary>
    /// <param name="inherited">All descriptors that the worker gets, its end of the control socket included.</param>
    /// <exception cref="LinuxException">Out of processes or memory, or the program is gone.</exception>
    internal virtual int Start(ControlChannel theirs, IReadOnlyList<string> argv, IReadOnlyList<int> inherited)
    {
        // Our copy must not stay open: the end of the worker would not be seen.
        using (theirs)
        {
            return ChildProcess.Spawn(program, argv, environment, inherited);
        }
    }

    /// <summary>Whether it has ended; asked again for each worker now and then, in case its SIGCHLD was lost.</summary>
    internal virtual bool TryReap(int pid, out ExitCause cause) => ChildProcess.TryReap(pid, out cause);

    internal virtual void Signal(int pid, int signal) => _ = ChildProcess.Signal(pid, signal);
}
