using Microsoft.Extensions.Logging;
using Seriema.Transport;
using Seriema.Transport.Interop;
using Seriema.Worker;

namespace Seriema.Cli;

/// <summary>One worker process from start to stop, on its first thread, which only waits.</summary>
internal static partial class WorkerRun
{
    /// <summary>How long a server that was told to stop at once may take; then the process ends without it.</summary>
    /// <remarks>
    /// The server bounds this itself, atexit handlers included; this is for the case that it cannot.
    /// </remarks>
    private static readonly TimeSpan s_cutGrace = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the arbiter, a signal or a failure ends it; returns the exit status.</summary>
    /// <param name="args">All arguments, <see cref="WorkerWords.Role"/> first.</param>
    internal static int Run(IReadOnlyList<string> args, TextWriter error, Func<string, string?> environment)
    {
        WorkerWords words;
        try
        {
            words = WorkerWords.Read(args);
        }
        catch (UsageException e)
        {
            return Failures.Report(e, error, showStack: false);
        }
        // Meant for this process's runtime, which has read it; Python has not been started and never sees it.
        foreach (string name in Heritage.RuntimeSwitches)
        {
            if (environment(name) == Heritage.Off) _ = Libc.UnsetEnvironment(name);
        }
        var control = new ControlChannel(words.Spec.Control);
        // At once: whatever the application starts must not hold the port, nor the arbiter's view of this process.
        foreach (int fd in (IEnumerable<int>)[words.Spec.Control, words.Spec.Board, .. words.Rates is int rates ? [rates] : Array.Empty<int>(), .. words.Spec.Listeners])
        {
            _ = Libc.SetCloseOnExec(fd);
        }
        bool serves = false, showStack = false;
        try
        {
            ParsedLine line = ParsedLine.Of(words.Arguments);
            showStack = line.Level <= LogLevel.Debug;
            using var loggers = new StreamLoggerFactory(error, line.Level, TimeProvider.System);
            Launch launch = line.ToLaunch(line.Application, words.Typed, environment, error, loggers);
            return Serve(launch.Server, words, control, loggers.CreateLogger("seriema"), () => serves = true);
        }
        catch (OperationCanceledException)
        {
            return ExitStatus.Success; // the arbiter wants it no more, before it served
        }
        catch (Exception e)
        {
            var text = new StringWriter { NewLine = "\n" };
            int status = Failures.Report(e, text, showStack);
            // Before it serves, the arbiter decides what is shown: one failure of many workers is one text.
            if (serves || !control.Send(ControlWords.Failed(status, text.ToString()))) error.Write(text.ToString());
            return status;
        }
    }

    private static int Serve(
        WsgiServerOptions options, WorkerWords words, ControlChannel control, ILogger logger, Action onServing)
    {
        Action? reopenLogs = words.Log is string path ? new LogFile(path).Redirect : null;
        // Before Start: Python comes later, so that the application's own signal handlers win.
        using var signals = new StopSignals(Environment.Exit);
        signals.Register(() => Reopen(reopenLogs, logger));
        var server = new WsgiServer(options, new WorkerRole
        {
            Control = control,
            Listeners = [.. words.Spec.Listeners.Select(fd => BindAddress.Inherit(fd, $"fd://{fd}"))],
            Python = words.Python,
            Board = new Scoreboard(words.Spec.Board, Scoreboard.DefaultSlots),
            Slot = words.Spec.Slot,
            Rates = words.Rates is int rates ? new RateTable(rates, RateTable.DefaultSlots) : null,
            IsMultiprocess = words.Spec.Workers > 1,
            ReopenLogs = reopenLogs,
        });
        bool isCut = false;
        try
        {
            server.Start();
            onServing();
            signals.Serving(token => server.StopAsync(cancellationToken: token));
            isCut = !WaitForEnd(server, signals);
        }
        finally
        {
            if (!isCut) server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        return signals.IsForced ? ExitStatus.StopForced : ExitStatus.Success;
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

    private static void Reopen(Action? reopenLogs, ILogger logger)
    {
        try
        {
            reopenLogs?.Invoke();
        }
        catch (LinuxException e)
        {
            NotReopened(logger, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "the log stays where it is: {Reason}")]
    private static partial void NotReopened(ILogger logger, string reason);
}
