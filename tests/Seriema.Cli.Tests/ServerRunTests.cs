using System.Net;

namespace Seriema.Cli.Tests;

public sealed class ServerRunTests
{
    [Fact]
    public void The_ready_line_names_address_pid_python_and_threads() =>
        Assert.Equal(
            "Serving HTTP on http://127.0.0.1:8888 (pid 42, Python 3.11.7, threads 16)",
            ServerRun.ReadyLine([new IPEndPoint(IPAddress.Loopback, 8888)], 42, "3.11.7", 16));

    [Fact]
    public void Several_addresses_are_separated_by_commas_and_IPv6_is_in_brackets() =>
        Assert.Equal(
            "Serving HTTP on http://0.0.0.0:80, http://[::1]:81 (pid 1, Python 3.9.2, threads 1)",
            ServerRun.ReadyLine([new IPEndPoint(IPAddress.Any, 80), new IPEndPoint(IPAddress.IPv6Loopback, 81)], 1, "3.9.2", 1));
}
