using System.Globalization;
using System.Net;

namespace Seriema.Cli;

/// <summary>One server from start to stop, on the process's first thread, which only waits.</summary>
internal static class ServerRun
{
    /// <summary>How long a server that was told to stop at once may take; then the process ends without it.</summary>
    /// <remarks>
    /// The server bounds this itself, atexit handlers included; this is for the case that it cannot.
    /// </remarks>
    private static readonly TimeSpan s_cutGrace = TimeSpan.FromSeconds(5);

    /// <summary>Serves until a signal or a failure ends it; returns the exit status.</summary>
    internal static int Serve(WsgiServerOptions options, TextWriter output)
    {
        // Before Start: process 1 of a container ignores signals that it has no handler for.
        using var signals = new StopSignals(Environment.Exit);
        signals.Register();
        var server = new WsgiServer(options);
        bool isCut = false;
        try
        {
            server.Start();
            signals.Serving(token => server.StopAsync(cancellationToken: token));
            output.WriteLine(ReadyLine(server.Addresses, Environment.ProcessId, server.PythonVersion, options.Threads));
            isCut = !WaitForEnd(server, signals);
        }
        finally
        {
            if (!isCut) server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        return signals.IsForced ? ExitStatus.StopForced : ExitStatus.Success;
    }

    /// <summary>The one line on standard output; scripts wait for it and read the port from it.</summary>
    internal static string ReadyLine(IReadOnlyList<EndPoint> addresses, int pid, string pythonVersion, int threads)
    {
        string urls = string.Join(", ", addresses.Select(address => $"http://{address}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Serving HTTP on {urls} (pid {pid}, Python {pythonVersion}, threads {threads})");
    }

    /// <summary>False when the server was cut off and must not be touched again.</summary>
    private static bool WaitForEnd(WsgiServer server, StopSignals signals)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (signals.AtOnce.Register(() => _ = CutLater()))
        {
            Task first = Task.WhenAny(server.Completion, signals.Failed, cut.Task).GetAwaiter().GetResult();
            first.GetAwaiter().GetResult();
        }
        return !signals.IsForced && !cut.Task.IsCompleted;

        async Task CutLater()
        {
            await Task.Delay(s_cutGrace).ConfigureAwait(false);
            cut.TrySetResult();
        }
    }
}
