namespace Seriema.Cli;

/// <summary>The process: its streams, its environment, its exit.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Not Console.Out: it reads the terminal's settings and costs start-up time for nothing.
        var output = new StandardStreamWriter(Console.OpenStandardOutput());
        var error = new StandardStreamWriter(Console.OpenStandardError());
        // A thread of ours that fails must not greet the operator with a stack of C#.
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
            Environment.Exit(Failures.Report((Exception)e.ExceptionObject, error, showStack: args.Contains("debug")));

        int status = CommandLine.Run(
            args, output, error, Environment.GetEnvironmentVariable, options => ServerRun.Serve(options, output));
        // A thread that never leaves the application does not keep a stopped server alive.
        Environment.Exit(status);
        return status;
    }
}
