using System.Text;
using Seriema.Protocol.Tests;

namespace Fuzz.Targets;

/// <summary>What requests are made of: pieces that are right, pieces that nearly are, and the corpus.</summary>
/// <remarks>Pieces, because random bytes are all refused at the first one and prove nothing about the rest.</remarks>
internal static class RequestPieces
{
    private const int LongestCase = 1024; // a longer one is about a limit, which the small limits test faster

    internal static readonly byte[][] Methods =
        Of("GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "M-SEARCH", "CONNECT", "get", "G@T", "!", "");
    internal static readonly byte[][] RequestTargets = Of(
        "/", "/a/b?c", "/%2f;x", "/\u00E9|", "//b", "/?", "*", "http://b/x", "https://[::1]:80?q", "HTTP://b", "b:80",
        "/#f", "http://u@b/", "http://", "://[", "?", "", "/\0", "http://b:99999/");
    internal static readonly byte[][] Versions = Of(
        "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.9", "HTTP/2.0", "http/1.1", "HTTP/1.10", "",
        "HTTP/1.1 ");
    internal static readonly byte[][] LineEnds = Of(
        "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r", "");
    internal static readonly byte[][] Names = Of(
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Content_Length", "X-A", "Cookie",
        "Proxy", "proxy", "", "X A", "host ", "TRANSFER-ENCODING", "Range", "If-None-Match", "TE", "Upgrade", "X_", "\u00E9");
    internal static readonly byte[][] Values = Of(
        "a", "a:80", "[::1]", "5", "0", "10", "+5", "5,5", "chunked", "Chunked", "gzip, chunked", "chunked,", "close",
        "keep-alive", "100-continue", "", " \t", "\u00FF", "\0", "a b", "99999999999999999999", "18446744073709551621",
        "a@b", "[", "%zz", "x\ty", "identity");
    internal static readonly byte[][] Sizes = Of(
        "0", "1", "5", "a", "A", "05", "5;a=b", "5 ;x", "5 ", "0x5", "-1", "", "FFFFFFFFFFFFFFFF", "fffffff", "5;", "5;\"",
        "000000000000005", "0000000000000005", "5\t;\u00E9", "+5", "5_0");
    internal static readonly byte[][] Tokens =
    [
        .. Of("\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "_", "\x7F", "\u00FF", "\x1B", "0", "5", "f", "#", "@", "\"",
            "\r\n\r\n", "0\r\n\r\n", "5\r\nhello\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n",
            " HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: b\r\n\r\n", "\u000B", "\u000C", "\u0085", "\u00A0", "http://"),
        .. Names,
        .. Values,
    ];

    /// <summary>The bytes of every case that is not long.</summary>
    internal static readonly byte[][] Cases = [.. Load("requests", ".http"), .. Load("fuzz/parser", ".txt")];

    internal static byte[][] Of(params string[] texts) => [.. texts.Select(text => Encoding.Latin1.GetBytes(text))];

    private static IEnumerable<byte[]> Load(string folder, string suffix) =>
        from file in Corpus.Files(folder)
        where file.EndsWith(suffix, StringComparison.Ordinal)
        let text = File.ReadAllText(Corpus.PathOf(folder, file))
        let bytes = VisibleBytes.Parse(text[(text.IndexOf("\n---\n", StringComparison.Ordinal) + 5)..])
        where bytes.Length <= LongestCase
        select bytes;
}
