using System.CommandLine;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary>The table of options: all that the parser knows, in the order that <c>--help</c> shows.</summary>
internal sealed class CommandLineOptions
{
    internal Argument<string?> Application { get; } = new("MODULE:CALLABLE")
    {
        Description = "The WSGI application: package.module:name, module:factory() or module (application, else app).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    internal ServingOptions Serving { get; } = new();

    internal ProcessOptions Processes { get; } = new();

    internal Option<string[]> Config { get; } =
        Create("FILE", "File with further settings: lines of name = value, the names as here", "--config", "-c");

    internal Option<string[]> LogLevel { get; } =
        Create("LEVEL", "debug, info, warning, error or critical [info]", "--log-level");

    internal Option<bool> Version { get; } = Flag("Print the version", "--version", "-v");

    internal Option<bool> Help { get; } = Flag("Print this text", "--help", "-h");

    internal Command ToCommand()
    {
        // Not a RootCommand: that brings a --help and a --version with other spellings and other text.
        var command = new Command("seriema", "Serves Python WSGI applications.");
        command.Arguments.Add(Application);
        (ServingOptions s, ProcessOptions p) = (Serving, Processes);
        foreach (Option option in (ReadOnlySpan<Option>)[
            s.Bind, s.Chdir, s.PythonPath, s.Python, Config, p.Workers, s.Threads, s.WorkerClass, LogLevel, p.ErrorLog,
            s.Wire, s.WireSecrets, s.Timeout, s.TimeoutGrace, s.QueueTimeout, s.GracefulTimeout, s.KeepAlive, s.HeadTimeout,
            s.ProgressTimeout, s.HealthPath, s.MaxRequests, s.MaxRequestsJitter, p.MaxWorkerAge, p.MaxWorkerRss,
            p.Pid, p.ControlSocket, p.User, p.Group, p.Umask, p.SocketMode, s.Backlog, s.BacklogRequests,
            s.LimitRequestLine, s.LimitRequestFields, s.LimitRequestFieldSize, s.LimitRequestHead, s.LimitRequestBody,
            s.BodyBuffer, s.ResponseBuffer, .. s.SlowClients.All, .. s.Clients.All, .. s.Proxies.All, p.WorkerTmpDir, .. s.Site.All, Version, Help])
        {
            command.Options.Add(option);
        }
        return command;
    }
}
