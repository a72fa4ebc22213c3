namespace Seriema.Process.Tests;

/// <summary>The four classic applications on every CPython that the set-up found.</summary>
public sealed class FrameworkTests
{
    public static TheoryData<string, string, string> Matrix()
    {
        TheoryData<string, string, string> rows = [];
        foreach ((string version, string _) in TestPython.All)
        {
            rows.Add(version, "flaskapp:app", "Hello world from Flask!\n");
            rows.Add(version, "pyramidapp:app", "Hello world from Pyramid!\n");
            rows.Add(version, "djangoapp:app", "Hello world from Django!\n");
            rows.Add(version, "wsgiapp:app", "Hello world from a simple WSGI application!\n");
        }
        return rows;
    }

    [Theory, MemberData(nameof(Matrix))]
    public void The_application_says_hello(string version, string application, string hello)
    {
        string python = TestPython.All.First(entry => entry.Version == version).Path;
        string examples = Path.Combine(ServerProcess.Repository, "examples");
        using ServerProcess server = ServerProcess.StartWith(python, application, ["--chdir", examples]);
        if (version != "default") Assert.Contains($"Python {version}", server.ReadyLine, StringComparison.Ordinal);
        WireResponse response = server.Get("/hello");
        Assert.Equal(200, response.Status);
        Assert.Equal(hello, response.Body);
        Assert.StartsWith("text/plain", response.Field("Content-Type"), StringComparison.Ordinal);
        if (application != "wsgiapp:app") Assert.Equal(404, server.Get("/no-such-page").Status);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void The_matrix_is_not_empty() => Assert.NotEmpty(TestPython.All);
}
