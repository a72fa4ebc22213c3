using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>What of a line of a message may be shown.</summary>
public sealed class SecretsTests
{
    [Theory]
    [InlineData("Host: a")]
    [InlineData("X: Authorization: Basic none of ours")]
    [InlineData("WWW-Authenticate: Bearer realm=\"a\"")]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Referer: http://a/?page=2&sort=name")]
    [InlineData("")]
    [InlineData(": x")]
    public void A_field_that_is_no_secret_is_shown_whole(string line) => Assert.Equal(line, Field(line));

    [Theory]
    [InlineData("Authorization: Basic dTpw", "Authorization: Basic [4 bytes hidden]")]
    [InlineData("AUTHORIZATION:\t bearer abc", "AUTHORIZATION:\t bearer [3 bytes hidden]")]
    [InlineData("Authorization: hunter2 is mine", "Authorization: [15 bytes hidden]")]
    [InlineData("Authorization: Basic", "Authorization: [5 bytes hidden]")]
    [InlineData("Authorization:", "Authorization:[0 bytes hidden]")]
    [InlineData("Proxy-Authorization: Digest a=\"b\", c", "Proxy-Authorization: Digest [8 bytes hidden]")]
    [InlineData("Cookie: Basic abc", "Cookie: [9 bytes hidden]")]
    [InlineData("Set-Cookie: a=b; HttpOnly", "Set-Cookie: [13 bytes hidden]")]
    [InlineData("Set-Cookie2: a=b", "Set-Cookie2: [3 bytes hidden]")]
    [InlineData("X-CSRFToken: abc", "X-CSRFToken: [3 bytes hidden]")]
    [InlineData("X_API_Key: abc", "X_API_Key: [3 bytes hidden]")]
    [InlineData("X-Amz-Signature: abc", "X-Amz-Signature: [3 bytes hidden]")]
    [InlineData("Location: /done?code=abc&state=1", "Location: /done?code=[3 bytes hidden]&state=1")]
    [InlineData("host: u:p@a", "host: [3 bytes hidden]@a")]
    [InlineData("Authorization Basic abc", "Authorization[10 bytes hidden]")]
    public void Of_a_secret_field_the_value_is_hidden(string line, string shown) => Assert.Equal(shown, Field(line));

    [Theory]
    [InlineData("GET / HTTP/1.1", "GET / HTTP/1.1")]
    [InlineData("GET /token=abc HTTP/1.1", "GET /token=abc HTTP/1.1")]
    [InlineData("GET /?key&codec=1&monkey=2 HTTP/1.1", "GET /?key&codec=1&monkey=2 HTTP/1.1")]
    [InlineData("GET /?key=a HTTP/1.1", "GET /?key=[1 bytes hidden] HTTP/1.1")]
    [InlineData("GET /?a=1&Password=b&c=d HTTP/1.1", "GET /?a=1&Password=[1 bytes hidden]&c=d HTTP/1.1")]
    [InlineData("GET /?a=1;sid=b;c HTTP/1.1", "GET /?a=1;sid=[3 bytes hidden] HTTP/1.1")]
    [InlineData("GET /?token=a=b?c=d HTTP/1.1", "GET /?token=[7 bytes hidden] HTTP/1.1")]
    [InlineData("GET /?token=&key=&sig= HTTP/1.1", "GET /?token=[0 bytes hidden]&key=[0 bytes hidden]&sig=[0 bytes hidden] HTTP/1.1")]
    [InlineData("GET /?token=a b", "GET /?token=[3 bytes hidden]")]
    [InlineData("/?token=a#b", "/?token=[3 bytes hidden]")]
    [InlineData("GET http://u:p@a@b/c@d HTTP/1.1", "GET http://[5 bytes hidden]@b/c@d HTTP/1.1")]
    [InlineData("GET http://a/b@c HTTP/1.1", "GET http://a/b@c HTTP/1.1")]
    [InlineData("CONNECT u:p@a:443 HTTP/1.1", "CONNECT [3 bytes hidden]@a:443 HTTP/1.1")]
    [InlineData("GET http://u:p", "GET http://u:p")]
    [InlineData("?", "?")]
    public void Of_a_line_with_an_URL_the_secrets_are_hidden(string line, string shown) =>
        Assert.Equal(shown, Encoding.Latin1.GetString(Secrets.HideInLine(Encoding.Latin1.GetBytes(line))));

    // A line of a log is written for each rejected request; its cost must not be the attack.
    [Fact]
    public void A_line_full_of_secrets_takes_memory_in_proportion_to_its_length()
    {
        byte[] line = Encoding.ASCII.GetBytes("GET /?" + string.Concat(Enumerable.Repeat("key=&", 1600)) + " HTTP/1.1");
        _ = Secrets.HideInLine(line);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int length = Secrets.HideInLine(line).Length;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(length, 1600 * 20, 1600 * 30);
        Assert.InRange(allocated, length, 20 * length);
    }

    private static string Field(string line) => Encoding.Latin1.GetString(Secrets.HideInField(Encoding.Latin1.GetBytes(line)));
}
