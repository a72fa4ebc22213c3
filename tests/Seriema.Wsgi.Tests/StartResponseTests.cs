namespace Seriema.Wsgi.Tests;

/// <summary>start_response as applications really call it; each case is the body of an application.</summary>
public sealed class StartResponseTests(PythonFixture python) : GatewayTest(python, "bare")
{
    [Theory]
    [InlineData("start_response('200 OK', [('X-A', 'a')])")]
    [InlineData("start_response(status='200 OK', headers=[('X-A', 'a')])")]
    [InlineData("start_response('200 OK', response_headers=[('X-A', 'a')])")]
    [InlineData("start_response('200 OK', [('X-A', 'a')], None)")]
    [InlineData("start_response('200 OK', [('X-A', 'a')], exc_info=None)")]
    [InlineData("start_response('200 OK', (('X-A', 'a'),))")]
    [InlineData("start_response('200 OK', [['X-A', 'a']])")]
    [InlineData("start_response('200 OK', {'X-A': 'a'}.items())")]
    [InlineData("start_response('200 OK', [('X-A', 'a'), ('Connection', 'keep-alive'), ('Transfer-Encoding', 'chunked')])")]
    [InlineData("try: start_response('200 OK', [('X-A', 'b\\n')])\n  except ValueError: start_response('200 OK', [('X-A', 'a')])")]
    public void Accepted(string statement)
    {
        FakeResponse response = Run(statement);
        Assert.Equal((200, "a", "done", "4"), (response.Status, response["X-A"], response.Body, response["Content-Length"]));
    }

    [Theory]
    [InlineData("start_response('200 OK')", "TypeError: start_response() takes at least a status and a list of headers")]
    [InlineData("start_response('200 OK', [], None, 1)", "TypeError: start_response() takes at most 3 arguments (4 given)")]
    [InlineData("start_response('200 OK', [], bogus=1)", "does not take the argument 'bogus' here")]
    [InlineData("start_response('200 OK', [], status='200 OK')", "does not take the argument 'status' here")]
    [InlineData("start_response(b'200 OK', [])", "TypeError: the status is bytes, not str")]
    [InlineData("start_response(200, [])", "TypeError: the status is int, not str")]
    [InlineData("start_response('200 OK', None)", "the response headers are not a list of (name, value) tuples but NoneType")]
    [InlineData("start_response('200 OK', 'X-A: a')", "the response headers are not a list of (name, value) tuples but str")]
    [InlineData("start_response('200 OK', ['ab'])", "a response header is not a (name, value) tuple but str")]
    [InlineData("start_response('200 OK', [('a', 'b', 'c')])", "a response header is not a (name, value) tuple but tuple")]
    [InlineData("start_response('200 OK', [(b'X-A', 'a')])", "a response header's name is bytes, not str")]
    [InlineData("start_response('200 OK', [('Content-Length', 4)])", "the value of response header 'Content-Length' is int, not str")]
    [InlineData("start_response('200 OK', [('X A', 'a')])", "ValueError: response header name 'X A' is not a token")]
    [InlineData("start_response('200 OK', [('', 'a')])", "response header name '' is not a token")]
    [InlineData("start_response('200 OK', [('X-\\xe9', 'a')])", "response header name 'X-\\xe9' is not a token")]
    [InlineData("start_response('200 OK', [('X-A', '\\u20ac')])", "response header 'X-A' has characters outside Latin-1")]
    [InlineData("start_response('200 OK', [('X-A', '\\udc80')])", "response header 'X-A' has characters outside Latin-1")]
    [InlineData("start_response('200 OK', [('X-A', 'a\\0')])", "control characters in its value 'a\\x00'")]
    [InlineData("start_response('200 OK', [('Content-Length', '+4')])", "Content-Length: '+4' is not one number")]
    [InlineData("start_response('200 OK', [('Content-Length', '4'), ('Content-Length', '5')])", "Content-Length: '5' is not one number")]
    [InlineData("start_response('200 OK', [], True)", "TypeError: exc_info is not the tuple of sys.exc_info()")]
    [InlineData("start_response('200 OK', [], (None, None, None))", "exc_info is not the tuple of sys.exc_info()")]
    [InlineData("start_response('200 OK', [])('text')", "TypeError: write() takes bytes, not str")]
    [InlineData("start_response('200 OK', [])()", "TypeError: write() takes exactly one argument (0 given)")]
    public void Refused_with_a_message_that_names_the_mistake(string statement, string mistake)
    {
        FakeResponse response = Run(statement);
        Assert.Equal((500, "Internal Server Error"), (response.Status, response.Body));
        Assert.Contains(mistake, Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Latin_1_values_go_out_as_they_are()
    {
        Assert.Equal("\u00e9\u00ff", Run("start_response('200 OK', [('X-A', '\\xe9\\xff')])")["X-A"]);
    }

    private FakeResponse Run(string statement) => Inline.Run(
        $"def app(environ, start_response):\n  {statement}\n  return [b'done']\n", Log).Response();
}
