using System.Globalization;
using System.Text.Json;
using Seriema.Process.Tests.Arbiter;

namespace Seriema.Process.Tests.Proxies;

/// <summary>A server that listens on a port and on a unix socket, for a proxy to stand in front of. Owns both.</summary>
internal sealed class FrontedServer : IDisposable
{
    private readonly TemporaryFile _socket = new();

    internal FrontedServer(params string[] options) => Server = ServerProcess.Ready(ServerProcess.Launch(
    [
        "--bind", "127.0.0.1:0", "--bind", "unix:" + _socket.Path,
        .. ServerProcess.Arguments(TestPython.Default, "conformance:application", options),
    ]));

    internal ServerProcess Server { get; }

    /// <summary>Where the server is, as nginx writes it.</summary>
    internal string ForNginx(bool overUnix) => overUnix ? "unix:" + _socket.Path : Tcp;

    /// <summary>Where the server is, as HAProxy writes it.</summary>
    internal string ForHaproxy(bool overUnix) => overUnix ? "unix@" + _socket.Path : Tcp;

    private string Tcp => "127.0.0.1:" + Server.Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>The environ of one request on a connection that lives on; the keys that were named, with their values.</summary>
    internal static Dictionary<string, string> Environ(WireClient client, string target, params string[] fields)
    {
        client.SendRequest("GET", target, fields);
        WireResponse response = client.ReadResponse();
        Assert.True(response.Status == 200, response.Head + response.Body);
        return JsonDocument.Parse(response.Body).RootElement.EnumerateObject().ToDictionary(item => item.Name, item => item.Value.ToString());
    }

    internal static void AssertHas(Dictionary<string, string> environ, params string[] expected)
    {
        foreach (string item in expected)
        {
            string name = item.Split('=')[0];
            Assert.Equal(item, $"{name}={environ.GetValueOrDefault(name, "(none)")}");
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        _socket.Dispose();
    }
}
