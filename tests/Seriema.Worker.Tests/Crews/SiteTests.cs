using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Files while the application's threads are all taken, with the real kernel.</summary>
public sealed class SiteTests : IDisposable
{
    private readonly SiteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Files_are_sent_while_every_thread_is_blocked(int threads)
    {
        _folder.Write("a.txt", "file");
        using CountdownEvent entered = new(threads);
        using ManualResetEventSlim release = new();
        using LiveServer server = new(
            LoopDriver.Options(threads),
            (_, exchange) =>
            {
                entered.Signal();
                release.Wait();
                Reply.With(exchange, "late");
            },
            site: _folder.Serve());
        Client[] waiting = [.. Enumerable.Range(0, threads).Select(_ => server.Connect())];
        foreach (Client client in waiting) client.Get("/slow");
        Assert.True(entered.Wait(TimeSpan.FromSeconds(30)), "the requests did not all reach the application");
        using (Client client = server.Connect())
        {
            for (int i = 0; i < 100; i++) Assert.Equal("file", client.Ask("/a.txt"));
        }
        Assert.All(waiting, client => Assert.True(client.IsBetweenResponses));
        release.Set();
        foreach (Client client in waiting)
        {
            Assert.Equal((200, "late"), client.Receive());
            client.Dispose();
        }
        server.Stop();
    }

    [Fact]
    public void A_change_is_told_by_the_kernel()
    {
        _folder.Write("a.txt", "old");
        using LiveServer server = new(LoopDriver.Options(), (_, exchange) => Reply.With(exchange, "application"), site: _folder.Serve());
        using Client client = server.Connect();
        Assert.Equal("old", client.Ask("/a.txt"));
        Assert.Equal("application", client.Ask("/b.txt"));
        _folder.Write("a.txt", "new");
        _folder.Write("b.txt", "file");
        Assert.Equal("new", client.Ask("/a.txt"));
        Assert.Equal("file", client.Ask("/b.txt"));
    }
}
