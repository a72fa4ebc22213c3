namespace Seriema.Process.Tests;

/// <summary>How a server ends.</summary>
public sealed class StopTests
{
    [Fact]
    public void A_request_in_flight_is_finished_and_idle_connections_are_closed()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application");
        WireClient[] idle = [.. Enumerable.Range(0, 100).Select(_ => server.Connect())];
        foreach (WireClient client in idle)
        {
            client.SendRequest("GET", "/hello", []);
            Assert.Equal(200, client.ReadResponse().Status);
        }
        using WireClient busy = server.Connect();
        busy.SendRequest("GET", "/stream?count=2&ms=300", []);
        string head = "";
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal)) head += (char)busy.ReadExactly(1)[0];
        server.Signal("TERM"); // the application waits before its second piece
        foreach (WireClient client in idle) Assert.True(client.IsClosed());
        Assert.Contains("\r\n1\n\r\n", busy.ReadToEndOfChunks(), StringComparison.Ordinal);
        Assert.Equal(0, server.WaitForExit());
        foreach (WireClient client in idle) client.Dispose();
    }

    [Fact]
    public void No_new_connection_is_taken_while_stopping()
    {
        using ServerProcess server = ServerProcess.Start("gates:application");
        using WaitingClients waiting = new(server, 1);
        server.Signal("TERM");
        Eventually.True(() => !Connects(server), "still accepting");
        server.SignalWorker("USR1");
        WireResponse response = waiting.Clients[0].ReadResponse();
        Assert.Equal("through", response.Body);
        Assert.Equal("close", response.Field("Connection"));
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void A_request_that_outlasts_the_graceful_timeout_is_cut()
    {
        using ServerProcess server = ServerProcess.Start("gates:application", "--graceful-timeout", "0.2");
        using WaitingClients waiting = new(server, 1);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.True(waiting.Clients[0].IsClosed());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public void An_interrupt_cuts_what_is_in_flight(string signal)
    {
        using ServerProcess server = ServerProcess.Start("gates:application");
        using WaitingClients waiting = new(server, 1);
        server.Signal(signal);
        Assert.Equal(0, server.WaitForExit());
        Assert.True(waiting.Clients[0].IsClosed());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public void An_interrupt_is_heeded_also_in_the_background_of_a_script(string signal)
    {
        using ServerProcess server = ServerProcess.Ready(ServerProcess.Launch(
            ["--bind", "127.0.0.1:0", .. ServerProcess.Arguments(TestPython.Default, "gates:application", [])],
            through: ["env", $"--ignore-signal={signal}"]));
        server.Signal(signal);
        Assert.Equal(0, server.WaitForExit());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public void An_interrupt_cuts_a_graceful_stop_short(string signal)
    {
        using ServerProcess server = ServerProcess.Start("gates:application");
        using WaitingClients waiting = new(server, 1);
        server.Signal("TERM");
        Eventually.True(() => !Connects(server), "still accepting"); // so the first signal has been handled
        server.Signal(signal);
        Assert.Equal(130, server.WaitForExit());
    }

    [Fact]
    public void A_second_order_to_stop_cuts_nothing()
    {
        using ServerProcess server = ServerProcess.Start("gates:application");
        using WaitingClients waiting = new(server, 1);
        server.Signal("TERM");
        Eventually.True(() => !Connects(server), "still accepting");
        server.Signal("TERM"); // supervisors send it to the process and to its group
        server.SignalWorker("USR1");
        Assert.Equal("through", waiting.Clients[0].ReadResponse().Body);
        Assert.Equal(0, server.WaitForExit());
    }

    [Theory]
    [InlineData("16")]
    [InlineData("1")]
    public void Exit_handlers_run_and_output_is_flushed(string threads)
    {
        using ServerProcess server = ServerProcess.Start("exit_handlers:application", "--threads", threads);
        Assert.Equal(200, server.Get("/").Status);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.Contains("atexit ran", server.Output, StringComparison.Ordinal);
        Assert.Contains("printed by the request", server.Output, StringComparison.Ordinal);
        Assert.Contains("the thread that is no daemon was joined", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_handlers_run_although_a_request_is_stuck()
    {
        using ServerProcess server = ServerProcess.Start("exit_handlers:application", "--graceful-timeout", "0.2", "--threads", "1");
        using WireClient stuck = server.Connect();
        stuck.SendRequest("GET", "/stuck", []);
        server.WaitForLine("stuck now");
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.Contains("atexit ran", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_of_the_application_can_ask_for_the_exit()
    {
        using ServerProcess server = ServerProcess.Start("exit_handlers:application");
        (int mark, int worker) = (server.Log.Mark, server.WorkerId);
        server.SignalWorker("USR2"); // its handler calls sys.exit()
        server.WaitForLine("atexit ran");
        ProcessTree.WaitUntilGone(worker);
        server.WaitForNewWorker(mark); // as after any other end of a worker
        Assert.Equal(200, server.Get("/").Status);
    }

    private static bool Connects(ServerProcess server)
    {
        try
        {
            using WireClient client = server.Connect();
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
