using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using static Seriema.Cli.TextOption;

namespace Seriema.Cli;

/// <summary><c>seriema reload</c> and <c>seriema status</c>: ask a running server over its control socket.</summary>
internal sealed class ControlClient
{
    internal const string Reload = "reload";
    internal const string Status = "status";

    private readonly Command _command;
    private readonly ProcessOptions _options = new();

    private readonly Option<string[]> _config = Create("FILE", "Configuration file of the server, which names them", "--config", "-c");

    private readonly Option<string[]> _wait = Create("SECONDS", "How long to wait for the answer [as long as it takes]", "--wait");

    private readonly Option<bool> _help = Flag("Print this text", "--help", "-h");

    private ControlClient(string name)
    {
        _command = new Command(name, name == Reload
            ? "Starts workers with the code and settings of now, and waits until they serve."
            : "Prints a line for each worker.");
        foreach (Option option in (ReadOnlySpan<Option>)[_options.Pid, _options.ControlSocket, _config, _wait, _help])
        {
            _command.Options.Add(option);
        }
    }

    /// <summary>Asks, prints the answer, and returns the exit status: that of the reload, when it failed.</summary>
    /// <param name="args">All arguments, the command's name first.</param>
    internal static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        try
        {
            return new ControlClient(args[0]).Ask([.. args.Skip(1)], output, error);
        }
        catch (Exception e)
        {
            return Failures.Report(e, error, showStack: false);
        }
    }

    private int Ask(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        ParseResult parsed = _command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.GetValue(_help))
        {
            HelpText.Write(_command, $"Usage: seriema {_command.Name} [OPTIONS]", output);
            return ExitStatus.Success;
        }
        ParseMistakes.Check(args, parsed, application: null);
        TimeSpan patience = parsed.Seconds(_wait, Timeout.InfiniteTimeSpan);
        string answer = Talk(SocketPath(parsed), patience);
        if (answer.StartsWith("failed ", StringComparison.Ordinal))
        {
            int end = answer.IndexOf('\n', StringComparison.Ordinal);
            if (end < 0 || !int.TryParse(answer.AsSpan(7, end - 7), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            {
                throw new UnavailableException("the server gave an answer that this client does not know");
            }
            error.WriteLine(answer[(end + 1)..].TrimEnd('\n'));
            return status;
        }
        // A status of no workers is an answer; no answer to a reload is not.
        if (answer.Length == 0 && _command.Name == Reload) throw new UnavailableException("the server ended before it answered");
        output.Write(answer.StartsWith("ok ", StringComparison.Ordinal) ? answer[3..] : answer);
        return ExitStatus.Success;
    }

    private string SocketPath(ParseResult parsed)
    {
        string? pid = parsed.Last(_options.Pid), socket = parsed.Last(_options.ControlSocket);
        if (pid is null && socket is null && parsed.Last(_config) is string config)
        {
            // The last line wins, as it does for the server.
            foreach ((_, string name, string value) in ConfigFile.Read(config))
            {
                if ("--" + name == _options.Pid.Name) pid = value;
                if ("--" + name == _options.ControlSocket.Name) socket = value;
            }
            if (pid is null && socket is null) throw new UsageException($"{config} names neither pid nor control-socket");
        }
        return Folders.FullPath(_options.ControlSocket.Name, socket)
            ?? ProcessOptions.DefaultControlSocket(Folders.FullPath(_options.Pid.Name, pid))
            ?? throw new UsageException($"which server? Give {_options.Pid.Name} FILE, {_options.ControlSocket.Name} PATH or {_config.Name} FILE as it was given to the server");
    }

    private string Talk(string path, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            return Talk(socket, path, late.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new UnavailableException(string.Create(
                CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds} s; the server goes on with it"));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new UnavailableException($"no server answers at {path}: the path is too long for a socket");
        }
        catch (IOException e)
        {
            throw new UnavailableException("the server ended before it answered: " + e.InnerException?.Message);
        }
        catch (SocketException e)
        {
            // .NET has no word of its own for ENOENT.
            throw new UnavailableException($"no server answers at {path}: {(Path.Exists(path) ? e.Message : "no such file")}");
        }
    }

    private async Task<string> Talk(Socket socket, string path, CancellationToken late)
    {
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), late).ConfigureAwait(false);
        await socket.SendAsync(Encoding.UTF8.GetBytes(_command.Name + "\n"), late).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(late).ConfigureAwait(false);
    }
}
