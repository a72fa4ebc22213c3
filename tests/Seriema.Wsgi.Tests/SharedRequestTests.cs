using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>A request whose objects the application uses from two threads.</summary>
public sealed class SharedRequestTests(PythonFixture python) : GatewayTest(python, "bare")
{
    private const string Source = """
        import threading
        outcomes = []
        def use(name):
            try:
                outcomes.append(uses[name]())
            except Exception as error:
                outcomes.append(repr(error))
        uses = {}
        def app(environ, start_response):
            uses["read"] = environ["wsgi.input"].read
            uses["start_response"] = lambda: start_response("200 OK", [])
            body = environ["wsgi.input"].read()
            start_response("200 OK", [])
            return [body, repr(outcomes).encode()]
        """;

    [Fact]
    public void A_second_thread_is_refused_while_the_first_waits_for_the_client()
    {
        using PythonModule module = new(Source);
        var exchange = new FakeExchange
        {
            OnFill = () => OnOtherThread(() =>
            {
                module.Call("use", "read");
                module.Call("use", "start_response");
            }),
        };
        exchange.Request(PostHead("/", 6), "one", "two");
        using Gateway gateway = module.Gateway("app", Log);
        using GatewayThread thread = gateway.NewThread();
        thread.Call(exchange);
        const string Refused = "RuntimeError('seriema: another thread is using this request')";
        Assert.Equal($"onetwo[\"{Refused}\", \"{Refused}\"]", BodyOf(exchange));
    }

    [Fact]
    public void The_request_ends_only_when_a_thread_that_still_reads_is_back()
    {
        const string Reading = """
            import threading
            def app(environ, start_response):
                thread = threading.Thread(target=environ["wsgi.input"].read)
                thread.start()
                waiting()
                start_response("200 OK", [])
                return [b"done"]
            def waiting(): pass
            """;
        using var isFilling = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        using PythonModule module = new(Reading);
        var exchange = new FakeExchange
        {
            OnFill = () =>
            {
                isFilling.Set();
                mayEnd.Wait();
            },
        };
        exchange.Request(PostHead("/", 6), "one", "two");
        using Gateway gateway = module.Gateway("app", Log);
        using GatewayThread thread = gateway.NewThread();
        var caller = new Thread(() =>
        {
            thread.Call(exchange);
            PythonThread.Detach();
        });
        caller.Start();
        isFilling.Wait();
        Assert.False(exchange.IsCompleted);
        mayEnd.Set();
        Assert.True(caller.Join(TimeSpan.FromSeconds(10)), "the request did not end");
        Assert.True(exchange.IsCompleted, Log.Text);
    }

    private static void OnOtherThread(Action action)
    {
        var other = new Thread(() =>
        {
            action();
            PythonThread.Detach();
        });
        other.Start();
        Assert.True(other.Join(TimeSpan.FromSeconds(10)), "the other thread did not come back");
    }
}
