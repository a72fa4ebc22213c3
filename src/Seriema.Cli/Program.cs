using Seriema.Transport;

namespace Seriema.Cli;

/// <summary>The process: its streams, its environment, its exit, and which of the three programs in one it is.</summary>
internal static class Program
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private static int Main(string[] args)
    {
        // Not Console.Out: it reads the terminal's settings and costs start-up time for nothing.
        var output = new StandardStreamWriter(new DescriptorStream(StandardOutput));
        var error = new StandardStreamWriter(new DescriptorStream(StandardError));
        // A thread of ours that fails must not greet the operator with a stack of C#.
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
            Environment.Exit(Failures.Report((Exception)e.ExceptionObject, error, showStack: args.Contains("debug")));

        int status = Run(args, output, error, Environment.GetEnvironmentVariable);
        // A thread that never leaves the application does not keep a stopped server alive.
        Environment.Exit(status);
        return status;
    }

    private static int Run(string[] args, TextWriter output, TextWriter error, Func<string, string?> environment) => args switch
    {
        [WorkerWords.Role, ..] => WorkerRun.Run(args, error, environment),
        // A module of such a name can still be served, as reload:app.
        [ControlClient.Reload or ControlClient.Status, ..] => ControlClient.Run(args, output, error),
        _ => CommandLine.Run(args, output, error, environment, launch => ArbiterRun.Serve(launch, output, error, environment)),
    };
}
