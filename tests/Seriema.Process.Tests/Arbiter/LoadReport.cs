using System.Diagnostics;
using System.Globalization;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>What became of every request of a load.</summary>
internal sealed class LoadReport(IReadOnlyList<RequestRecord> records)
{
    internal IReadOnlyList<RequestRecord> Records { get; } = records;

    internal IEnumerable<RequestRecord> Answers => Records.Where(record => record.Outcome == RequestOutcome.Answered);

    internal int Count(RequestOutcome outcome) => Records.Count(record => record.Outcome == outcome);

    internal TimeSpan Slowest(long from, long to) =>
        Answers.Where(record => record.End >= from && record.Start <= to).Select(record => record.Latency).DefaultIfEmpty().Max();

    /// <summary>
    /// Nothing failed: every request has its answer. What is not counted is a connection that the server closed between
    /// two requests, when the request came on another one: <see cref="RequestOutcome.LostIdle"/>.
    /// </summary>
    /// <param name="server">Whose log must name the worker that closed such a connection as one that has left.</param>
    internal void AssertNothingFailed(ServerProcess? server = null)
    {
        RequestRecord[] failed = [.. Records.Where(record => record.Outcome is not (RequestOutcome.Answered or RequestOutcome.LostIdle))];
        Assert.True(failed.Length == 0, $"{this}\n{Lines(failed)}");
        Assert.True(Answers.Any(), "no request was made");
        foreach (RequestRecord idle in Records.Where(record => server is not null && record.Outcome == RequestOutcome.LostIdle))
        {
            Assert.True(server!.Log.All($"worker {idle.LastPid} left").Count == 1, $"worker {idle.LastPid}, which stays, closed a connection\n{Lines([idle])}");
        }
    }

    /// <summary>Every request that was not on a worker when it was killed has its answer.</summary>
    internal void AssertOnlyLostTo(IReadOnlyCollection<WorkerKill> kills)
    {
        RequestRecord[] failed = [.. Records.Where(record => record.Outcome != RequestOutcome.Answered && !kills.Any(kill => kill.Took(record)))];
        Assert.True(failed.Length == 0, $"{failed.Length} requests failed that were on no killed worker; {this}\n{Lines(failed)}");
        Assert.True(Answers.Any(), "no request was made");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Records.Count} requests, {Count(RequestOutcome.Answered)} answered by {Answers.Select(record => record.Pid).Distinct().Count()} processes, "
        + $"{Count(RequestOutcome.LostIdle)} on a connection that was closed while idle, {Count(RequestOutcome.LostFresh)} on a new one, "
        + $"{Count(RequestOutcome.Broken)} broken off, {Count(RequestOutcome.Refused)} refused, {Count(RequestOutcome.Rejected)} rejected; "
        + $"slowest {Answers.Select(record => record.Latency).DefaultIfEmpty().Max().TotalMilliseconds:0} ms");

    private static string Lines(IEnumerable<RequestRecord> failed) => string.Join('\n', failed.Take(20).Select(record =>
        $"client {record.Client}, port {record.Port}, last answered by {record.LastPid}: {record.Outcome} after "
        + $"{record.Latency.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms, {record.Text}"));
}
