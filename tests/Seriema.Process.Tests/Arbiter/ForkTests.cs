using System.Globalization;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>An application that forks in a request: neither its parent nor the clients nor the port may suffer for the child.</summary>
public sealed class ForkTests
{
    [Fact]
    public void A_child_that_writes_to_wsgi_errors_does_not_change_the_code_under_its_parent()
    {
        using ServerProcess server = ServerProcess.Start("forks:application", "--threads", "1");
        int worker = server.WorkerId;
        for (int i = 0; i < 5; i++) Assert.Equal("ok", server.Get("/work").Body);
        Assert.Equal([worker], server.Workers);
    }

    [Fact]
    public void The_setting_of_the_workers_runtime_does_not_reach_the_application()
    {
        using ServerProcess server = ServerProcess.Start("forks:application");
        Assert.Equal("none", server.Get("/environ").Body);
    }

    [Fact]
    public void A_connection_that_a_child_has_too_ends_for_its_client_when_the_server_closes_it()
    {
        using ServerProcess server = ServerProcess.Start("forks:application");
        using WireClient client = server.Connect();
        client.Send("GET /outlive HTTP/1.0\r\n\r\n");
        string response = client.ReadToEnd(); // while the child lives
        int child = Number(response[response.LastIndexOf('\n')..]);
        Assert.True(ProcessTree.IsAlive(child));
        ProcessTree.Signal(child, "KILL");
    }

    [Fact]
    public void A_child_that_outlives_the_server_does_not_hold_the_port()
    {
        int child;
        using (ServerProcess server = ServerProcess.Start("forks:application"))
        {
            child = Number(server.Get("/outlive").Body);
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExitAlone());
            Assert.True(ProcessTree.IsAlive(child));
            Assert.Throws<System.Net.Sockets.SocketException>(() => server.Connect().Dispose());
        }
        ProcessTree.Signal(child, "KILL");
    }

    private static int Number(string text) => int.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
