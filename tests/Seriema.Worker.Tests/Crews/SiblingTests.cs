using System.Runtime.InteropServices;
using Seriema.Transport;
using Seriema.Worker.Tests.Link;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Two workers on one port, with the real kernel and the real board, in one process.</summary>
public sealed class SiblingTests : IDisposable
{
    private readonly ManualResetEventSlim _go = new();
    private readonly Scoreboard _board = Scoreboard.Create(2);
    private int _inside;

    [Fact]
    public void Two_workers_with_one_thread_each_serve_two_slow_requests_at_once()
    {
        using LiveServer one = Server(0);
        using LiveServer other = new(Options(), Block, ListenSocket.Inherit(dup(one.Worker.Listeners[0].Fd)), Role(1));
        for (int round = 1; round <= 20; round++)
        {
            _go.Reset();
            using Client first = one.Connect();
            first.Get("/");
            LoopDriver.Await(() => BusyCount() == 1, "a busy worker");
            using Client second = one.Connect();
            second.Get("/");
            LoopDriver.Await(() => Volatile.Read(ref _inside) == 2, $"both at once in round {round}");
            using Client third = one.Connect();
            third.Get("/");
            LoopDriver.Await(() => one.Worker.Crew.Count().Queued + other.Worker.Crew.Count().Queued == 1, "the third in a queue");
            _go.Set();
            Assert.All([first, second, third], client => Assert.Equal(200, client.Receive().Status));
            LoopDriver.Await(() => BusyCount() == 0, "free workers");
        }
        Assert.Equal((1, 1), (one.MostInside, other.MostInside));
    }

    [Fact]
    public void The_worker_that_stays_takes_every_client_while_the_other_leaves()
    {
        _go.Set();
        using LiveServer stays = Server(0);
        ListenSocket shared = ListenSocket.Inherit(dup(stays.Worker.Listeners[0].Fd));
        using (LiveServer leaves = new(Options(), Block, shared, Role(1)))
        {
            for (int i = 0; i < 50; i++)
            {
                if (i == 25) leaves.Worker.Drain();
                using Client client = stays.Connect();
                Assert.Equal("ok", client.Ask("/"));
            }
            LoopDriver.Await(() => leaves.Worker.LoopEnded.IsCompletedSuccessfully, "the end of the one that leaves");
        }
        using Client last = stays.Connect();
        Assert.Equal("ok", last.Ask("/"));
        stays.Stop();
    }

    public void Dispose()
    {
        _go.Set();
        _board.Dispose();
    }

    private static WsgiServerOptions Options() => LoopDriver.Options(threads: 1);

#pragma warning disable SYSLIB1054 // generated marshalling needs unsafe code, which tests do without
    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int dup(int fd);
#pragma warning restore SYSLIB1054

    private LiveServer Server(int slot) => new(Options(), Block, role: Role(slot));

    private Func<ListenSocket, WorkerRole> Role(int slot) => listener => Roles.Of([listener], board: _board, slot: slot);

    private int BusyCount() => Enumerable.Range(0, 2).Count(slot => _board.Get(slot) == WorkerLoad.Busy);

    private void Block(AppThread thread, HttpExchange exchange)
    {
        Interlocked.Increment(ref _inside);
        _go.Wait();
        Interlocked.Decrement(ref _inside);
        Reply.With(exchange, "ok");
    }
}
