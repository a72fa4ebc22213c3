namespace Seriema.Process.Tests;

/// <summary>What a visitor does on the site of the small framework; the same whichever server has it.</summary>
internal static class FrameVisit
{
    internal static void Check(WireClient client)
    {
        Assert.Equal("Hello world from the small framework!\n", Ask(client, "GET", "/hello", 200, "text/plain; charset=utf-8").Body);
        Assert.Contains("<h1>Index</h1>", Ask(client, "GET", "/?unused=%FF", 200, "text/html; charset=utf-8").Body, StringComparison.Ordinal);
        Assert.Matches("<time datetime=\"[-0-9]{10}T[:0-9]{8}[-+][0-9]{4}\">[:0-9]{8}</time>", Ask(client, "GET", "/time", 200).Body);
        Assert.Contains("<p>Hello, &lt;b&gt;x!</p>", Ask(client, "GET", "/hello/%3Cb%3Ex", 200).Body, StringComparison.Ordinal);
        Assert.Contains("<p>Hello, world!</p>", Ask(client, "GET", "/hello/", 200).Body, StringComparison.Ordinal);
        Assert.Contains("There is no such page", Ask(client, "GET", "/no/such/page", 404, "text/html; charset=utf-8").Body, StringComparison.Ordinal);
        Assert.Equal("GET, HEAD, POST", Ask(client, "DELETE", "/login", 405).Field("Allow"));
        CheckLogin(client);
        CheckFiles(client);
    }

    private static void CheckLogin(WireClient client)
    {
        Assert.Contains("<form method=\"post\">", Ask(client, "GET", "/login", 200).Body, StringComparison.Ordinal);
        Assert.Equal("/hello/guest", Post(client, "name=guest&password=seriema", 303).Field("Location"));
        Assert.Contains("value=\"&quot;&gt;\"", Post(client, "name=%22%3E&password=seriema", 403).Body, StringComparison.Ordinal);
        Post(client, "name=guest&password=", 403);
        Post(client, "name=&password=", 403);
        Post(client, new string('&', 200), 400);
        Post(client, "name=guest", 415, "multipart/form-data; boundary=x");
        Post(client, "name=" + new string('x', 64 * 1024), 413);
    }

    private static void CheckFiles(WireClient client)
    {
        WireResponse style = Ask(client, "GET", "/static/style.css", 200, "text/css; charset=utf-8");
        string file = Path.Combine(PythonProcess.Examples, "frame", "static", "style.css");
        Assert.Equal(File.ReadAllText(file), style.Body);
        client.SendRequest("HEAD", "/static/style.css", []);
        WireResponse head = client.ReadResponse(isHead: true);
        Assert.Equal(style.Field("Content-Length"), head.Field("Content-Length"));
        foreach (string target in new[] { "/static/", "/static/..", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%00" })
        {
            client.SendRequest("GET", target, []);
            Assert.True(client.ReadResponse().Status == 404, target);
        }
    }

    private static WireResponse Ask(WireClient client, string method, string target, int status, string? type = null)
    {
        client.SendRequest(method, target, []);
        WireResponse response = client.ReadResponse();
        Assert.True(response.Status == status, $"{method} {target}: {response.Status}");
        if (type is not null) Assert.Equal(type, response.Field("Content-Type"));
        return response;
    }

    private static WireResponse Post(WireClient client, string form, int status, string type = "application/x-www-form-urlencoded")
    {
        client.SendRequest("POST", "/login", [$"Content-Type: {type}"], form);
        WireResponse response = client.ReadResponse();
        Assert.True(response.Status == status, $"{form[..Math.Min(form.Length, 40)]}: {response.Status}");
        return response;
    }
}
