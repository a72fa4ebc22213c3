using System.Text;
using Microsoft.Extensions.Logging;
using Seriema.Protocol;
using Seriema.Protocol.Tests;
using Seriema.Wsgi;

namespace Seriema.Worker.Tests.Loop;

/// <summary>What the server does with a request that the parser refuses: one answer, one line in the log, the end.</summary>
public sealed class RejectionTests
{
    private const string Head = "GET /x HTTP/1.1\r\nHost: a\r\n";

    public static TheoryData<string> RejectedCases =>
        [.. Corpus.Files("requests").Where(file => RequestCase.Load(file).Verdict.Contains("rejected ", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(RejectedCases))]
    public void Each_rejected_case_of_the_corpus_gets_its_one_answer_and_never_reaches_the_application(string file)
    {
        RequestCase refused = RequestCase.Load(file);
        string[] verdicts = refused.Verdict.Split('\n');
        string code = verdicts[^1]["rejected ".Length..];
        Rejection rejection = Enum.GetValues<RejectReason>().Skip(1).Select(Rejections.Of).Single(one => one.Code == code);
        // Behind it stands a request that is right: it must not be served.
        string bytes = Encoding.Latin1.GetString(refused.Bytes) + LoopDriver.Get;
        using LoopDriver driver = new(Options());
        Peer peer = driver.Connect();
        driver.Exchange(peer, bytes);
        for (int turn = 0; turn < 20 && Responses.Statuses(peer.Sent).Length < verdicts.Length; turn++) driver.Readable(peer);

        int[] expected = [.. verdicts[..^1].Select(_ => 200), rejection.Status];
        Assert.Equal(expected, Responses.Statuses(peer.Sent));
        Assert.Equal(verdicts.Length - 1, driver.Calls);
        bool isHead = bytes.StartsWith("HEAD ", StringComparison.Ordinal);
        Assert.EndsWith(isHead ? "\r\n\r\n" : rejection.Text, peer.Sent, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", peer.Sent, StringComparison.Ordinal);
        Assert.True(driver.StateOf(peer) is ConnectionState.Closed or ConnectionState.Lingering, $"{driver.StateOf(peer)}");

        (LogLevel level, string line) = Assert.Single(driver.Log.Lines, one => one.Text.StartsWith("rejected", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Information, level);
        Assert.StartsWith($"rejected with {rejection.Status} {code} from ", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, c => c is < ' ' or > '~');
        Assert.InRange(line.Length, 1, 2000); // two texts of 200 bytes, each byte at most four characters
    }

    [Theory]
    [InlineData("X A: b\r\n\r\n", @"bad-field-name from 192.0.2.7: ""X A: b"" in ""GET /x HTTP/1.1""")]
    [InlineData("X: a\x1b[31mred\r\n\r\n", @"control-character from 192.0.2.7: ""X: a\x1b[31mred"" in ""GET /x HTTP/1.1""")]
    [InlineData("X: a\rb: c\r\n\r\n", @"bare-cr from 192.0.2.7: ""X: a\rb: c"" in ""GET /x HTTP/1.1""")]
    [InlineData("X: a\nrejected with 200 fine from 192.0.2.7\r\n\r\n", @"bare-lf from 192.0.2.7: ""X: a\nrejected"" in ""GET /x HTTP/1.1""")]
    [InlineData("\xe9\x9b: b\r\n\r\n", @"bad-field-name from 192.0.2.7: ""\xe9\x9b: b"" in ""GET /x HTTP/1.1""")]
    [InlineData("\"X\" in \"Y\": b\r\n\r\n", @"bad-field-name from 192.0.2.7: ""\""X\"" in \""Y\"": b"" in ""GET /x HTTP/1.1""")]
    [InlineData("X: y\r\n secret\r\n\r\n", @"obs-fold from 192.0.2.7: "" "" and 6 bytes in ""GET /x HTTP/1.1""")]
    [InlineData("Host: b\r\n\r\n", @"repeated-host from 192.0.2.7: ""Host: b"" in ""GET /x HTTP/1.1""")]
    [InlineData("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", @"content-length-with-transfer-encoding from 192.0.2.7: ""GET /x HTTP/1.1""")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhelloGET / HTTP/1.1\r\n", @"missing-chunk-end from 192.0.2.7: ""GET / HTTP/1.1\r\n"" in the body of ""GET /x HTTP/1.1""")]
    public void The_log_shows_the_bytes_of_the_mistake_and_where_it_is(string fields, string line) =>
        Assert.Equal("rejected with 400 " + line, Log(Head + fields));

    [Theory]
    [InlineData("Cookie: a=secret\x01\r\n\r\n", @"""Cookie"" and 11 bytes")]
    [InlineData("authorization : Basic secret\r\n\r\n", @"""authorization"" and 15 bytes")]
    [InlineData("Proxy-Authorization\r\n\r\n", @"""Proxy-Authorization""")]
    [InlineData("Cookie: secret\r\nX A: b\r\nAuthorization: secret\r\n\r\n", @"""X A: b""")]
    [InlineData("Cookie: secret\r\nTransfer-Encoding: chunked\r\n\r\nx", @"""x"" in the body of ""GET /x HTTP/1.1""")]
    [InlineData("X-Api-Key secret\r\n\r\n", @"""X-Api-Key"" and 7 bytes")]
    [InlineData("X: /?token=secret\x01secret\r\n\r\n", @"""X: /?token=[13 bytes hidden]""")]
    [InlineData("Host: me:secret@b\r\n\r\n", @"""Host: [9 bytes hidden]@b"" in ""GET /x HTTP/1.1""")]
    public void No_secret_is_logged(string fields, string shown)
    {
        string line = Log(Head + fields);
        Assert.Contains(shown, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /\xff\"\\ HTTP/3.0\r\n", @"rejected with 505 version-not-supported from 192.0.2.7: ""GET /\xff\""\\ HTTP/3.0""")]
    [InlineData("\r\n\r\n\x16\x03\x01", @"rejected with 400 not-http from 192.0.2.7: ""\x16\x03\x01""")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n", @"rejected with 400 bare-lf from 192.0.2.7: ""GET / HTTP/1.1\nHost: a\n""")]
    [InlineData("GET http://me:secret@a/ HTTP/1.1\r\nHost: a\r\n\r\n", @"rejected with 400 userinfo-in-authority from 192.0.2.7: ""GET http://[9 bytes hidden]@a/ HTTP/1.1""")]
    [InlineData("GET /x?a=1&access_token=sec ret&b=2 HTTP/1.1\r\n", @"rejected with 400 extra-space from 192.0.2.7: ""GET /x?a=1&access_token=[7 bytes hidden]&b=2 HTTP/1.1""")]
    public void A_mistake_in_the_request_line_is_shown_once(string bytes, string line) => Assert.Equal(line, Log(bytes));

    [Fact]
    public void A_long_line_is_cut_in_the_log()
    {
        string line = Log(Head + $"X: {new string('\x7f', 1)}{new string('y', 5000)}\r\n\r\n");
        Assert.EndsWith(@"""X: \x7fyyyyyyyy"" in ""GET /x HTTP/1.1""", line, StringComparison.Ordinal);
        line = Log($"GET /{new string('\xff', 20_000)} HTTP/1.1\r\n");
        Assert.StartsWith(@"rejected with 414 request-line-too-long from 192.0.2.7: ""GET /\xff", line, StringComparison.Ordinal);
        Assert.EndsWith(@"\xff...""", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 200, 1000);
    }

    [Fact]
    public void A_body_that_breaks_while_the_application_reads_it_is_logged_with_its_code_too()
    {
        BodyResult result = BodyResult.Ok;
        using LoopDriver driver = new(LoopDriver.Options(bodyBuffer: 4), (_, exchange) =>
        {
            while (result == BodyResult.Ok && !exchange.IsBodyComplete)
            {
                exchange.ConsumeBody(exchange.BufferedBody.Length);
                result = exchange.FillBody();
            }
            Reply.With(exchange, "seen");
        });
        Peer peer = driver.Connect();
        driver.Exchange(peer, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabcdefghi\r\n-1\r\n" + LoopDriver.Get);
        Assert.Equal((BodyResult.Malformed, 1), (result, driver.Calls));
        Assert.Equal(@"rejected with 400 bad-chunk-size from 192.0.2.7: ""-1\r\nGET / HTTP/1"" in the body of ""POST /x HTTP/1.1""", Rejected(driver));
        driver.Readable(peer);
        Assert.Equal([200], Responses.Statuses(peer.Sent)); // what stands behind is nobody's request
        Assert.True(driver.StateOf(peer) is ConnectionState.Closed or ConnectionState.Lingering);
    }

    private static string Log(string bytes)
    {
        using LoopDriver driver = new(Options());
        driver.Exchange(driver.Connect(), bytes);
        return Rejected(driver);
    }

    private static string Rejected(LoopDriver driver) =>
        Assert.Single(driver.Log.Lines, one => one.Text.StartsWith("rejected", StringComparison.Ordinal)).Text;

    // The limits that the corpus is written for.
    private static WsgiServerOptions Options() => new()
    {
        Application = "none",
        Threads = 1,
        HeadTimeout = TimeSpan.FromMinutes(5),
        LoggerFactory = new LogRecorder(),
    };
}
