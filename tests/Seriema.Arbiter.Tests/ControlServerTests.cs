using System.Net.Sockets;
using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Arbiter.Tests;

/// <summary>The control socket with real clients, over workers that the test plays.</summary>
public sealed class ControlServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Epoll _epoll = new(16);
    private readonly Scene _scene = new(workers: 1);
    private readonly ControlServer _server;

    public ControlServerTests()
    {
        _scene.AllReady();
        _server = new ControlServer(_folder["app.ctl"], _epoll, new Sockets(), _scene.Supervisor);
        _server.Open();
    }

    public void Dispose()
    {
        _server.Dispose();
        _scene.Dispose();
        _epoll.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Only_its_owner_may_connect_and_the_file_goes_with_the_server()
    {
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(_folder["app.ctl"]), 8));
        _server.Dispose();
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void Status_has_one_line_a_worker()
    {
        using Socket client = Ask("status\n");
        Turn();
        Assert.Equal($"worker {_scene.Alive[0].Pid} ready 0 s, 0 requests, 0 busy, 0 waiting, 0 connections, 0 MiB\n", Answer(client));
        Assert.False(_server.HasClients);
    }

    [Fact]
    public void A_reload_is_answered_when_it_is_over()
    {
        using Socket client = Ask("reload\n");
        Turn();
        _scene.AllReadyOnce();
        Turn();
        Assert.Equal(0, client.Available);
        _scene.ObeyOrders();
        Assert.Equal("ok reload finished; 1 workers ready\n", Answer(client));
    }

    [Fact]
    public async Task A_reload_that_fails_tells_status_and_text_however_long()
    {
        string text = "Traceback\n" + string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 500)) + "seriema: cannot import";
        using Socket client = Ask("reload\n");
        client.ReceiveBufferSize = 4096;
        Turn();
        _scene.Processes.Latest.Say(ControlWords.Failed(3, text));
        _scene.Turn();
        Task<string> answer = Task.Run(() => Answer(client));
        while (_server.HasClients) Turn(wait: 100);
        Assert.Equal("failed 3\n" + text, await answer);
    }

    [Fact]
    public void A_client_that_shuts_its_side_still_gets_its_answer()
    {
        using Socket client = Ask("reload\n");
        client.Shutdown(SocketShutdown.Send);
        Turn();
        _scene.AllReadyOnce();
        Turn();
        _scene.ObeyOrders();
        Assert.StartsWith("ok ", Answer(client), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_left_before_the_answer_is_forgotten_and_the_reload_goes_on()
    {
        Socket client = Ask("reload\n");
        Turn();
        client.Dispose();
        Turn();
        Assert.False(_server.HasClients);
        _scene.AllReadyOnce();
        _scene.ObeyOrders();
        _scene.AssertLogged("reload finished");
    }

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("\n")]
    public void Nonsense_is_answered_with_the_end(string request)
    {
        using Socket client = Ask(request);
        Turn();
        Assert.Equal("", Answer(client));
        Assert.Single(_scene.Processes.All);
    }

    [Fact]
    public void A_line_without_end_is_cut_off()
    {
        using Socket client = Ask(new string('x', 300));
        Turn();
        Assert.Equal(0, ReceiveSafely(client));
        Assert.False(_server.HasClients);
    }

    [Fact]
    public void A_client_that_says_nothing_is_dropped_after_five_seconds()
    {
        using Socket client = Ask("");
        Turn();
        _server.Turn(_scene.Now + 4999);
        Assert.True(_server.HasClients);
        _server.Turn(_scene.Now + 5000);
        Assert.Equal("", Answer(client));
    }

    [Fact]
    public void A_request_may_come_in_pieces()
    {
        using Socket client = Ask("sta");
        Turn();
        client.Send("tus\n"u8);
        Turn();
        Assert.StartsWith("worker ", Answer(client), StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_that_lives_is_refused_and_a_stale_one_replaced()
    {
        using ControlServer second = new(_folder["app.ctl"], _epoll, new Sockets(), _scene.Supervisor);
        Assert.Throws<PidFileException>(second.Open);
        Assert.Equal(["app.ctl"], _folder.Names);

        // As after a kill: the file is there, and nobody listens.
        ListenSocket.ListenUnix(_folder["stale.ctl"], 1).Dispose();
        Assert.Contains("stale.ctl", _folder.Names);
        using ControlServer third = new(_folder["stale.ctl"], _epoll, new Sockets(), _scene.Supervisor);
        third.Open();
    }

    [Fact]
    public void A_file_that_is_no_socket_is_not_removed()
    {
        File.WriteAllText(_folder["precious"], "precious");
        using ControlServer other = new(_folder["precious"], _epoll, new Sockets(), _scene.Supervisor);
        Assert.Throws<PidFileException>(other.Open);
        Assert.Equal("precious", File.ReadAllText(_folder["precious"]));
    }

    [Fact]
    public void An_empty_file_is_no_socket_either()
    {
        File.WriteAllText(_folder["empty"], "");
        using ControlServer other = new(_folder["empty"], _epoll, new Sockets(), _scene.Supervisor);
        Assert.Throws<PidFileException>(other.Open);
        Assert.Contains("empty", _folder.Names);
    }

    [Fact]
    public void A_socket_that_is_another_ones_by_now_stays()
    {
        File.Delete(_folder["app.ctl"]);
        using ListenSocket other = ListenSocket.ListenUnix(_folder["app.ctl"], 1);
        _server.Dispose();
        Assert.Equal(["app.ctl"], _folder.Names);
    }

    [Fact]
    public void An_event_that_is_older_than_the_end_of_its_client_touches_no_descriptor()
    {
        // A worker's message and a client's hang-up may be in one batch, and the first of them end the client.
        using Socket ours = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        CountingSockets sockets = new();
        ControlClient client = new(1, (int)ours.Handle, sockets, _epoll, _scene.Now);
        client.Dispose();
        Assert.Equal(1, sockets.Closes);
        Assert.Null(client.OnEvent(EventKeys.Readable | EventKeys.HungUp));
        client.Dispose();
        Assert.Equal((0, 1), (sockets.Receives, sockets.Closes));
    }

    [Fact]
    public void A_reload_during_the_stop_is_refused()
    {
        _scene.Supervisor.Stop(_scene.Now);
        using Socket client = Ask("reload\n");
        Turn();
        Assert.Equal("failed 1\nthe server stops", Answer(client));
    }

    [Fact]
    public void Without_descriptors_it_waits_a_moment_and_does_not_spin()
    {
        FullTable sockets = new();
        using ControlServer server = new(_folder["full.ctl"], _epoll, sockets, _scene.Supervisor);
        server.Open();
        using Socket client = Ask("status\n", "full.ctl");
        Assert.Equal(1, _epoll.Wait(20_000));
        server.OnConnection(_scene.Now);
        Assert.Equal(0, _epoll.Wait(0)); // the client still waits, and wakes nobody
        server.Turn(_scene.Now + 499);
        Assert.Equal(0, _epoll.Wait(0));
        sockets.IsFull = false;
        server.Turn(_scene.Now + 500);
        Assert.Equal(1, _epoll.Wait(20_000));
        server.OnConnection(_scene.Now);
        Assert.True(server.HasClients);
    }

    /// <summary>Leaves descriptors alone and counts what was to be done with them.</summary>
    private sealed class CountingSockets : Sockets
    {
        internal int Receives { get; private set; }

        internal int Closes { get; private set; }

        internal override int Receive(int fd, Span<byte> buffer)
        {
            Receives++;
            return -Errno.EPERM;
        }

        internal override int Close(int fd)
        {
            Closes++;
            return 0;
        }
    }

    /// <summary>A process that has no descriptor left.</summary>
    private sealed class FullTable : Sockets
    {
        internal bool IsFull { get; set; } = true;

        internal override int Accept(int listener, Span<byte> address, out int addressLength)
        {
            if (!IsFull) return base.Accept(listener, address, out addressLength);
            addressLength = 0;
            return -Errno.EMFILE;
        }
    }

    private Socket Ask(string request, string socket = "app.ctl")
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        client.Connect(new UnixDomainSocketEndPoint(_folder[socket]));
        if (request.Length > 0) client.Send(Encoding.UTF8.GetBytes(request));
        return client;
    }

    /// <summary>Handles all events that are there, as the loop would.</summary>
    private void Turn(int wait = 0)
    {
        while (_epoll.Wait(wait) is > 0 and int count)
        {
            for (int i = 0; i < count; i++)
            {
                ulong key = _epoll.Events.DataAt(i);
                if (key == EventKeys.ControlListener) _server.OnConnection(_scene.Now);
                else _server.OnClientEvent(EventKeys.IdOf(key), _epoll.Events.EventsAt(i), _scene.Now);
            }
            wait = 0;
        }
        _scene.Turn();
        _server.Turn(_scene.Now);
    }

    private static string Answer(Socket client)
    {
        using MemoryStream answer = new();
        byte[] bytes = new byte[1024];
        while (client.Receive(bytes) is > 0 and int count) answer.Write(bytes, 0, count);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    // Bytes that were never read make the close a reset.
    private static int ReceiveSafely(Socket client)
    {
        int count = client.Receive(new byte[16], 0, 16, SocketFlags.None, out SocketError error);
        return error == SocketError.ConnectionReset ? 0 : count;
    }
}
