namespace Seriema.Wsgi.Tests;

/// <summary>wsgiref.validate between the gateway and a correct application: it checks both sides of PEP 3333.</summary>
public sealed class ValidatorTests(PythonFixture python) : GatewayTest(python, "validated")
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET")]
    [InlineData("POST /path%20x?q=1 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 18\r\nCookie: a=b\r\n\r\n", "POST")]
    [InlineData("PUT / HTTP/1.0\r\nContent-Length: 18\r\n\r\n", "PUT")]
    public void The_validator_finds_nothing(string request, string method)
    {
        string body = method == "GET" ? "" : "one\ntwo\nthree\nfour";
        var exchange = new FakeExchange();
        exchange.Request(request, body.Length == 0 ? [] : [body[..5], body[5..]]);
        Assert.Equal(method == "GET" ? "written  " : "written one \ntwo\nthree\nfour", BodyOf(Call(exchange)));
        Assert.Equal(method, exchange.Response()["X-Method"]);
        Assert.Equal(["wsgi.errors Error: validated"], Log.Lines);
    }
}
