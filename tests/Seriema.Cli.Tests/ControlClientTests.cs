using System.Net.Sockets;
using System.Text;

namespace Seriema.Cli.Tests;

public sealed class ControlClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("reload", "ok 2 workers serve\n", 0, "2 workers serve\n", "")]
    [InlineData("status", "11 ready\n12 ready\n", 0, "11 ready\n12 ready\n", "")]
    [InlineData("status", "", 0, "", "")]
    [InlineData("reload", "failed 3\nTraceback\nKeyError\n", 3, "", "Traceback\nKeyError\n")]
    [InlineData("reload", "failed x\n", 1, "", "seriema: the server gave an answer that this client does not know\n")]
    [InlineData("reload", "", 1, "", "seriema: the server ended before it answered\n")]
    public async Task The_answer_is_printed_and_is_the_status(string command, string answer, int status, string output, string error)
    {
        using Socket listener = Listen("app.ctl");
        Task<int> client = Task.Run(() => ControlClient.Run([command, "--pid", _folder.At("app.pid")], _output, _error));
        using (Socket server = await listener.AcceptAsync())
        {
            byte[] line = new byte[64];
            int count = await server.ReceiveAsync(line);
            Assert.Equal(command + "\n", Encoding.UTF8.GetString(line, 0, count));
            await server.SendAsync(Encoding.UTF8.GetBytes(answer));
        }
        Assert.Equal(status, await client);
        Assert.Equal((output, error), (_output.ToString(), _error.ToString()));
    }

    [Theory]
    [InlineData("--control-socket other.ctl")]
    [InlineData("--pid app.pid --control-socket other.ctl")]
    [InlineData("-c app.conf")]
    public async Task The_socket_is_found_as_the_server_finds_it(string words)
    {
        using Socket listener = Listen("other.ctl");
        _folder.File("app.conf", $"workers = 2\npid = {_folder.At("app.pid")}\ncontrol-socket = {_folder.At("other.ctl")}\n");
        string[] args = [.. words.Split(' ').Select(word => word.Contains('.', StringComparison.Ordinal) ? _folder.At(word) : word)];
        Task<int> client = Task.Run(() => ControlClient.Run(["status", .. args], _output, _error));
        using (Socket server = await listener.AcceptAsync())
        {
            Assert.NotEqual(0, await server.ReceiveAsync(new byte[64]));
        }
        Assert.Equal((0, ""), (await client, _error.ToString()));
    }

    [Fact]
    public void No_server_is_one_line()
    {
        string path = _folder.At("none.ctl");
        Assert.Equal(1, ControlClient.Run(["reload", "--control-socket", path], _output, _error));
        Assert.StartsWith($"seriema: no server answers at {path}: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _error.ToString().Count(c => c == '\n'));
    }

    [Fact]
    public async Task A_server_that_hangs_up_without_a_word_is_one_line()
    {
        using Socket listener = Listen("app.ctl");
        Task<int> client = Task.Run(() => ControlClient.Run(["status", "--pid", _folder.At("app.pid")], _output, _error));
        // Closed with the request unread: the client gets a reset.
        using (Socket server = await listener.AcceptAsync()) Assert.True(server.Poll(-1, SelectMode.SelectRead));
        Assert.Equal(1, await client);
        Assert.StartsWith("seriema: the server ended before it answered", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_waits_no_longer_than_it_was_told()
    {
        using Socket listener = Listen("app.ctl"); // which never answers
        Assert.Equal(1, ControlClient.Run(["reload", "--control-socket", _folder.At("app.ctl"), "--wait", "0.05"], _output, _error));
        Assert.Equal("seriema: no answer within 0.05 s; the server goes on with it\n", _error.ToString());
    }

    [Theory]
    [InlineData("reload", "which server? Give --pid FILE, --control-socket PATH or --config FILE as it was given to the server")]
    [InlineData("reload --pid", "--pid needs a value")]
    [InlineData("status --foo 1", "unexpected argument '--foo'")]
    [InlineData("reload app:app", "unexpected argument 'app:app'")]
    [InlineData("reload --pid x --wait long", "--wait long: not a number of seconds")]
    public void A_mistake_is_one_line_and_status_2(string words, string line)
    {
        Assert.Equal(2, ControlClient.Run(words.Split(' '), _output, _error));
        Assert.Contains(line.Contains("--foo", StringComparison.Ordinal) ? "--foo" : line, _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _error.ToString().Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("reload")]
    [InlineData("status")]
    public void Its_help_shows_its_options(string command)
    {
        Assert.Equal(0, ControlClient.Run([command, "-h"], _output, _error));
        Assert.StartsWith($"Usage: seriema {command} [OPTIONS]\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("--control-socket PATH", _output.ToString(), StringComparison.Ordinal);
        Assert.All(_output.ToString().Split('\n'), line => Assert.True(line.Length < 80, line));
    }

    private Socket Listen(string name)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder.At(name)));
        listener.Listen();
        return listener;
    }
}
