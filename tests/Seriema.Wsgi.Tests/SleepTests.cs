using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>The <c>time.sleep</c> that an exception gets through is the real one in every other way.</summary>
public sealed class SleepTests(PythonFixture python) : GatewayTest(python, "bare")
{
    [Fact]
    public void On_a_thread_of_the_server_and_on_others_it_takes_and_refuses_what_the_real_one_does()
    {
        const string Source = """
            import decimal, fractions, threading, time
            real = time.sleep.real
            class Index:
                def __init__(self, value): self.value = value
                def __index__(self): return self.value
            class Broken:
                def __index__(self): raise KeyError("no index")
            class Floating:
                def __float__(self): return 0.0
            class MyFloat(float): pass
            class MyInt(int): pass
            arguments = [
                (), (0,), (0.0,), (-0.0,), (0.001,), (False,), (MyFloat(0.001),), (MyInt(0),), (Index(0),), (1, 2),
                (-1,), (-0.5,), (Index(-1),), (MyFloat(-1),), ("1",), (None,), ([],), (Broken(),), (Floating(),), (1j,),
                (float("nan"),), (float("inf"),), (float("-inf"),), (1e300,), (10 ** 30,), (-10 ** 30,), (Index(10 ** 30),),
                (fractions.Fraction(0),),
            ]
            def outcome(sleep, args, kwargs={}):
                try:
                    return repr(sleep(*args, **kwargs))
                except BaseException as error:
                    return "%s: %s" % (type(error).__name__, error)
            def differences():
                found = ["%r: %s, not %s" % (args, outcome(time.sleep, args), outcome(real, args))
                         for args in arguments if outcome(time.sleep, args) != outcome(real, args)]
                if outcome(time.sleep, (), {"seconds": 0}) != outcome(real, (), {"seconds": 0}):
                    found.append("a keyword")
                return found
            def check():
                found = differences()
                other = threading.Thread(target=lambda: found.extend(differences()))
                other.start()
                other.join()
                return found
            """;
        Assert.Equal("[]", Evaluate(Source, "check()"));
    }

    [Theory]
    [InlineData("0.3", "0.3")]
    [InlineData("Index(1)", "1")]
    [InlineData("MyFloat(0.6)", "0.6")]
    [InlineData("True", "1")]
    public void It_never_returns_too_soon(string argument, string least)
    {
        const string Source = """
            import time
            class MyFloat(float): pass
            class Index:
                def __init__(self, value): self.value = value
                def __index__(self): return self.value
            def slept(argument):
                began = time.monotonic()
                assert time.sleep(argument) is None
                return time.monotonic() - began
            """;
        Assert.Equal("True", Evaluate(Source, $"slept({argument}) >= {least}"));
    }

    [Fact]
    public void It_looks_like_the_real_one()
    {
        const string Source = """
            import copy, pickle, time
            real = time.sleep.real
            class Holder:
                sleep = time.sleep
            """;
        string[] same =
        [
            "time.sleep.__name__ == real.__name__", "time.sleep.__doc__ == real.__doc__", "time.sleep.__module__ == 'time'",
            "time.sleep.__qualname__ == real.__qualname__", "repr(time.sleep) == repr(real)", "Holder().sleep(0) is None",
            "pickle.loads(pickle.dumps(time.sleep)) is time.sleep", "copy.deepcopy(time.sleep) is time.sleep", "callable(time.sleep)",
        ];
        Assert.All(same, expression => Assert.True(Evaluate(Source, expression) == "True", expression));
    }

    [Fact]
    public void An_audit_hook_hears_of_it_as_often_as_of_the_real_one()
    {
        const string Source = """
            import sys, time
            heard = []
            on = [True]
            sys.addaudithook(lambda event, args: heard.append(args) if on[0] and event == "time.sleep" else None)
            def check():
                time.sleep(0.6)
                time.sleep(0)
                on[0] = False
                return heard == ([(0.6,), (0,)] if sys.version_info >= (3, 13) else heard[:0])
            """;
        Assert.Equal("True", Evaluate(Source, "check()"));
    }

    /// <summary>The text of an expression's value, on this thread, which is one of the server's.</summary>
    private static string Evaluate(string source, string expression)
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned names = PyCode.Run(source, "<test>");
        using PyOwned value = PyCode.Evaluate(expression, names);
        return PyStrings.StrText(value);
    }
}
