using System.Net;
using System.Net.Sockets;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>
/// A load of many clients, each on a thread of its own, which ask without a pause and account for every request. Every
/// fourth client opens a new connection for each five requests, so that a port that is gone for a moment is noticed.
/// </summary>
internal sealed class LoadClients : IDisposable
{
    private const int RequestsOfAShortConnection = 5;

    private readonly CancellationTokenSource _end = new();
    private readonly LoadConnection[] _connections;
    private readonly Thread[] _threads;
    private readonly Lock _reportLock = new();
    private readonly object _answers = new();
    private readonly Dictionary<int, int> _ofPid = [];
    private readonly Dictionary<string, int> _ofVersion = [];
    private int _count;
    private LoadReport? _report;

    internal LoadClients(ServerProcess server, int clients, string target = "/")
        : this(new IPEndPoint(IPAddress.Loopback, server.Port), clients, target)
    {
    }

    internal LoadClients(EndPoint server, int clients, string target)
    {
        _connections = [.. Enumerable.Range(0, clients)
            .Select(number => new LoadConnection(number, server, target, number % 4 == 3 ? RequestsOfAShortConnection : 0, Answered))];
        _threads = [.. _connections.Select(connection => new Thread(() => connection.Run(_end.Token), 256 * 1024) { IsBackground = true })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Waits for this many more answers: the load goes on whatever was just done to the server.</summary>
    internal void WaitForAnswers(int more)
    {
        lock (_answers)
        {
            int wanted = _count + more;
            WaitUntil(() => _count >= wanted, $"{more} more answers");
        }
    }

    /// <summary>Waits for a process's first answer.</summary>
    internal void WaitForPid(int pid)
    {
        lock (_answers) WaitUntil(() => _ofPid.ContainsKey(pid), $"an answer from process {pid}");
    }

    /// <summary>Waits for the first answer of a version of the code.</summary>
    internal void WaitForVersion(string version)
    {
        lock (_answers) WaitUntil(() => _ofVersion.ContainsKey(version), $"an answer from version {version}");
    }

    /// <summary>Lets every client finish the request that it has begun, and adds up.</summary>
    internal LoadReport Stop()
    {
        lock (_reportLock)
        {
            _end.Cancel();
            foreach (Thread thread in _threads) thread.Join();
            return _report ??= new LoadReport([.. _connections.SelectMany(connection => connection.Records)]);
        }
    }

    public void Dispose()
    {
        _end.Cancel(); // the threads end with their requests, at the latest when the server does
    }

    private void Answered(RequestRecord record)
    {
        lock (_answers)
        {
            _count++;
            _ofPid[record.Pid] = _ofPid.GetValueOrDefault(record.Pid) + 1;
            _ofVersion[record.Version] = _ofVersion.GetValueOrDefault(record.Version) + 1;
            Monitor.PulseAll(_answers);
        }
    }

    private void WaitUntil(Func<bool> condition, string what)
    {
        DateTime end = DateTime.UtcNow + ServerProcess.Patience;
        while (!condition())
        {
            TimeSpan left = end - DateTime.UtcNow;
            if (left <= TimeSpan.Zero || !Monitor.Wait(_answers, left)) throw new TimeoutException($"no {what} after {_count} answers");
        }
    }
}
