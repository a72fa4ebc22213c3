using System.Net;

namespace Seriema.Process.Tests;

/// <summary>Clients that send and read slowly, of all kinds at once, and the files that they leave behind: none.</summary>
public sealed class SlowClientTests : IDisposable
{
    private const int Large = 3_000_000; // more than memory and the kernel hold of it

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("seriema-slow-");

    [Fact]
    public void Beside_slow_clients_of_every_kind_a_page_is_answered_and_their_time_ends()
    {
        using ServerProcess server = Start("--threads", "2", "--head-timeout", "4", "--progress-timeout", "4");
        using Crowd heads = new(server, 200), readers = new(server, 20), uploads = new(server, 20);
        heads.Say("GET /hello HTT");
        readers.Say("GET /big?size=3000000 HTTP/1.1\r\nHost: a\r\n\r\n");
        uploads.Say($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {Large}\r\n\r\n" + new string('x', Large / 2));
        Eventually.True(() => FilesOf(server) >= 40, "the slow ones use no files");
        for (int i = 0; i < 50; i++) Assert.Equal("Hello", server.Get("/hello").Body[..5]);
        Assert.Empty(_files.GetFileSystemInfos()); // they have no names

        Assert.All(heads.Clients, client => Assert.StartsWith("HTTP/1.1 408 ", client.ReadToEnd(), StringComparison.Ordinal));
        Assert.All(uploads.Clients, client => Assert.StartsWith("HTTP/1.1 408 ", client.ReadToEnd(), StringComparison.Ordinal));
        Assert.All(readers.Clients, client => Assert.InRange(client.ReadToEnd().Length, 1, Large)); // cut, and not whole
        Eventually.True(() => FilesOf(server) == 0, "a file outlives its client");
        Assert.Equal("Hello", server.Get("/hello").Body[..5]);
    }

    [Fact]
    public void A_large_upload_and_a_large_response_go_through_files_unharmed()
    {
        using ServerProcess server = Start("--threads", "1", "--body-buffer", "64k", "--buffer-memory", "1m");
        string body = string.Concat(Enumerable.Range(0, Large / 10).Select(i => $"{i:D10}"));
        using WireClient client = new(new IPEndPoint(IPAddress.Loopback, server.Port), receiveBuffer: 8192);
        client.SendRequest("POST", "/echo", [], body);
        Assert.Equal("Hello", server.Get("/hello").Body[..5]); // by the only thread, while nothing of the response is read
        Assert.Equal(body, client.ReadResponse().Body);
        client.SendRequest("POST", "/echo", ["Transfer-Encoding: chunked"]);
        client.Send($"{Large:x}\r\n{body}\r\n0\r\n\r\n");
        Assert.Equal(body, client.ReadResponse().Body);
        Eventually.True(() => FilesOf(server) == 0, "a file outlives its request");
    }

    [Fact]
    public void A_killed_server_leaves_no_file()
    {
        using ServerProcess server = Start("--body-buffer", "64k");
        using WireClient client = server.Connect();
        client.Send($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {Large}\r\n\r\n" + new string('x', Large / 2));
        Eventually.True(() => FilesOf(server) == 1, "the body uses no file");
        server.SignalWorker("KILL");
        server.Signal("KILL");
        server.WaitForExit();
        Assert.Empty(_files.GetFileSystemInfos());
    }

    [Fact]
    public void With_few_threads_the_server_itself_asks_for_a_body_and_gathers_it()
    {
        using ServerProcess server = Start("--threads", "1");
        using WireClient slow = server.Connect();
        slow.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, slow.ReadResponse().Status);
        Assert.Equal("Hello", server.Get("/hello").Body[..5]); // the only thread does not wait for it
        slow.Send("body");
        Assert.Equal("body", slow.ReadResponse().Body);
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_refused_with_one_line()
    {
        (int status, _, string error) = ServerProcess.Run(
            ServerProcess.Arguments(TestPython.Default, "conformance:application", ["--bind", "127.0.0.1:0", "--temp-dir", "/proc"]), ServerProcess.TestApps);
        Assert.Equal(2, status);
        Assert.Contains("seriema: --temp-dir /proc: takes no files: ", error, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private ServerProcess Start(params string[] options) =>
        ServerProcess.Start("conformance:application", [.. options, "--temp-dir", _files.FullName]);

    /// <summary>Files in the folder that the worker has open.</summary>
    private int FilesOf(ServerProcess server)
    {
        int count = 0;
        foreach (string link in Directory.GetFileSystemEntries($"/proc/{server.WorkerId}/fd"))
        {
            try
            {
                if (new FileInfo(link).LinkTarget?.StartsWith(_files.FullName, StringComparison.Ordinal) == true) count++;
            }
            catch (IOException)
            {
                // closed meanwhile
            }
        }
        return count;
    }

    private sealed class Crowd(ServerProcess server, int count) : IDisposable
    {
        internal WireClient[] Clients { get; } =
            [.. Enumerable.Range(0, count).Select(_ => new WireClient(new IPEndPoint(IPAddress.Loopback, server.Port), receiveBuffer: 8192))];

        internal void Say(string text)
        {
            foreach (WireClient client in Clients) client.Send(text);
        }

        public void Dispose()
        {
            foreach (WireClient client in Clients) client.Dispose();
        }
    }
}
