using System.Net;
using System.Net.Sockets;
using Seriema.Transport;

namespace Seriema.Worker.Tests;

public sealed class BindAddressTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seriema-").FullName;
    private readonly string _socket;

    public BindAddressTests() => _socket = Path.Combine(_folder, "s");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("127.0.0.1:8888", "127.0.0.1", 8888)]
    [InlineData("127.0.0.1", "127.0.0.1", 8000)]
    [InlineData(":8000", "0.0.0.0", 8000)]
    [InlineData("0.0.0.0:80", "0.0.0.0", 80)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("127.0.0.1:65535", "127.0.0.1", 65535)]
    [InlineData("[::1]:8000", "::1", 8000)]
    [InlineData("[::1]", "::1", 8000)]
    [InlineData("[::]:0", "::", 0)]
    [InlineData("[fe80::1%2]:80", "fe80::1%2", 80)]
    [InlineData("localhost:81", "127.0.0.1", 81)]
    [InlineData("localhost", "127.0.0.1", 8000)]
    [InlineData("LOCALHOST:81", "127.0.0.1", 81)]
    [InlineData("tcp://127.0.0.1:81", "127.0.0.1", 81)]
    [InlineData("tcp://[::1]:81", "::1", 81)]
    public void An_address_is_read_as_gunicorn_reads_it(string text, string address, int port)
    {
        BindAddress parsed = BindAddress.Parse(text);
        Assert.Equal((IPAddress.Parse(address), (ushort)port), (BindAddress.Resolve(parsed.Host, text), parsed.Port));
        Assert.Equal(text, parsed.Text);
    }

    [Theory]
    [InlineData("127.0.0.1:", "port")]
    [InlineData("127.0.0.1:65536", "port")]
    [InlineData("127.0.0.1:-1", "port")]
    [InlineData("127.0.0.1:+1", "port")]
    [InlineData("127.0.0.1: 80", "port")]
    [InlineData("127.0.0.1:8o", "port")]
    [InlineData("127.0.0.1:http", "port")]
    [InlineData("[::1]:", "port")]
    [InlineData("[::1", "bracket")]
    [InlineData("[::1]8000", "[IPv6]:PORT")]
    [InlineData("::1", "brackets")]
    [InlineData("::1:8000", "brackets")]
    [InlineData("http://127.0.0.1:80", "brackets")]
    [InlineData("unix:", "no name")]
    [InlineData("unix://", "no name")]
    [InlineData("unix:@", "no name")]
    [InlineData("unix:/a\0b", "NUL")]
    [InlineData("fd://", "inherited descriptor")]
    [InlineData("fd://2", "inherited descriptor")]
    [InlineData("fd://-3", "inherited descriptor")]
    [InlineData("fd://three", "inherited descriptor")]
    public void A_mistake_is_one_line_with_the_setting_and_its_value(string text, string reason)
    {
        SettingsException error = Assert.Throws<SettingsException>(() => BindAddress.Parse(text));
        Assert.Equal(("--bind", text), (error.Setting, error.Value));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(5000)]
    public void A_name_that_is_too_long_is_a_mistake_like_any_other(int length)
    {
        Assert.Throws<SettingsException>(() => BindAddress.Parse(new string('a', length) + ":80"));
    }

    [Fact]
    public void A_host_without_an_address_is_a_mistake_when_it_is_listened_on()
    {
        const string text = "no.such.host.invalid:80"; // RFC 6761: .invalid never has one
        SettingsException error = Assert.Throws<SettingsException>(() => BindAddress.Parse(text).Listen(1));
        Assert.Equal(("--bind", text), (error.Setting, error.Value));
        Assert.Contains("no address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_names_the_address_as_it_was_given()
    {
        using ListenSocket first = BindAddress.Parse("127.0.0.1:0").Listen(1);
        string text = $"localhost:{((IPEndPoint)first.EndPoint).Port}";
        ListenException error = Assert.Throws<ListenException>(() => BindAddress.Parse(text).Listen(1));
        Assert.Equal(text, error.Address);
        Assert.StartsWith($"cannot listen on {text}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:")]
    [InlineData("unix://")] // gunicorn takes it too
    public void A_unix_socket_is_made_with_its_mode_and_removed_by_who_made_it(string scheme)
    {
        BindAddress address = BindAddress.Parse(scheme + _socket);
        using (ListenSocket listener = address.Listen(1, mode: 0x1B0))
        {
            Assert.Equal("unix:" + _socket, listener.Url);
            Assert.Equal((UnixFileMode)0x1B0, File.GetUnixFileMode(_socket));
            Assert.True(Connects());
        }
        address.File!.Remove();
        Assert.False(Path.Exists(_socket));
        address.File.Remove(); // nothing there: nothing to do
    }

    [Fact]
    public void A_socket_file_that_a_successor_made_anew_is_left_to_it()
    {
        BindAddress first = BindAddress.Parse("unix:" + _socket), second = BindAddress.Parse("unix:" + _socket);
        first.Listen(1).Dispose();
        using ListenSocket listener = second.Listen(1);
        first.File!.Remove();
        Assert.True(Connects());
    }

    [Fact]
    public void The_socket_of_a_killed_server_is_taken_over()
    {
        BindAddress.Parse("unix:" + _socket).Listen(1).Dispose(); // closed, the file left, as kill -9 leaves it
        Assert.False(Connects());
        using ListenSocket listener = BindAddress.Parse("unix:" + _socket).Listen(1);
        Assert.True(Connects());
    }

    [Fact]
    public void The_socket_of_a_living_server_is_left_alone()
    {
        using ListenSocket listener = BindAddress.Parse("unix:" + _socket).Listen(1);
        ListenException error = Assert.Throws<ListenException>(() => BindAddress.Parse("unix:" + _socket).Listen(1));
        Assert.Equal($"cannot listen on unix:{_socket}: Address already in use", error.Message);
        Assert.True(Connects());
    }

    [Fact]
    public void What_is_no_socket_is_never_removed()
    {
        File.WriteAllText(_socket, "");
        ListenException error = Assert.Throws<ListenException>(() => BindAddress.Parse("unix:" + _socket).Listen(1));
        Assert.Contains("no socket", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_socket));
        string link = _socket + ".link"; // not even a link to a dead socket
        File.CreateSymbolicLink(link, "/nowhere");
        Assert.Throws<ListenException>(() => BindAddress.Parse("unix:" + link).Listen(1));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void An_abstract_name_is_no_file()
    {
        string name = "@seriema-" + Guid.NewGuid();
        BindAddress address = BindAddress.Parse("unix:" + name);
        using ListenSocket listener = address.Listen(1, mode: 0x180);
        Assert.Null(address.File);
        Assert.Throws<ListenException>(() => BindAddress.Parse("unix:" + name).Listen(1));
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused_in_one_line_with_its_length()
    {
        string longest = "/" + new string('a', 106);
        Assert.Equal("unix:" + longest, BindAddress.Parse("unix:" + longest).Text);
        SettingsException error = Assert.Throws<SettingsException>(() => BindAddress.Parse($"unix:{longest}b"));
        Assert.Contains("108 bytes", error.Message, StringComparison.Ordinal);
        // Bytes count, not characters.
        Assert.Throws<SettingsException>(() => BindAddress.Parse("unix:/" + new string('é', 54)));
    }

    [Fact]
    public void An_inherited_descriptor_is_served_when_it_listens()
    {
        // Given away: the descriptor of a socket that forgets it.
        Socket given = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        given.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string text = $"fd://{given.Handle}";
        Assert.Contains("does not listen", Assert.Throws<ListenException>(() => BindAddress.Parse(text).Listen(1)).Message, StringComparison.Ordinal);
        given.Listen();
        using ListenSocket listener = BindAddress.Parse(text).Listen(1);
        Assert.Equal(given.LocalEndPoint, listener.EndPoint);
        given.SafeHandle.SetHandleAsInvalid();
        Assert.Throws<ListenException>(() => BindAddress.Parse("fd://1000000").Listen(1));
    }

    private bool Connects()
    {
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(_socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
