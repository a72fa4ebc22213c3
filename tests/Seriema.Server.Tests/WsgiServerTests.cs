using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Seriema.Server.Tests;

/// <summary>A server in its host's own process, from its start to its end.</summary>
[TestCaseOrderer("Seriema.Server.Tests." + nameof(LastTestOrderer), "Seriema.Server.Tests")]
public sealed class WsgiServerTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Requests = 50_000;
    private const int WarmUp = 20_000; // past the runtime's second compilation of the hot path
    private const int Rounds = 3;

    private readonly WsgiServer _server = fixture.Server;
    private readonly Exception? _failedStart = fixture.FailedStart;

    [Fact]
    public void Addresses_have_the_real_ports_and_each_answers()
    {
        Assert.Equal(["127.0.0.1", "127.0.0.2"], _server.Addresses.Cast<IPEndPoint>().Select(address => address.Address.ToString()));
        Assert.All(_server.Addresses.Cast<IPEndPoint>(), address => Assert.NotEqual(0, address.Port));
        foreach (EndPoint address in _server.Addresses)
        {
            using var client = new KeptAliveClient(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", client.Response, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nHello, World!", client.Response, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_version_of_Python_is_told() => Assert.Matches(@"^3\.\d+\.\d+", _server.PythonVersion);

    [Fact]
    public void A_start_that_could_not_listen_does_not_use_up_the_one_server_of_the_process() =>
        Assert.IsType<ListenException>(_failedStart);

    [Fact]
    public void A_second_start_is_refused_and_the_first_server_goes_on()
    {
        Assert.Throws<InvalidOperationException>(_server.Start);
        var second = new WsgiServer(new WsgiServerOptions { Application = "bare:app", PythonPath = [ServerFixture.Apps] });
        Assert.Throws<InvalidOperationException>(second.Start);
        Assert.Empty(second.Addresses);
        Assert.False(_server.Completion.IsCompleted);
        using var client = new KeptAliveClient(_server.Addresses[0], "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    [Theory]
    [InlineData("/path?query=1", "")]
    [InlineData("/path?query=1", "X-Forwarded-For: 203.0.113.9\r\n")]
    [InlineData("/files/small.txt", "")]
    [InlineData("/files/open.txt", "")]
    [InlineData("/path?query=1", "Connection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n"
        + "Accept-Encoding: gzip, deflate\r\nAccept-Language: en-GB,en;q=0.9\r\nSec-Fetch-Mode: navigate\r\n"
        + "Cookie: sessionid=f2m9x0q1v7c4b8n3k5j6h1g0d2s4a7p9; theme=dark\r\nX-Custom: x\r\n")]
    public void A_kept_alive_GET_allocates_nothing_managed(string target, string fields)
    {
        using var client = new KeptAliveClient(
            _server.Addresses[0], $"GET {target} HTTP/1.1\r\nHost: example.org\r\n{fields}\r\n");
        for (int i = 0; i < WarmUp; i++) client.Exchange();

        // All threads of the process are counted. What is allowed is less than a byte a request, when the least object
        // has 24: the text of the Date field, once a second; a thread of the server with its buffers when a busy machine
        // held a call up for a millisecond; the test runner's own reports. They come and go; a request's would stay.
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least >= Requests; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Requests; i++) client.Exchange();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.True(least < Requests, $"{least.ToString(CultureInfo.InvariantCulture)} bytes in {Requests} requests");
    }

    [Fact, Trait(LastTestOrderer.Trait, LastTestOrderer.Last)]
    public async Task A_stop_closes_idle_connections_and_ends_Completion()
    {
        using var client = new KeptAliveClient(_server.Addresses[0], "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.False(_server.Completion.IsCompleted);
        Task stopping = _server.StopAsync();
        Assert.Same(stopping, _server.StopAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(60));
        await _server.Completion.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(_server.Completion.IsCompletedSuccessfully);
        Assert.Throws<Xunit.Sdk.TrueException>(client.Exchange);
        using Socket late = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketException refused = Assert.Throws<SocketException>(() => late.Connect(_server.Addresses[0]));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.Throws<InvalidOperationException>(_server.Start);
    }
}
