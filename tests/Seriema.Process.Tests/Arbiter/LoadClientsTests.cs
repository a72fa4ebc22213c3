using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>The load's own accounts: each way in which a server can fail a request is seen, once, and by its name.</summary>
public sealed class LoadClientsTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n4711 1";

    [Fact]
    public void What_is_answered_is_counted_with_who_and_what()
    {
        LoadReport report = Against(RequestOutcome.Answered, Answer, Answer);
        report.AssertNothingFailed();
        Assert.All(report.Answers, answer => Assert.Equal((4711, "1"), (answer.Pid, answer.Version)));
    }

    [Fact]
    public void A_new_connection_that_is_closed_without_an_answer_is_a_failure() => AssertFails(Against(RequestOutcome.LostFresh, ""));

    [Fact]
    public void A_new_connection_that_is_reset_is_a_failure() => AssertFails(Against(RequestOutcome.LostFresh, "<reset>"));

    [Fact]
    public void A_connection_that_is_closed_between_requests_is_none()
    {
        LoadReport report = Against(RequestOutcome.LostIdle, Answer, "");
        report.AssertNothingFailed();
        Assert.Throws<Xunit.Sdk.TrueException>(() => report.AssertOnlyLostTo([])); // where nobody drains it must not happen
    }

    [Fact]
    public void An_answer_that_breaks_off_is_a_failure() => AssertFails(Against(RequestOutcome.Broken, Answer, Answer[..^3]));

    [Fact]
    public void An_answer_with_another_status_is_a_failure() =>
        AssertFails(Against(RequestOutcome.Rejected, "HTTP/1.1 503 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"));

    [Fact]
    public void A_port_that_is_gone_is_a_failure()
    {
        using Socket free = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // and nobody listens
        using LoadConnection client = new(0, free.LocalEndPoint!, "/", 0, _ => { });
        client.Run(CancellationToken.None);
        Assert.Equal(RequestOutcome.Refused, Assert.Single(client.Records).Outcome);
        AssertFails(new LoadReport(client.Records));
    }

    [Fact]
    public void What_was_on_a_killed_worker_is_told_from_what_was_not()
    {
        LoadReport report = Against(RequestOutcome.LostFresh, "");
        RequestRecord lost = report.Records.First(record => record.Outcome == RequestOutcome.LostFresh);
        WorkerKill its = new(4711, lost.Start, lost.End, new HashSet<int> { lost.Port });
        Assert.True(its.Took(lost));
        Assert.False((its with { Ports = new HashSet<int>() }).Took(lost), "not the worker's connection");
        Assert.False((its with { After = lost.Connected - 1 }).Took(lost), "killed before the connection was there");
        Assert.False((its with { Before = lost.End + 1 }).Took(lost), "killed after the request had failed");
    }

    private static void AssertFails(LoadReport report) => Assert.Throws<Xunit.Sdk.TrueException>(() => report.AssertNothingFailed());

    /// <summary>One client against a server that gives its connection these answers, and then closes it.</summary>
    private static LoadReport Against(RequestOutcome last, params string[] answers)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using CancellationTokenSource end = new();
        List<RequestRecord> seen = [];
        using LoadConnection client = new(0, listener.LocalEndPoint!, "/", 0, seen.Add);
        Thread server = new(() => Serve(listener, answers, end));
        server.Start();
        client.Run(end.Token);
        server.Join();
        LoadReport report = new(client.Records);
        Assert.Equal(answers.Length, report.Records.Count);
        Assert.Equal(last, report.Records[^1].Outcome);
        Assert.Equal(report.Answers, seen);
        Assert.All(report.Records.SkipLast(1), record => Assert.Equal(RequestOutcome.Answered, record.Outcome));
        return report;
    }

    private static void Serve(Socket listener, string[] answers, CancellationTokenSource end)
    {
        using Socket client = listener.Accept();
        byte[] request = new byte[1024];
        for (int i = 0; i < answers.Length; i++)
        {
            client.Receive(request);
            if (i == answers.Length - 1) end.Cancel(); // before the client knows how this one ends, so that it is its last
            if (answers[i] == "<reset>") client.LingerState = new LingerOption(true, 0);
            else client.Send(Encoding.Latin1.GetBytes(answers[i]));
        }
    }
}
