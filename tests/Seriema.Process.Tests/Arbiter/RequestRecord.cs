using System.Diagnostics;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>How one request of the load ended.</summary>
internal enum RequestOutcome
{
    /// <summary>200, with the body that the application makes.</summary>
    Answered,

    /// <summary>A whole response that says something else.</summary>
    Rejected,

    /// <summary>No connection could be opened.</summary>
    Refused,

    /// <summary>A new connection was closed or reset before a byte of the response: never what HTTP allows.</summary>
    LostFresh,

    /// <summary>
    /// A connection that had been idle was closed before a byte of the response. RFC 9112 §9.3.1: a client must expect it
    /// and may ask again; the load does, at once.
    /// </summary>
    LostIdle,

    /// <summary>The response broke off in its middle.</summary>
    Broken,
}

/// <summary>One request of the load: exactly one record each. Times are <see cref="Stopwatch.GetTimestamp"/>.</summary>
/// <param name="Port">The client's port.</param>
/// <param name="Connected">When its connection was begun.</param>
/// <param name="Text">The body, for an answer: who answered, and from which code. Else what was wrong.</param>
/// <param name="LastPid">Who answered on this connection before; 0 on a new one.</param>
internal readonly record struct RequestRecord(
    int Client, int Port, long Connected, long Start, long End, RequestOutcome Outcome, string Text, int LastPid)
{
    /// <summary>The process that answered; the application's body is <c>PID VERSION</c>.</summary>
    internal int Pid => int.Parse(Text.AsSpan(0, Text.IndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture);

    internal string Version => Text[(Text.IndexOf(' ') + 1)..];

    internal TimeSpan Latency => Stopwatch.GetElapsedTime(Start, End);
}

/// <summary>A worker that was killed: when, and the client ports of the connections that it had accepted.</summary>
internal sealed record WorkerKill(int Pid, long Before, long After, IReadOnlySet<int> Ports)
{
    internal static WorkerKill Of(ServerProcess server, int pid)
    {
        long before = Stopwatch.GetTimestamp();
        HashSet<int> ports = ProcessTree.KillAndCount(pid, server.Port);
        return new WorkerKill(pid, before, Stopwatch.GetTimestamp(), ports);
    }

    /// <summary>Whether the request's connection was the worker's when it died.</summary>
    internal bool Took(RequestRecord request) => Ports.Contains(request.Port) && request.Connected <= After && Before <= request.End;
}
