using System.Globalization;
using System.Text;

namespace Seriema.Process.Tests;

/// <summary>What goes wrong when two threads think that one thing is theirs, or none does.</summary>
public sealed class OwnershipTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("4")]
    public void Uploads_that_come_while_the_loop_changes_hands_stay_whole(string threads)
    {
        // Each body streams, so each request gives the loop away while its own connection has more to read.
        using ServerProcess server = ServerProcess.Start("owners:application", "--threads", threads, "--body-buffer", "1024");
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            Random random = new(seed);
            using WireClient client = server.Connect();
            for (int i = 0; i < 150; i++)
            {
                byte[] body = new byte[random.Next(2000, 40_000)];
                random.NextBytes(body);
                client.Send($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
                int cut = random.Next(body.Length);
                client.Send(body.AsSpan(0, cut));
                client.Send(body.AsSpan(cut));
                string echoed = client.ReadResponse().Body;
                Assert.True(Encoding.Latin1.GetString(body) == echoed, $"seed {seed}, upload {i}: the echo differs");
            }
        });
    }

    [Fact]
    public async Task A_signal_that_finds_the_main_thread_on_its_way_is_handled_when_it_arrives()
    {
        using ServerProcess server = ServerProcess.Start("owners:application", "--threads", "4");
        for (int i = 1; i <= 60; i++)
        {
            using CancellationTokenSource signalled = new();
            Task[] load = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => Ask(server, signalled.Token)))];
            server.SignalWorker("USR1");
            await signalled.CancelAsync();
            await Task.WhenAll(load);
            server.WaitForLine($"handled {i}."); // nothing else asks anything of the main thread
        }
    }

    [Fact]
    public void A_thread_of_the_application_is_joined_although_many_threads_end_with_it()
    {
        using ServerProcess server = ServerProcess.Start("owners:application", "--threads", "32");
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 32 }, _ => server.Get("/sleep"));
        server.Get("/thread");
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.Contains("joined", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_a_forked_child_has_too_does_not_wake_the_loop_for_ever()
    {
        using ServerProcess server = ServerProcess.Start("owners:application", "--threads", "2");
        using (WireClient client = server.Connect())
        {
            client.SendRequest("GET", "/fork", []);
            client.ReadResponse();
            client.Reset();
        }
        int milliseconds = int.Parse(server.Get("/reap").Body, CultureInfo.InvariantCulture);
        Assert.True(milliseconds < 250, $"{milliseconds} ms of processor time in half a second without a request");
    }

    [Fact]
    public void A_held_body_that_the_application_left_does_not_end_the_connection()
    {
        using ServerProcess server = ServerProcess.Start("owners:application", "--body-buffer", "200000");
        using WireClient client = server.Connect();
        client.SendRequest("POST", "/", [], new string('x', 200_100));
        Assert.Equal("ok", client.ReadResponse().Body);
        client.SendRequest("GET", "/", []);
        Assert.Equal("ok", client.ReadResponse().Body);
    }

    [Fact]
    public void A_broken_response_to_http_1_0_is_reset_although_the_body_was_not_read()
    {
        using ServerProcess server = ServerProcess.Start("conformance:application", "--body-buffer", "1024", "--limit-temp-files", "0");
        using WireClient client = server.Connect();
        client.Send($"POST /boom_midstream HTTP/1.0\r\nContent-Length: 100000\r\n\r\n{new string('x', 50_000)}");
        Assert.EndsWith("<reset>", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--progress-timeout", "0.2", false)] // the loop's, once the application is done
    [InlineData("--graceful-timeout", "0.2", true)]
    public void A_response_to_http_1_0_that_is_cut_is_reset(string option, string value, bool stop)
    {
        using ServerProcess server = ServerProcess.Start("owners:application", option, value, "--response-buffer", "16777216");
        int sockets = ProcessTree.OpenSockets(server.WorkerId);
        using WireClient client = new(new(System.Net.IPAddress.Loopback, server.Port), receiveBuffer: 4096);
        client.Send("GET /pieces HTTP/1.0\r\n\r\n");
        server.WaitForLine("all given"); // more than the kernel takes of it
        if (stop)
        {
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExit());
        }
        else
        {
            Eventually.True(() => ProcessTree.OpenSockets(server.WorkerId) == sockets, "the client is not given up");
        }
        Assert.EndsWith("<reset>", client.ReadToEnd(), StringComparison.Ordinal);
    }

    private static void Ask(ServerProcess server, CancellationToken end)
    {
        using WireClient client = server.Connect();
        while (!end.IsCancellationRequested)
        {
            client.SendRequest("GET", "/sleep", []);
            client.ReadResponse();
            client.SendRequest("GET", "/burn", []);
            client.ReadResponse();
        }
    }
}
