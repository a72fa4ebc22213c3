using System.Text;
using Seriema.Transport;
using Seriema.Worker.Tests.Crews;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Link;

/// <summary>A worker asks for its own health check before it takes clients.</summary>
public sealed class HealthProbeTests
{
    private const string Path = "/health";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(200, null)]
    [InlineData(204, null)]
    [InlineData(302, null)]
    [InlineData(399, null)]
    [InlineData(400, "GET /health answered 400")]
    [InlineData(500, "GET /health answered 500")]
    public void The_answer_decides(int status, string? problem)
    {
        using LiveServer server = Server((_, exchange) => Answer(exchange, status));
        Assert.Equal(problem, HealthProbe.Run(server.Worker, Path, s_patience));
    }

    [Fact]
    public void Clients_wait_until_the_worker_begins()
    {
        List<(string Head, string Address)> requests = [];
        using LiveServer server = Server((_, exchange) =>
        {
            lock (requests) requests.Add((Encoding.ASCII.GetString(exchange.HeadBytes), Encoding.ASCII.GetString(exchange.RemoteAddress)));
            Answer(exchange, 200);
        });
        using Client client = server.Connect();
        client.Get("/client");
        Assert.Null(HealthProbe.Run(server.Worker, Path, s_patience));
        (string head, string address) = Assert.Single(requests);
        Assert.Equal("GET /health HTTP/1.1\r\nHost: localhost\r\nUser-Agent: seriema-health\r\nConnection: close\r\n\r\n", head);
        Assert.Equal("127.0.0.1", address);

        server.Worker.Acceptor.Begin();
        Assert.Equal(200, client.Receive().Status);
        server.Stop();
    }

    [Fact]
    public void An_answer_that_does_not_come_is_a_problem_too()
    {
        using ManualResetEventSlim go = new();
        using LiveServer server = Server((_, exchange) =>
        {
            go.Wait();
            Answer(exchange, 200);
        });
        Assert.Equal("GET /health did not answer within 0.1 s", HealthProbe.Run(server.Worker, Path, TimeSpan.FromSeconds(0.1)));
        go.Set();
    }

    [Fact]
    public void A_connection_that_ends_is_no_answer()
    {
        using LiveServer server = Server((_, exchange) => exchange.Abort());
        Assert.Equal("GET /health ended without an answer", HealthProbe.Run(server.Worker, Path, s_patience));
    }

    [Fact]
    public async Task A_stop_ends_the_waiting()
    {
        using ManualResetEventSlim go = new();
        using LiveServer server = Server((_, exchange) =>
        {
            exchange.StartHead(200, "OK"u8);
            go.Wait();
            exchange.EndHead(0);
            exchange.Complete();
        });
        Task<string?> probe = Task.Run(() => HealthProbe.Run(server.Worker, Path, s_patience));
        LoopDriver.Await(() => server.MostInside == 1, "the call");
        server.Worker.Stop();
        Assert.Equal("GET /health was cut off: the worker stops", await probe.WaitAsync(s_patience));
        go.Set();
    }

    [Fact]
    public void Without_a_role_a_health_path_holds_nothing_up()
    {
        using LiveServer server = new(LoopDriver.Options(healthPath: Path), (_, exchange) => Answer(exchange, 500));
        using Client client = server.Connect();
        client.Get("/");
        Assert.Equal(500, client.Receive().Status);
        server.Stop();
    }

    private static LiveServer Server(Action<AppThread, HttpExchange> application) =>
        new(LoopDriver.Options(healthPath: Path), application, role: listener => Roles.Of([listener]));

    private static void Answer(HttpExchange exchange, int status)
    {
        exchange.StartHead(status, "Whatever"u8);
        exchange.EndHead(0);
        exchange.Complete();
    }
}
