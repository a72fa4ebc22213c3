using System.Net;
using System.Net.Sockets;
using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>Listeners of the real kernel, on loopback.</summary>
public sealed class ListenSocketTests
{
    [Fact]
    public void Port_0_takes_a_free_one_and_tells_it()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        Assert.NotEqual(0, PortOf(listener));
        Assert.Equal("127.0.0.1", Encoding.ASCII.GetString(listener.ServerName));
        Assert.Equal($"{PortOf(listener)}", Encoding.ASCII.GetString(listener.ServerPort));
    }

    [Fact]
    public void A_port_in_use_is_an_error()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        SocketException error = Assert.Throws<SocketException>(() => ListenSocket.Listen((IPEndPoint)listener.EndPoint, 8));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    [Fact]
    public void An_address_that_is_not_ours_is_an_error()
    {
        // RFC 5737: 192.0.2.0/24 is for documentation, so no machine has it.
        SocketException error = Assert.Throws<SocketException>(
            () => ListenSocket.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), 8));
        Assert.Equal(SocketError.AddressNotAvailable, error.SocketErrorCode);
    }

    [Fact]
    public void A_port_is_free_again_as_soon_as_its_listener_is_closed()
    {
        ListenSocket first = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        int fd;
        using (Socket client = Connect(first))
        {
            fd = Libc.Accept(first.Fd, new byte[PeerAddress.MaxLength], out _);
            // The server's side closes first, so it is the one that stays in TIME_WAIT.
            first.Dispose();
            _ = Libc.Close(fd);
            Assert.Equal(0, client.Receive(new byte[1]));
        }
        using ListenSocket second = ListenSocket.Listen((IPEndPoint)first.EndPoint, 8);
        Assert.Equal(first.EndPoint, second.EndPoint);
    }

    [Fact]
    public void An_IPv6_listener_leaves_the_same_port_of_IPv4_free()
    {
        if (!Socket.OSSupportsIPv6) return; // a container without IPv6
        using ListenSocket six = ListenSocket.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), 8);
        using ListenSocket four = ListenSocket.Listen(new IPEndPoint(IPAddress.Any, PortOf(six)), 8);
        Assert.Equal("::", Encoding.ASCII.GetString(six.ServerName));
        Assert.Equal(PortOf(six), PortOf(four));
    }

    [Fact]
    public void An_accepted_connection_does_not_block_and_tells_its_client()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        byte[] address = new byte[PeerAddress.MaxLength];
        Assert.Equal(-Errno.EAGAIN, Libc.Accept(listener.Fd, address, out _));

        using Socket client = Connect(listener);
        using Descriptor accepted = new(Libc.Accept(listener.Fd, address, out int length));
        PeerAddress.Format(address.AsSpan(0, length), out byte[] remote, out byte[] port);
        Assert.Equal("127.0.0.1", Encoding.ASCII.GetString(remote));
        Assert.Equal($"{((IPEndPoint)client.LocalEndPoint!).Port}", Encoding.ASCII.GetString(port));
        Assert.Equal(-Errno.EAGAIN, Libc.Receive(accepted.Fd, new byte[8]));
    }

    [Fact]
    public void A_reset_close_is_seen_as_a_reset_and_an_ordinary_one_as_the_end()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        Sockets sockets = new();
        foreach (bool reset in new[] { true, false })
        {
            using Socket client = Connect(listener);
            int fd = Libc.Accept(listener.Fd, new byte[PeerAddress.MaxLength], out _);
            Assert.Equal(4, sockets.Send(fd, "part"u8, more: false));
            if (reset) Assert.Equal(0, sockets.ResetOnClose(fd));
            Assert.Equal(0, sockets.Close(fd));
            // The reset may overtake the bytes, or come behind them.
            SocketError error = SocketError.Success;
            while (client.Receive(new byte[8], 0, 8, SocketFlags.None, out error) > 0) { }
            Assert.Equal(reset ? SocketError.ConnectionReset : SocketError.Success, error);
        }
    }

    [Fact]
    public void Sending_to_a_closed_client_is_an_answer_and_no_signal()
    {
        using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        Sockets sockets = new();
        Socket client = Connect(listener);
        using Descriptor accepted = new(Libc.Accept(listener.Fd, new byte[PeerAddress.MaxLength], out _));
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        Assert.True(sockets.WaitReadable(accepted.Fd, 20_000) > 0);
        Assert.Equal(-Errno.ECONNRESET, sockets.Receive(accepted.Fd, new byte[8]));
        Assert.Equal(-Errno.EPIPE, sockets.Send(accepted.Fd, "x"u8, more: false));
    }

    [Fact]
    public void A_file_is_sent_from_its_offset_and_ends_with_0()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "0123456789");
            using FileStream file = File.OpenRead(path);
            using ListenSocket listener = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
            Sockets sockets = new();
            using Socket client = Connect(listener);
            using Descriptor accepted = new(Libc.Accept(listener.Fd, new byte[PeerAddress.MaxLength], out _));
            int fd = (int)file.SafeFileHandle.DangerousGetHandle();
            long offset = 3;
            Assert.Equal(4, sockets.SendFile(accepted.Fd, fd, ref offset, 4));
            Assert.Equal(7, offset);
            Assert.Equal(3, sockets.SendFile(accepted.Fd, fd, ref offset, long.MaxValue)); // more than one call may ask for
            Assert.Equal(0, sockets.SendFile(accepted.Fd, fd, ref offset, 1));
            Assert.Equal(0, sockets.ShutdownWrite(accepted.Fd));
            byte[] received = new byte[16];
            int count = 0;
            while (client.Receive(received, count, 16 - count, SocketFlags.None) is > 0 and int more) count += more;
            Assert.Equal("3456789", Encoding.ASCII.GetString(received, 0, count));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_unix_socket_has_the_mode_asked_for_and_its_file_outlives_it()
    {
        string path = Path.Combine(Path.GetTempPath(), $"seriema-{Guid.NewGuid():N}.sock");
        try
        {
            using (ListenSocket listener = ListenSocket.ListenUnix(path, 8, Convert.ToInt32("620", 8)))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(path));
                Assert.Equal(("unix:" + path, "localhost", "80"), Names(listener));
                AssertServes(listener, new UnixDomainSocketEndPoint(path));
            }
            Assert.True(File.Exists(path));
            LinuxException error = Assert.Throws<LinuxException>(() => ListenSocket.ListenUnix(path, 8));
            Assert.Equal("bind: Address already in use", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_abstract_name_is_no_file()
    {
        string name = $"seriema-{Guid.NewGuid():N}";
        using ListenSocket listener = ListenSocket.ListenUnix("@" + name, 8);
        Assert.Equal("unix:@" + name, listener.Url);
        AssertServes(listener, new UnixDomainSocketEndPoint("\0" + name));
        Assert.False(File.Exists("@" + name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(108)]
    public void A_path_that_no_address_can_hold_is_refused(int length)
    {
        LinuxException error = Assert.Throws<LinuxException>(() => ListenSocket.ListenUnix(new string('x', length), 8));
        Assert.Equal("bind: File name too long", error.Message);
    }

    [Fact]
    public void An_inherited_descriptor_serves_on_at_the_same_address()
    {
        using ListenSocket first = ListenSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), 8);
        int copy = Descriptor.Duplicate(first.Fd);
        using ListenSocket second = ListenSocket.Inherit(copy);
        Assert.Equal(first.EndPoint, second.EndPoint);
        Assert.Equal(Names(first), Names(second));
        first.Dispose();
        AssertServes(second, second.EndPoint);
    }

    [Fact]
    public void A_descriptor_that_is_no_socket_is_refused()
    {
        using FileStream file = File.OpenRead(typeof(ListenSocketTests).Assembly.Location);
        int copy = Descriptor.Duplicate((int)file.SafeFileHandle.DangerousGetHandle());
        Assert.Throws<SocketException>(() => ListenSocket.Inherit(copy));
    }

    private static (string Url, string Name, string Port) Names(ListenSocket listener) =>
        (listener.Url, Encoding.ASCII.GetString(listener.ServerName), Encoding.ASCII.GetString(listener.ServerPort));

    private static void AssertServes(ListenSocket listener, EndPoint address)
    {
        using Socket client = new(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(address);
        int fd = Libc.Accept(listener.Fd, new byte[PeerAddress.MaxLength], out _);
        Assert.True(fd >= 0, $"accept: {fd}");
        Assert.Equal(0, Libc.Close(fd));
        // Non-blocking, also when it was inherited: with nobody there the loop must not hang.
        Assert.Equal(-Errno.EAGAIN, Libc.Accept(listener.Fd, new byte[PeerAddress.MaxLength], out _));
    }

    private static int PortOf(ListenSocket listener) => ((IPEndPoint)listener.EndPoint).Port;

    private static Socket Connect(ListenSocket listener)
    {
        Socket client = new(listener.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        client.Connect(listener.EndPoint);
        return client;
    }
}
