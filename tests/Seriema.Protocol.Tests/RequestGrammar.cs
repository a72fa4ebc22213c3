using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Makes requests out of right and nearly right pieces, from a seed.</summary>
/// <remarks>Pieces, because random bytes are all refused at the first one and prove nothing about the rest.</remarks>
internal sealed class RequestGrammar(int seed)
{
    private static readonly string[] s_methods =
        ["GET", "HEAD", "POST", "OPTIONS", "CONNECT", "get", "M-SEARCH", "G@T", ""];
    private static readonly string[] s_targets =
        ["/", "/a/b?c", "*", "http://b/x", "https://[::1]:80?q", "b:80", "/#f", "http://u@b/", "", "/\u00E9|",
        "/%2f", "http://"];
    private static readonly string[] s_versions =
        ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.9", "HTTP/2.0", "http/1.1", "HTTP/1.10",
        ""];
    private static readonly string[] s_ends =
        ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", ""];
    private static readonly string[] s_names =
        ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Content_Length", "X-A",
        "Cookie", "Proxy", "", "X A", "host "];
    private static readonly string[] s_values =
        ["a", "a:80", "[::1]", "5", "0", "10", "+5", "5,5", "chunked", "gzip, chunked", "chunked,",
        "close", "keep-alive", "100-continue", "", " \t", "\u00FF", "\0", "a b", "99999999999999999999"];
    private static readonly string[] s_sizes =
        ["0", "1", "5", "a", "05", "5;a=b", "5 ;x", "5 ", "0x5", "-1", "", "FFFFFFFFFFFFFFFF", "fffffff"];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();

    internal byte[] Make()
    {
        _text.Clear();
        for (int messages = _random.Next(1, 4); messages > 0; messages--) AddMessage();
        byte[] bytes = Encoding.Latin1.GetBytes(_text.ToString());
        return _random.Next(3) == 0 ? Damage(bytes) : bytes;
    }

    private void AddMessage()
    {
        if (_random.Next(8) == 0) Add(Pick(s_ends));
        Add(Pick(s_methods), _random.Next(20) == 0 ? "  " : " ", Pick(s_targets), " ", Pick(s_versions), Pick(s_ends));
        if (_random.Next(4) > 0) Add("Host: a\r\n");
        bool chunked = _random.Next(3) == 0;
        if (chunked) Add("Transfer-Encoding: chunked\r\n");
        for (int fields = _random.Next(4); fields > 0; fields--)
        {
            Add(_random.Next(20) == 0 ? " " : "", Pick(s_names), ":");
            Add(_random.Next(2) == 0 ? " " : "", Pick(s_values), Pick(s_ends));
        }
        Add(Pick(s_ends));
        if (chunked) AddChunks();
        else if (_random.Next(2) == 0) Add("hello");
    }

    private void AddChunks()
    {
        for (int chunks = _random.Next(4); chunks > 0; chunks--)
        {
            Add(Pick(s_sizes), Pick(s_ends), "hello", Pick(s_ends));
        }
        Add("0", Pick(s_ends));
        if (_random.Next(3) == 0) Add(Pick(s_names), ":", Pick(s_values), Pick(s_ends));
        Add(Pick(s_ends));
    }

    // Flips, drops, doubles or inserts a few bytes anywhere.
    private byte[] Damage(byte[] bytes)
    {
        List<byte> damaged = [.. bytes];
        for (int times = _random.Next(1, 4); times > 0 && damaged.Count > 0; times--)
        {
            int at = _random.Next(damaged.Count);
            switch (_random.Next(4))
            {
                case 0: damaged[at] = (byte)_random.Next(256); break;
                case 1: damaged.RemoveAt(at); break;
                case 2: damaged.Insert(at, damaged[at]); break;
                default: damaged.Insert(at, (byte)"\r\n\0 :;,\t\x7F"[_random.Next(9)]); break;
            }
        }
        return [.. damaged];
    }

    private string Pick(string[] pieces) => pieces[_random.Next(pieces.Length)];

    private void Add(params ReadOnlySpan<string> pieces)
    {
        foreach (string piece in pieces) _text.Append(piece);
    }
}
