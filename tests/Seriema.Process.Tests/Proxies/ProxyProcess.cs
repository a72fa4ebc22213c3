using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Seriema.Process.Tests.Proxies;

/// <summary>One running nginx or HAProxy in front of a server, started with a configuration and ended by its id. Owns both.</summary>
internal sealed class ProxyProcess : IDisposable
{
    // Another of the machine's own addresses, so that the client is not mistaken for the proxy.
    private static readonly IPAddress s_client = IPAddress.Parse("127.0.0.9");

    private readonly string _folder = Directory.CreateTempSubdirectory("seriema-proxy").FullName;
    private readonly System.Diagnostics.Process _process;

    /// <param name="name"><c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="configuration">With <c>@PORT@</c> for the port to listen on and <c>@FOLDER@</c> for a folder of its own.</param>
    private ProxyProcess(string name, string configuration)
    {
        Port = FreePort();
        string file = Path.Combine(_folder, "configuration");
        File.WriteAllText(file, configuration
            .Replace("@PORT@", Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@FOLDER@", _folder, StringComparison.Ordinal));
        string[] arguments = name == "nginx" ? ["-p", _folder, "-c", file] : ["-db", "-f", file];
        ProcessStartInfo start = new(Find(name), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = System.Diagnostics.Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntilItListens(name);
    }

    internal int Port { get; }

    private List<string> Lines { get; } = [];

    /// <param name="http">What stands in nginx's <c>http</c> block, behind the parts that keep it in its folder.</param>
    internal static ProxyProcess Nginx(string http) => new("nginx", $$"""
        daemon off;
        master_process off;
        pid @FOLDER@/pid;
        error_log stderr warn;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path @FOLDER@/body;
            proxy_temp_path @FOLDER@/proxy;
            fastcgi_temp_path @FOLDER@/fastcgi;
            uwsgi_temp_path @FOLDER@/uwsgi;
            scgi_temp_path @FOLDER@/scgi;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {{http}}
        }
        """);

    /// <param name="mode"><c>http</c> or <c>tcp</c>.</param>
    /// <param name="frontend">Lines of the frontend.</param>
    /// <param name="server">The server's address, and how it is spoken to.</param>
    /// <param name="backend">Lines of the backend.</param>
    internal static ProxyProcess Haproxy(string mode, string frontend, string server, string backend = "") => new("haproxy", $"""
        defaults
            mode {mode}
            timeout client 30s
            timeout connect 10s
            timeout server 30s
            http-reuse always
        frontend front
            bind 127.0.0.1:@PORT@
            {frontend}
            default_backend back
        backend back
            {backend}
            server one {server}

        """);

    /// <summary>A client of the proxy, at 127.0.0.9.</summary>
    internal WireClient Connect() => WireClient.From(s_client, new IPEndPoint(IPAddress.Loopback, Port));

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Find(string name)
    {
        IEnumerable<string> folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{name} is missing: scripts/setup --tests installs it as root");
    }

    // Neither says when it listens.
    private void WaitUntilItListens(string name)
    {
        try
        {
            Eventually.True(() => _process.HasExited || CanConnect(), $"{name} does not listen");
            if (_process.HasExited) throw new InvalidOperationException($"{name} has ended: {string.Join('\n', Lines)}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private bool CanConnect()
    {
        try
        {
            using TcpClient client = new();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        lock (Lines) Lines.Add(line);
    }
}
