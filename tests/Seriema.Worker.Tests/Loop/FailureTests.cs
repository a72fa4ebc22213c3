using Microsoft.Extensions.Logging;

namespace Seriema.Worker.Tests.Loop;

/// <summary>A failure of the server's own: nothing can be relied on, so all of it ends.</summary>
public sealed class FailureTests
{
    [Fact]
    public void A_failure_on_the_main_thread_ends_the_worker()
    {
        using LoopDriver driver = new(application: (_, _) => throw new InvalidOperationException("broken"));
        driver.Epoll.OnIdle = driver.Epoll.WaitForReal;
        Peer peer = driver.Sockets.Arrive().Says(LoopDriver.Get);
        driver.ReportReadable(driver.Worker.Listeners[0].Fd);
        driver.ReportReadable(peer.Fd);
        RunToItsEnd(driver);
    }

    [Fact]
    public void A_failure_on_another_thread_ends_the_worker()
    {
        using LoopDriver driver = new(LoopDriver.Options(threads: 4), (_, _) => throw new InvalidOperationException("broken"));
        driver.Epoll.OnIdle = driver.Epoll.WaitForReal;
        driver.Worker.Slow.OnMeasured(SlowCalls.Key("GET"u8, "a"u8, "/"u8), slow: true);
        Peer peer = driver.Sockets.Arrive().Says(LoopDriver.Get);
        driver.ReportReadable(driver.Worker.Listeners[0].Fd);
        driver.ReportReadable(peer.Fd);
        RunToItsEnd(driver);
    }

    private static void RunToItsEnd(LoopDriver driver)
    {
        Task main = Task.Factory.StartNew(driver.Worker.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(main.Wait(TimeSpan.FromSeconds(20)), "the main thread still leads");
        Exception? error = driver.Worker.LoopEnded.Exception?.InnerException;
        Assert.Equal("broken", error?.Message);
        Assert.Contains(driver.Log.Lines, line => line.Level == LogLevel.Critical);
    }
}
