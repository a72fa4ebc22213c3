using System.Text;

namespace Seriema.Cli.Tests;

/// <summary>One run of the command line in this process, with what it printed and what it would have served.</summary>
internal sealed class Invocation
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    internal int Status { get; private set; }

    internal string Output => _output.ToString();

    internal string Error => _error.ToString();

    /// <summary>What was to be served; null when the command line ended before.</summary>
    internal Launch? Served { get; private set; }

    internal Launch Launch => Served ?? throw new InvalidOperationException("nothing was served: " + Error);

    internal WsgiServerOptions Options => Launch.Server;

    internal ProcessSettings Processes => Launch.Processes;

    internal static Invocation Of(params string[] args) => With(new Dictionary<string, string>(), null, args);

    internal static Invocation With(IReadOnlyDictionary<string, string> environment, Exception? failure, params string[] args)
    {
        var run = new Invocation();
        var output = new StringWriter(run._output);
        var error = new StringWriter(run._error); // not disposed: what was served may go on writing to it
        run.Status = CommandLine.Run(args, output, error, name => environment.GetValueOrDefault(name), launch =>
        {
            run.Served = launch;
            return failure is null ? 0 : throw failure;
        });
        return run;
    }
}
