namespace Seriema.Worker.Tests.Loop;

/// <summary>A worker with a request that is inside its application until the test lets it go, and a deadline's thread that looks when the test says.</summary>
public abstract class SlowCallTest : IDisposable
{
    private protected const string SlowRequest = "GET /slow?a=1 HTTP/1.1\r\nHost: a\r\n\r\n";

    private protected static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);
    private protected static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private protected readonly ManualResetEventSlim Entered = new();
    private protected readonly ManualResetEventSlim Go = new();
    private protected readonly List<string> Replacements = [];

    /// <summary>Whatever a failed test left waiting may go.</summary>
    public void Dispose()
    {
        Go.Set();
        GC.SuppressFinalize(this);
    }

    private protected static WsgiServerOptions Options(int threads = 4, int bodyBuffer = 1 << 20, TimeSpan? timeout = null) =>
        LoopDriver.Options(threads, bodyBuffer, responseBuffer: 4096, timeout: timeout ?? Timeout, grace: Grace);

    /// <summary>One look of the deadline's thread, that much later.</summary>
    private protected static void LookAfter(LoopDriver driver, TimeSpan time) =>
        driver.Worker.Deadlines.Look(ServerClock.Now + (long)time.TotalMilliseconds);

    /// <summary>Past the deadline, and then past the grace.</summary>
    private protected static void GiveUp(LoopDriver driver)
    {
        LookAfter(driver, Timeout);
        LookAfter(driver, Timeout + (2 * Grace));
    }

    private protected static void Begin(HttpExchange exchange, string body)
    {
        Reply.Head(exchange, -1);
        _ = Reply.Body(exchange, body);
        Assert.True(exchange.Flush());
    }

    /// <summary>A worker whose /slow begins, blocks until the test lets it go, and then ends as told.</summary>
    private protected LoopDriver Slow(
        Action<AppThread, HttpExchange> application, TimeSpan? timeout = null, int bodyBuffer = 1 << 20,
        Action<AppThread, HttpExchange>? begin = null, int threads = 4, bool isSlow = true)
    {
        LoopDriver driver = new(Options(threads, bodyBuffer, timeout), (thread, exchange) =>
        {
            begin?.Invoke(thread, exchange);
            Entered.Set();
            Go.Wait();
            application(thread, exchange);
        });
        driver.Worker.RequestReplacement = Replacements.Add;
        if (isSlow)
        {
            foreach (string method in (string[])["GET", "HEAD", "POST"])
            {
                foreach (string host in (string[])["a", ""])
                {
                    driver.Worker.Slow.OnMeasured(
                        SlowCalls.Key(System.Text.Encoding.ASCII.GetBytes(method), System.Text.Encoding.ASCII.GetBytes(host), "/slow"u8), slow: true);
                }
            }
        }
        return driver;
    }

    private protected Peer Enter(LoopDriver driver, string request, Peer? peer = null)
    {
        peer ??= driver.Connect();
        driver.Exchange(peer, request);
        Entered.Wait();
        return peer;
    }
}
