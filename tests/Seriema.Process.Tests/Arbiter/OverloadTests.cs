using System.Globalization;
using System.Net.Sockets;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>More than the server can take at once.</summary>
public sealed class OverloadTests
{
    [Fact]
    public void A_full_queue_is_told_when_to_come_back()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = Busy(gate, out WireClient inside, "--backlog-requests", "2");
        WireClient[] clients = [.. Enumerable.Range(0, 5).Select(number => Queue(server, $"/order?{number}"))];
        // The first two wait, in the order in which the loop read them; the others are answered while the thread is inside.
        foreach (WireClient client in clients[2..])
        {
            WireResponse response = client.ReadResponse();
            Assert.Equal(503, response.Status);
            Assert.True(int.Parse(response.Field("Retry-After")!, CultureInfo.InvariantCulture) > 0);
        }
        gate.Create();
        Assert.Equal(200, inside.ReadResponse().Status);
        foreach (WireClient client in clients[..2]) Assert.Equal(200, client.ReadResponse().Status);
        Assert.Equal("0 1", server.Get("/orders").Body);
        foreach (WireClient client in clients) client.Dispose();
        inside.Dispose();
    }

    [Fact]
    public void What_has_waited_too_long_is_told_when_to_come_back()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = Busy(gate, out WireClient inside, "--queue-timeout", "0.5");
        WireClient[] clients = [.. Enumerable.Range(0, 3).Select(number => Queue(server, $"/order?{number}"))];
        foreach (WireClient client in clients)
        {
            WireResponse response = client.ReadResponse(); // while the thread is inside
            Assert.Equal(503, response.Status);
            Assert.True(int.Parse(response.Field("Retry-After")!, CultureInfo.InvariantCulture) > 0);
            client.Dispose();
        }
        gate.Create();
        Assert.Equal(200, inside.ReadResponse().Status);
        Assert.Equal("", server.Get("/orders").Body); // the application has never seen them
        inside.Dispose();
    }

    [Fact]
    public void The_oldest_is_answered_first_and_the_health_check_before_all()
    {
        using TemporaryFile gate = new();
        using ServerProcess server = Busy(gate, out WireClient inside, "--health-path", "/orders");
        WireClient[] clients = [.. Enumerable.Range(0, 6).Select(number => Queue(server, $"/order?{number}"))];
        using WireClient health = Queue(server, "/orders");
        gate.Create();
        Assert.Equal(200, inside.ReadResponse().Status);
        Assert.Equal("", health.ReadResponse().Body); // none of the six has been in the application yet
        foreach (WireClient client in clients)
        {
            Assert.Equal(200, client.ReadResponse().Status);
            client.Dispose();
        }
        Assert.Equal("0 1 2 3 4 5", server.Get("/orders").Body);
        inside.Dispose();
    }

    [Fact]
    public void Without_descriptors_connections_wait_and_the_server_serves_on()
    {
        const int limit = 192;
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "faults:application", ["--threads", "4"])],
            through: ["prlimit", $"--nofile={limit}:{limit}"]));
        int worker = server.WorkerId;
        using WireClient early = server.Connect();
        early.SendRequest("GET", "/", []);
        Assert.Equal(200, early.ReadResponse().Status);
        WireClient[] clients = [.. Enumerable.Range(0, limit).Select(_ => server.Connect())]; // the kernel takes them all
        foreach (WireClient client in clients) client.SendRequest("GET", "/", []);
        server.WaitForLine("file descriptors are short");
        // .NET ends the process when it needs one and finds none, so that clients must not have them all.
        Assert.InRange(ProcessTree.OpenDescriptors(worker), limit / 2, limit - 16);
        early.SendRequest("GET", "/processor-time", []); // who has a connection is served as ever
        int milliseconds = int.Parse(early.ReadResponse().Body, CultureInfo.InvariantCulture);
        Assert.True(milliseconds < 250, $"{milliseconds} ms of processor time in half a second in which nothing could be done");
        // Each one that goes makes room for one that waits.
        foreach (WireClient client in clients)
        {
            Assert.Equal($"{worker} 1", client.ReadResponse().Body);
            client.Dispose();
        }
        early.SendRequest("GET", "/", []);
        Assert.Equal($"{worker} 1", early.ReadResponse().Body);
        Assert.Equal($"{worker} 1", server.Get("/").Body);
    }

    /// <summary>A server whose only thread is inside the application until the gate opens.</summary>
    private static ServerProcess Busy(TemporaryFile gate, out WireClient inside, params string[] options)
    {
        ServerProcess server = ServerProcess.Start("faults:application", ["--threads", "1", .. options]);
        inside = server.Connect();
        inside.SendRequest("GET", $"/wait?{gate.Path}", []);
        server.WaitForLine("waiting in");
        return server;
    }

    /// <summary>A request that the loop has read when this returns.</summary>
    private static WireClient Queue(ServerProcess server, string target)
    {
        WireClient client = server.Connect();
        client.SendRequest("GET", target, []);
        // What the loop answers by itself came after: one loop reads in the order in which things come.
        using WireClient probe = server.Connect();
        probe.Send("GET / HTTP/1.1\r\n\r\n");
        Assert.Equal(400, probe.ReadResponse().Status);
        return client;
    }
}
