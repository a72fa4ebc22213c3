using System.Globalization;

namespace Seriema.Process.Tests.Arbiter;

/// <summary>The classic lesson, without a clock: who can be inside an application at the same time. See docs/concurrency.md.</summary>
public sealed class SleepingTests
{
    [Fact]
    public void One_worker_with_one_thread_answers_two_clients_one_after_the_other()
    {
        using Meeting meeting = new();
        using ServerProcess server = meeting.Start("--workers", "1", "--threads", "1");
        using WireClient first = server.Connect();
        using WireClient second = server.Connect();
        first.SendRequest("GET", "/?2", []);
        server.WaitForLine("inside");
        second.SendRequest("GET", "/?2", []);
        using WireClient probe = server.Connect();
        probe.Send("GET / HTTP/1.1\r\n\r\n");
        Assert.Equal(400, probe.ReadResponse().Status); // so the loop has read the second request
        Assert.Single(server.Log.All("^inside"));
        meeting.Go();
        string[] bodies = [first.ReadResponse().Body, second.ReadResponse().Body];
        Assert.All(bodies, body => Assert.Equal($"1 at once, process {server.WorkerId} of parent {server.Id}", body));
    }

    [Theory]
    [InlineData("2", "1")]
    [InlineData("1", "2")]
    public void Two_workers_or_two_threads_answer_two_clients_at_once(string workers, string threads)
    {
        using Meeting meeting = new();
        using ServerProcess server = meeting.Start("--workers", workers, "--threads", threads);
        int count = int.Parse(workers, CultureInfo.InvariantCulture);
        List<int> pids = server.WaitForReadyWorkers(count);
        // More than once: the one that is busy must leave a connection to the one that is free every time.
        for (int round = 0; round < 10; round++)
        {
            using WireClient first = server.Connect();
            using WireClient second = server.Connect();
            first.SendRequest("GET", "/?2", []);
            second.SendRequest("GET", "/?2", []);
            string[] bodies = [first.ReadResponse().Body, second.ReadResponse().Body];
            Assert.All(bodies, body => Assert.StartsWith("2 at once", body, StringComparison.Ordinal));
            Assert.Equal(count, bodies.Distinct().Count());
            meeting.Clear();
        }
        // The log has the parent and the children: who reads it can follow each answer to its process.
        Assert.NotEmpty(server.Log.All($"arbiter {server.Id}, workers {workers}"));
        foreach (int pid in pids)
        {
            Assert.NotEmpty(server.Log.All($"worker {pid} started"));
            Assert.Contains(pid, ProcessTree.Children(server.Id));
        }
    }

    [Fact]
    public void The_application_of_the_documents_says_who_slept()
    {
        using ServerProcess server = ServerProcess.Start("sleeping:app", "--chdir", Path.Combine(ServerProcess.Repository, "examples"), "--threads", "1");
        Assert.Equal($"slept 0.01 s in process {server.WorkerId} (child of {server.Id}), thread MainThread\n", server.Get("/?seconds=0.01").Body);
    }

    /// <summary>The folder in which the requests that are inside leave their marks. Owns it.</summary>
    private sealed class Meeting : IDisposable
    {
        private readonly TemporaryFile _go = new();

        internal ServerProcess Start(params string[] options) => ServerProcess.StartWith(
            TestPython.Default, "meeting:application", options, new Dictionary<string, string?> { ["MEETING"] = Path.GetDirectoryName(_go.Path) });

        internal void Go() => File.WriteAllText(_go.Beside("go"), "");

        /// <summary>Forgets who was there.</summary>
        internal void Clear()
        {
            foreach (string file in Directory.GetFiles(Path.GetDirectoryName(_go.Path)!)) File.Delete(file);
        }

        public void Dispose() => _go.Dispose();
    }
}
