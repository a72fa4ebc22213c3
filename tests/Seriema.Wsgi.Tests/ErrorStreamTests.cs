namespace Seriema.Wsgi.Tests;

public sealed class ErrorStreamTests(PythonFixture python) : GatewayTest(python, "conformance")
{
    [Fact]
    public void Each_line_is_one_entry_of_the_log()
    {
        Assert.Equal("written", BodyOf(Get("/errors")));
        Assert.Equal(
            ["one line", "half a line", "and more", "the end without a newline"],
            Log.Lines.Select(line => line.Replace("wsgi.errors Error: ", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("errors.write(b'x')", "TypeError: write() argument must be str, not bytes")]
    [InlineData("errors.write()", "TypeError: write() takes exactly one argument (0 given)")]
    [InlineData("errors.writelines([1])", "TypeError: write() argument must be str, not int")]
    [InlineData("errors.writelines(1)", "TypeError: 'int' object is not iterable")]
    public void A_wrong_argument_is_a_type_error(string statement, string mistake)
    {
        Assert.Equal(500, Run(statement).Status);
        Assert.Contains(mistake, Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("errors.write('caf\\xe9 \\u20ac \\U0001F600\\n')", "caf\u00e9 \u20ac \U0001F600")]
    [InlineData("errors.write('\\udc80\\n')", "\\udc80")]
    [InlineData("errors.write('a\\r\\n')", "a")]
    [InlineData("errors.write('no newline')", "no newline")]
    [InlineData("assert errors.write('four') == 4 and errors.flush() is None", "four")]
    [InlineData("import traceback\n  try: 1/0\n  except ZeroDivisionError: traceback.print_exc(file=errors)", "ZeroDivisionError: division by zero")]
    [InlineData("import logging; log = logging.Logger('x'); log.addHandler(logging.StreamHandler(errors)); log.warning('logged')", "logged")]
    [InlineData("assert not errors.isatty(); print(errors.encoding, errors.errors, errors.name, file=errors)", "utf-8 backslashreplace <wsgi.errors>")]
    public void Text_arrives_whole(string statement, string line)
    {
        Assert.Equal(200, Run(statement).Status);
        Assert.Equal($"wsgi.errors Error: {line}", Log.Lines[^1]);
    }

    private FakeResponse Run(string statement) => Inline.Run(
        $"def app(environ, start_response):\n  errors = environ['wsgi.errors']\n  {statement}\n  start_response('200 OK', [])\n  return [b'done']\n",
        Log).Response();
}
