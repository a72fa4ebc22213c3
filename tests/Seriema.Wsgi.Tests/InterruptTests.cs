using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>The exception of a deadline reaches the application of its own request, and nothing else.</summary>
public sealed class InterruptTests(PythonFixture python) : GatewayTest(python, "deadlines:application")
{
    [Theory]
    [InlineData("/sleep", "time.sleep(3600)  # the line that the log is to show")]
    [InlineData("/compute", "while True:")]
    public void An_application_is_interrupted_and_its_line_is_shown(string path, string line)
    {
        var exchange = new FakeExchange($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        string stack = InterruptedCall(exchange);
        Assert.True(exchange.IsAborted);
        Assert.Contains("deadlines.py\", line ", stack, StringComparison.Ordinal);
        if (path == "/sleep") Assert.Contains($"\n    {line}", stack, StringComparison.Ordinal);
        Assert.Equal([$"seriema.error Debug: GET {path}: the application ended at its deadline"], Log.Lines);
        Assert.Equal("pong", BodyOf(Get("/")));
    }

    [Fact]
    public void A_finally_block_runs_when_a_sleep_is_interrupted()
    {
        InterruptedCall(new FakeExchange("GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n"));
        Assert.EndsWith("cleaned up", BodyOf(Get("/told")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_that_swallows_it_goes_on()
    {
        var exchange = new FakeExchange("GET /swallow HTTP/1.1\r\nHost: a\r\n\r\n");
        InterruptedCall(exchange);
        Assert.Equal("swallowed", BodyOf(exchange));
        Assert.EndsWith("seriema.RequestTimeout", BodyOf(Get("/told")), StringComparison.Ordinal);
        Assert.Empty(Log.Lines);
    }

    [Fact]
    public void A_stream_that_has_begun_is_broken_off()
    {
        var exchange = new FakeExchange("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
        InterruptedCall(exchange);
        FakeResponse response = exchange.Response();
        Assert.Equal((200, "begun", false, true), (response.Status, response.Body, response.IsEnded, exchange.IsAborted));
    }

    [Fact]
    public void Outside_of_a_request_nothing_is_raised()
    {
        Get("/");
        using GilScope gil = GilScope.Enter();
        Assert.False(Thread.Interrupts.TryRaise(() => true, out _));
    }

    [Fact]
    public void A_call_that_is_over_is_not_interrupted_in_the_place_of_the_present_one()
    {
        bool? raised = null;
        const string Source = """
            def app(environ, start_response):
                body = environ["wsgi.input"].read()
                start_response("200 OK", [])
                return [body]
            """;
        using PythonModule module = new(Source);
        using Gateway gateway = module.Gateway("app", Log);
        using GatewayThread thread = gateway.NewThread();
        var exchange = new FakeExchange { OnFill = () => raised = Raiser.Once(thread, () => false) };
        exchange.Request(PostHead("/", 6), "one", "two");
        thread.Call(exchange);
        Assert.False(raised);
        Assert.Equal("onetwo", BodyOf(exchange));
    }

    [Fact]
    public void What_was_raised_and_not_delivered_is_taken_back()
    {
        bool? raised = null;
        const string Source = """
            def app(environ, start_response):
                start_response("200 OK", [])
                return [b"x" * 150]
            def later(environ, start_response):
                for i in range(10000): pass
                start_response("200 OK", [])
                return [b"later"]
            """;
        using PythonModule module = new(Source);
        using Gateway gateway = module.Gateway("app", Log);
        using GatewayThread thread = gateway.NewThread();
        // It comes while the response waits for its client, and no line of the application runs after that.
        var exchange = new FakeExchange { Bound = 100, OnFlush = () => raised ??= Raiser.Once(thread, () => true) };
        thread.Call(exchange);
        Assert.True(raised);
        Assert.Equal(new string('x', 150), BodyOf(exchange));
        // The same thread to Python, which would meet the exception at its next line.
        using Gateway nextGateway = module.Gateway("later", Log);
        using GatewayThread next = nextGateway.NewThread();
        var following = new FakeExchange();
        next.Call(following);
        Assert.Equal("later", BodyOf(following));
        Assert.Empty(Log.Lines);
    }

    [Fact]
    public void The_text_of_an_error_is_made_without_interruption()
    {
        const string Source = """
            class Odd(Exception):
                def __str__(self):
                    for i in range(50): pass
                    return "odd"
            def app(environ, start_response):
                raise Odd()
            """;
        using PythonModule module = new(Source);
        using Gateway gateway = module.Gateway("app", Log);
        using GatewayThread thread = gateway.NewThread();
        using Raiser raiser = new(thread);
        for (int i = 0; i < 300; i++)
        {
            var exchange = new FakeExchange();
            thread.Call(exchange);
            Assert.True(exchange.IsAborted || exchange.Response().Status == 500);
        }
        raiser.Dispose();
        Assert.DoesNotContain(Log.Lines, line => line.Contains("exception str() failed", StringComparison.Ordinal));
    }

    [Fact]
    public void However_often_it_is_raised_at_the_end_of_a_call_no_other_code_gets_it()
    {
        const int Calls = 5000;
        const int Delivered = 200;
        const string Source = """
            import sys
            sys.setswitchinterval(1e-5)  # the GIL changes hands at nearly every line
            def restore(interval): sys.setswitchinterval(float(interval))
            class Body:
                def __init__(self): self.blocks = iter([b"a", b"b"])
                def __iter__(self): return self
                def __next__(self): return next(self.blocks)
                def close(self):
                    for i in range(20): pass
            def app(environ, start_response):
                for i in range(50): pass
                start_response("200 OK", [])
                turn[0] += 1
                return Body() if turn[0] % 2 else [b"x" * 150]  # its flush lets others run behind the last line
            turn = [0]
            def quiet(environ, start_response):
                for i in range(50): pass
                start_response("200 OK", [])
                return [b"quiet"]
            """;
        using PythonModule module = new(Source);
        using Gateway gateway = module.Gateway("app", Log);
        using Gateway quietGateway = module.Gateway("quiet", Log);
        using GatewayThread thread = gateway.NewThread();
        using GatewayThread quiet = quietGateway.NewThread(); // of the same Python thread, and nobody raises in it
        using Raiser raiser = new(thread);
        int aborted = 0;
        var exchange = new FakeExchange { Bound = 100, OnFlush = () => System.Threading.Thread.Yield() };
        var following = new FakeExchange();
        for (int i = 0; i < Calls || aborted < Delivered; i++)
        {
            exchange.Again();
            thread.Call(exchange);
            Assert.True(i < 200 * Calls, "it was hardly ever delivered: the test shows nothing");
            Assert.True(exchange.IsCompleted || exchange.IsAborted);
            if (exchange.IsAborted) aborted++;
            following.Again();
            quiet.Call(following);
            Assert.Equal("quiet", BodyOf(following));
        }
        raiser.Dispose();
        module.Call("restore", "0.005");
        Assert.DoesNotContain(Log.Lines, line => !line.Contains(" Debug: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_whose_time_was_over_before_the_GIL_came_is_not_begun()
    {
        var exchange = new ExpiredExchange();
        Thread.Call(exchange);
        Assert.Equal((true, false), (exchange.IsAborted, exchange.IsCompleted));
        Assert.Equal(0, exchange.Response().Status);
    }

    /// <summary>Calls on this thread, and interrupts from another one as soon as the application has come to its line.</summary>
    private string InterruptedCall(FakeExchange exchange)
    {
        using Raiser raiser = new(Thread, onlyOnce: true);
        Thread.Call(exchange);
        raiser.Dispose();
        return raiser.Stack;
    }
}
