using System.Text;

namespace Seriema.Process.Tests;

/// <summary>What touches CPython's own structures, on every CPython that the set-up found.</summary>
public sealed class EveryPythonTests
{
    public static TheoryData<string> Versions => [.. TestPython.All.Select(entry => entry.Version)];

    [Theory, MemberData(nameof(Versions))]
    public void Bodies_input_files_and_errors_work(string version)
    {
        using ServerProcess server = ServerProcess.StartWith(PathOf(version), "conformance:application", []);
        using WireClient client = server.Connect();
        foreach ((string method, string path, string body, string expected) in new[]
        {
            ("GET", "/write", "", "written first, then iterated"),
            ("GET", "/late_start", "", "late"),
            ("GET", "/exc_info_before", "", "replaced"),
            ("GET", "/tuple", "", "from a tuple"),
            ("GET", "/file_like", "", "from memory"),
            ("GET", "/keep", "", "kept"),
            ("POST", "/lines", "ab\ncd", @"[b'ab\n', b'cd']"),
            ("POST", "/read_sizes?size=2", "abc", "[b'ab', b'c']"),
            ("GET", "/asyncio_run", "", "awaited"),
            ("GET", "/subprocess", "", "42"),
            ("GET", "/multiprocessing_spawn", "", "[1, 4, 9]"),
            ("GET", "/sqlite", "", "42"),
            ("GET", "/boom", "", "Internal Server Error"),
        })
        {
            client.SendRequest(method, path, [], body);
            Assert.True(client.ReadResponse().Body == expected, path);
        }
        client.SendRequest("GET", "/file?offset=99000", []);
        Assert.Equal(1000, client.ReadResponse().Body.Length);
        server.WaitForLine("RuntimeError: boom");
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
    }

    [Theory, MemberData(nameof(Versions))]
    public void References_are_flat(string version)
    {
        const int batch = 500;
        // Each thread holds its own constant environ; with one thread their number cannot change in between.
        using ServerProcess server = ServerProcess.StartWith(PathOf(version), "counted:application", ["--threads", "1"]);
        using WireClient client = server.Connect();
        byte[] requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(
            "GET /path?query HTTP/1.1\r\nHost: localhost\r\nCookie: a=1\r\nCookie: b=2\r\nX-Odd: e\r\n\r\n", batch)));
        string before = "";
        for (int round = 0; round < 21; round++)
        {
            client.Send(requests);
            client.SkipResponses(batch, "0123456789"u8);
            if (round == 0) before = server.Get("/counts").Body; // the caches are full after the first round
        }
        Assert.Equal(before, server.Get("/counts").Body);
    }

    private static string PathOf(string version) => TestPython.All.First(entry => entry.Version == version).Path;
}
