using Seriema.Server.Tests;
using Seriema.Worker.Tests.Crews;

namespace Seriema.Deadline.Tests;

/// <summary>Requests that take too long, with the real Python: what the client sees, what the log says, and who is unharmed.</summary>
[TestCaseOrderer("Seriema.Server.Tests." + nameof(LastTestOrderer), "Seriema.Deadline.Tests")]
public sealed class DeadlineTests(OverdueServer server) : IClassFixture<OverdueServer>
{
    private const string Answer = "The application did not answer in time.";

    [Fact]
    public void A_request_that_sleeps_is_answered_logged_with_its_line_and_interrupted()
    {
        using Client client = server.Connect();
        client.Get("/sleep?n=1&token=hush");
        Assert.Equal((504, Answer), client.Receive());
        Assert.Equal("", client.ReceiveAll()); // and the connection ends
        string line = server.AwaitLog($"request exceeded its deadline of {OverdueServer.Timeout} s: GET /sleep?n=1&token=[4 bytes hidden]\n");
        Assert.Contains("time.sleep(3600)  # the line that the log is to show", line, StringComparison.Ordinal);
        OverdueServer.Await(() => server.Ask("/told").Contains("cleaned up", StringComparison.Ordinal), "the finally block");
    }

    [Fact]
    public void Requests_beside_one_that_is_too_late_never_notice()
    {
        Client[] sleepers = [.. Enumerable.Range(0, 3).Select(_ => server.Connect())];
        foreach (Client sleeper in sleepers) sleeper.Get("/sleep");
        using Client other = server.Connect();
        for (int i = 0; i < 50; i++) Assert.Equal("pong", other.Ask("/"));
        Assert.All(sleepers, sleeper => Assert.Equal(504, sleeper.Receive().Status));
        for (int i = 0; i < 50; i++) Assert.Equal("pong", other.Ask("/"));
        foreach (Client sleeper in sleepers) sleeper.Dispose();
    }

    [Fact]
    public void A_request_that_computes_for_ever_is_interrupted()
    {
        using Client client = server.Connect();
        client.Get("/compute");
        Assert.Equal((504, Answer), client.Receive());
        Assert.Contains(
            "in compute", server.AwaitLog($"request exceeded its deadline of {OverdueServer.Timeout} s: GET /compute\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_that_swallows_the_exception_has_its_response_dropped()
    {
        using Client client = server.Connect();
        client.Get("/swallow");
        Assert.Equal((504, Answer), client.Receive());
        Assert.Equal("", client.ReceiveAll());
        OverdueServer.Await(() => server.Ask("/told").Contains("seriema.RequestTimeout", StringComparison.Ordinal), "the exception");
    }

    [Fact]
    public void A_stream_that_stops_is_broken_off()
    {
        using Client client = server.Connect();
        client.Get("/stream");
        string all = client.ReceiveAll();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", all, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n5\r\nbegun\r\n", all, StringComparison.Ordinal);
    }

    [Fact, Trait(LastTestOrderer.Trait, LastTestOrderer.Last)]
    public async Task A_thread_that_C_keeps_is_given_up_and_one_that_keeps_the_GIL_ends_the_server()
    {
        using (Client stuck = server.Connect())
        {
            stuck.Get("/stuck");
            Assert.Equal((504, Answer), stuck.Receive());
        }
        server.AwaitLog("the thread of GET /stuck has not come back for 2.5 s; the worker asks to be replaced");
        for (int i = 0; i < 50; i++) Assert.Equal("pong", server.Ask("/"));
        Assert.Equal("released", server.Ask("/release")); // it comes back after all
        for (int i = 0; i < 50; i++) Assert.Equal("pong", server.Ask("/"));
        Assert.False(server.Server.Completion.IsCompleted);

        using (Client holder = server.Connect())
        {
            holder.Get("/hold");
            Assert.Equal((504, Answer), holder.Receive()); // without the GIL, which this request has for ever
        }
        server.AwaitLog("GET /hold\nno Python code can run: the GIL is held; the stacks are on standard error");
        server.AwaitLog("the thread of GET /hold has not come back for 2.5 s; the worker asks to be replaced");
        await server.Server.Completion.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(server.Log.Lines, line => line.Level == Microsoft.Extensions.Logging.LogLevel.Critical);
    }
}
