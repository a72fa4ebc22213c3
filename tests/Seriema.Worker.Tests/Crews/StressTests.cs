using System.Collections.Concurrent;
using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests.Crews;

/// <summary>Many connections against every way a call can go: every request is answered once, to the one who asked.</summary>
public sealed class StressTests
{
    private const int Connections = 24;
    private const int Requests = 100; // a connection

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Every_request_is_answered_once_and_to_its_own_connection(int threads)
    {
        ConcurrentDictionary<string, int> calls = new();
        using Rendezvous rendezvous = new();
        using LiveServer server = new(LoopDriver.Options(threads, bodyBuffer: 64, responseBuffer: 4096), (_, exchange) =>
        {
            string path = Reply.Path(exchange);
            if (!path.StartsWith("/gone/", StringComparison.Ordinal)) calls.AddOrUpdate(path, 1, (_, count) => count + 1);
            Answer(exchange, path, rendezvous);
        });

        int seed = Environment.TickCount;
        Task[] clients = [.. Enumerable.Range(0, Connections).Select(number => Task.Factory.StartNew(
            () => Talk(server, number, new Random(seed + number)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Exception? error = await Record.ExceptionAsync(() => Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(error is null, $"seed {seed}: {error}");

        Assert.Equal(Connections * Requests, calls.Count);
        Assert.All(calls, call => Assert.True(call.Value == 1, $"seed {seed}: {call.Key} was called {call.Value} times"));
        Assert.InRange(server.MostInside, 1, threads);
        server.Stop();
        Assert.DoesNotContain(server.Log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_stop_under_load_breaks_no_response(int threads)
    {
        using Rendezvous rendezvous = new();
        using ManualResetEventSlim warm = new();
        int calls = 0;
        using LiveServer server = new(LoopDriver.Options(threads, responseBuffer: 4096), (_, exchange) =>
        {
            if (Interlocked.Increment(ref calls) == 200) warm.Set();
            Answer(exchange, Reply.Path(exchange), rendezvous);
        });
        Task<bool>[] clients = [.. Enumerable.Range(0, Connections).Select(number => Task.Factory.StartNew(
            () => TalkUntilTheEnd(server, number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Assert.True(warm.Wait(TimeSpan.FromSeconds(30)), "the load never came");
        server.Stop();
        Assert.All(await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(30)), Assert.True);
    }

    /// <summary>Asks until the server leaves; false when that was in the middle of a response.</summary>
    private static bool TalkUntilTheEnd(LiveServer server, int number)
    {
        using Client client = server.Connect();
        Random random = new(number);
        try
        {
            while (true)
            {
                client.Get($"/{Kind(random)}/{number}");
                client.Receive();
            }
        }
        catch (Exception e) when (e is EndOfStreamException or System.Net.Sockets.SocketException)
        {
            return client.IsBetweenResponses; // an idle connection may close under a request that is on its way
        }
    }

    /// <summary>One connection: requests one by one and in bursts, with bodies of every size.</summary>
    private static void Talk(LiveServer server, int number, Random random)
    {
        Client client = server.Connect();
        try
        {
            for (int i = 0; i < Requests;)
            {
                int burst = Math.Min(random.Next(5) == 0 ? random.Next(2, 6) : 1, Requests - i);
                List<string> expected = [];
                for (int one = 0; one < burst; one++, i++)
                {
                    string path = $"/{Kind(random)}/{number}/{i}";
                    string body = random.Next(4) == 0 ? new string((char)('a' + (i % 26)), random.Next(1, 500)) : "";
                    client.Send($"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
                    client.Send(body);
                    expected.Add(path + body);
                }
                foreach (string body in expected)
                {
                    (int status, string received) = client.Receive();
                    Assert.Equal(200, status);
                    Assert.Equal(body, received[..Math.Min(body.Length, received.Length)]);
                }
                if (random.Next(20) != 0) continue;
                if (random.Next(2) == 0) // now and then one leaves without waiting
                {
                    client.Send($"POST /gone/{Kind(random)} HTTP/1.1\r\nHost: a\r\nContent-Length: {random.Next(2) * 500}\r\n\r\n");
                    client.Reset();
                }
                client.Dispose();
                client = server.Connect();
            }
        }
        finally
        {
            client.Dispose();
        }
    }

    private static string Kind(Random random) => random.Next(10) switch
    {
        0 => "wait",
        1 => "compute",
        2 => "large",
        _ => "instant",
    };

    private static void Answer(HttpExchange exchange, string path, Rendezvous rendezvous)
    {
        string body = path + Reply.Read(exchange);
        switch (path.Split('/').FirstOrDefault(part => part is "wait" or "compute" or "large"))
        {
            case "wait": rendezvous.Wait(); break;
            case "compute": Compute(); break;
            case "large": body += new string('.', 20_000); break;
        }
        Reply.With(exchange, body);
    }

    /// <summary>Two to three milliseconds of a processor, long enough for the monitor to notice.</summary>
    private static void Compute()
    {
        long end = System.Diagnostics.Stopwatch.GetTimestamp() + (System.Diagnostics.Stopwatch.Frequency / 400);
        while (System.Diagnostics.Stopwatch.GetTimestamp() < end) Thread.SpinWait(50);
    }

    /// <summary>Blocks a thread as a database would: until something else has happened, here the timer's next tick.</summary>
    private sealed class Rendezvous : IDisposable
    {
        private readonly object _gate = new();
        private readonly Timer _timer;
        private long _ticks;

        internal Rendezvous() => _timer = new Timer(_ => Tick(), null, 2, 2);

        internal void Wait()
        {
            lock (_gate)
            {
                for (long until = _ticks + 2; _ticks < until;) Monitor.Wait(_gate);
            }
        }

        public void Dispose() => _timer.Dispose();

        private void Tick()
        {
            lock (_gate)
            {
                _ticks++;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
