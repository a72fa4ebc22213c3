using System.Globalization;
using System.Net;
using Seriema.Process.Tests.Arbiter;

namespace Seriema.Process.Tests;

/// <summary>Limits on who opens connections, or asks, too often: real addresses of this machine, real workers.</summary>
public sealed class ClientLimitTests
{
    private static readonly IPAddress s_client = IPAddress.Parse("127.0.0.2"); // 127.0.0.1 is a proxy that is trusted
    private static readonly IPAddress s_other = IPAddress.Parse("127.0.0.3");

    [Fact]
    public void One_address_may_have_so_many_connections()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--limit-client-connections", "2");
        using WireClient first = From(server, s_client), second = From(server, s_client);
        Assert.Equal((200, 200), (Hello(first), Hello(second)));
        for (int i = 0; i < 3; i++)
        {
            using WireClient third = From(server, s_client);
            string answer = third.ReadToEnd();
            Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("\r\nRetry-After: 1\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("<reset>", answer, StringComparison.Ordinal);
        }
        using WireClient other = From(server, s_other);
        Assert.Equal(200, Hello(other));
        WireClient[] proxied = [.. Enumerable.Range(0, 5).Select(_ => server.Connect())];
        Assert.All(proxied, client => Assert.Equal(200, Hello(client)));
        foreach (WireClient client in proxied) client.Dispose();
        server.WaitForLine("connections refused: too many of one client; 127.0.0.2 was the last");

        first.Dispose();
        AwaitHello(server, s_client);
        Assert.Equal(200, Hello(second));
    }

    [Fact]
    public void Clients_that_are_gone_leave_no_count_behind()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--limit-client-connections", "3");
        for (int i = 0; i < 40; i++)
        {
            AwaitHello(server, s_client); // and its end is seen while the next ones come
            using WireClient half = From(server, s_client), closing = From(server, s_client);
            half.Send("GET /he");
            closing.Send("GET /hello HTTP/1.0\r\n\r\n");
            if (i % 2 == 0) half.Reset();
            else closing.Reset();
        }
        Eventually.True(() =>
        {
            WireClient[] clients = [.. Enumerable.Range(0, 3).Select(_ => From(server, s_client))];
            int answered = clients.Count(client => TryHello(client));
            foreach (WireClient client in clients) client.Dispose();
            return answered == 3;
        }, "a connection that is gone still counts");
    }

    [Fact]
    public void The_rate_holds_over_all_workers_and_over_those_that_come_after_them()
    {
        string[] options = ["--workers", "2", "--limit-request-rate", "1/m", "--limit-request-burst", "8"];
        using ServerProcess server = ServerProcess.Start("conformance:application", options);
        server.WaitForReadyWorkers(2);
        Dictionary<string, WireClient> workers = OneOfEach(server, 2);
        for (int i = 0; i < 4; i++) Assert.All(workers.Values, client => Assert.Equal(200, Hello(client, "X-Forwarded-For: 203.0.113.9")));
        foreach (WireClient client in workers.Values)
        {
            client.SendRequest("GET", "/hello", ["X-Forwarded-For: 203.0.113.9"]);
            WireResponse refused = client.ReadResponse();
            Assert.Equal((429, null), (refused.Status, refused.Field("Connection")));
            Assert.InRange(int.Parse(refused.Field("Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
            Assert.Equal(200, Hello(client, "X-Forwarded-For: 203.0.113.10"));
            client.Dispose();
        }

        int mark = server.Log.Mark;
        server.Signal("HUP");
        server.Log.WaitFor("reload finished", mark);
        Assert.Equal(429, server.Get("/hello", "X-Forwarded-For: 203.0.113.9").Status);
        mark = server.Log.Mark;
        foreach (int pid in server.Workers) ProcessTree.Signal(pid, ProcessTree.SIGKILL);
        server.WaitForNewWorker(mark);
        Assert.Equal(429, server.Get("/hello", "X-Forwarded-For: 203.0.113.9").Status);
        Assert.Equal(200, server.Get("/hello", "X-Forwarded-For: 203.0.113.11").Status);
    }

    [Fact]
    public void A_reload_can_set_the_rate_and_take_it_away()
    {
        using TemporaryFile settings = new();
        File.WriteAllText(settings.Path, "threads = 2\n");
        using ServerProcess server = ServerProcess.Start("conformance:application", "--config", settings.Path);
        for (int i = 0; i < 3; i++) Assert.Equal(200, server.Get("/hello").Status);
        foreach ((string rate, int expected) in ((string, int)[])[("1/m", 429), ("0", 200), ("1/m", 429)])
        {
            File.WriteAllText(settings.Path, $"threads = 2\nlimit-request-rate = {rate}\n");
            int mark = server.Log.Mark;
            server.Signal("HUP");
            server.Log.WaitFor("reload finished", mark);
            _ = server.Get("/hello");
            Assert.Equal(expected, server.Get("/hello").Status);
        }
    }

    [Fact]
    public void The_health_check_of_a_new_worker_is_nobodys_request()
    {
        using ServerProcess server = ServerProcess.Start(
            "conformance:application", "--workers", "2", "--health-path", "/hello", "--limit-request-rate", "1/m", "--limit-client-connections", "1");
        server.WaitForReadyWorkers(2);
        using WireClient client = server.Connect();
        Assert.Equal((200, 429), (Hello(client), Hello(client)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /hello HTT")]
    public void Who_fills_the_table_does_not_keep_others_out(string said)
    {
        const int most = 40;
        using ServerProcess server = ServerProcess.Start("conformance:application", "--worker-connections", "40");
        WireClient[] slow = [.. Enumerable.Range(0, most + 30).Select(_ => From(server, s_other))];
        foreach (WireClient client in slow)
        {
            if (said.Length > 0) client.Send(said);
        }
        using WireClient honest = From(server, s_client);
        Assert.Equal(200, Hello(honest)); // it waits for the first of the others to have had its second
        server.WaitForLine("connections that asked for nothing were closed to make room for new ones");
        // One after the other goes; the honest one, which is idle for a shorter time than they, has its next request.
        Assert.Equal(200, Hello(honest));
        foreach (WireClient client in slow) client.Dispose();
    }

    [Fact]
    public void While_all_are_being_answered_new_clients_wait()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--worker-connections", "2");
        using WireClient first = server.Connect(), second = server.Connect();
        // Bodies that are on their way: nothing of these may be closed.
        foreach (WireClient client in (WireClient[])[first, second]) client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1");
        using WireClient third = server.Connect();
        third.SendRequest("GET", "/hello", ["Connection: close"]);
        server.WaitForLine("there are as many connections as may be (2)");
        first.Send("2");
        Assert.Equal("12", first.ReadResponse().Body);
        first.Dispose();
        Assert.Equal(200, third.ReadResponse().Status);
        second.Send("2");
        Assert.Equal("12", second.ReadResponse().Body);
    }

    [Fact]
    public void The_last_request_of_a_connection_says_so()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--keep-alive-requests", "2");
        using WireClient client = server.Connect();
        client.SendRequest("GET", "/hello", []);
        Assert.Null(client.ReadResponse().Field("Connection"));
        client.SendRequest("POST", "/echo", [], "body");
        WireResponse last = client.ReadResponse();
        Assert.Equal(("body", "close"), (last.Body, last.Field("Connection")));
        Assert.Equal("", client.ReadToEnd());
    }

    /// <summary>A connection to each worker, made by a client that no limit counts.</summary>
    private static Dictionary<string, WireClient> OneOfEach(ServerProcess server, int workers)
    {
        Dictionary<string, WireClient> found = [];
        Eventually.True(() =>
        {
            WireClient client = server.Connect();
            client.SendRequest("GET", "/pid", ["X-Forwarded-For: unknown"]);
            WireResponse response = client.ReadResponse();
            Assert.Equal(200, response.Status);
            if (!found.TryAdd(response.Body.Split(' ')[0], client)) client.Dispose();
            return found.Count == workers;
        }, "one of the workers gets no client");
        return found;
    }

    private static void AwaitHello(ServerProcess server, IPAddress address) => Eventually.True(() =>
    {
        using WireClient client = From(server, address);
        return TryHello(client);
    }, $"no connection from {address} is served");

    private static bool TryHello(WireClient client)
    {
        try
        {
            return Hello(client) == 200;
        }
        catch (IOException)
        {
            return false; // turned away: the answer was read before, or the request met a closed connection
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static int Hello(WireClient client, params string[] fields)
    {
        client.SendRequest("GET", "/hello", fields);
        return client.ReadResponse().Status;
    }

    private static WireClient From(ServerProcess server, IPAddress address) => WireClient.From(address, new IPEndPoint(IPAddress.Loopback, server.Port));
}
