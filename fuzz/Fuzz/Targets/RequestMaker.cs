using static Fuzz.Targets.RequestPieces;

namespace Fuzz.Targets;

/// <summary>Makes one to three requests behind each other: all right, nearly right, damaged, or cases of the corpus.</summary>
internal static class RequestMaker
{
    private static readonly byte[][] s_rightMethods = Of("GET", "HEAD", "POST", "PUT", "DELETE", "M-SEARCH", "x");
    private static readonly byte[][] s_rightTargets = Of("/", "/a/b?c", "/%2f;x=y", "/?a?b", "http://b/x", "https://[::1]:80/?q", "//b");
    private static readonly byte[][] s_rightFields = Of(
        "X-A: b\r\n", "x:\r\n", "Cookie: a=b; c\r\n", "X_Y: z\r\n", "Proxy: p\r\n", "Connection: close\r\n", "TE: trailers\r\n",
        "X: \u00E9\tz \r\n", "Expect: 100-continue\r\n", "Range: bytes=0-9\r\n");

    internal static void Make(ref FuzzRandom random, FuzzInput input)
    {
        switch (random.Next(8))
        {
            case 0 or 1:
                MakeRight(ref random, input);
                return;
            case 2 or 3:
                MakeNearlyRight(ref random, input);
                break;
            case 4:
                MakeRight(ref random, input);
                input.Damage(ref random, Tokens);
                break;
            case 5:
                MakeNearlyRight(ref random, input);
                input.Damage(ref random, Tokens);
                break;
            default:
                input.Set(random.Pick(Cases));
                if (random.OneIn(3)) input.Add(random.Pick(Cases));
                input.Damage(ref random, Tokens);
                break;
        }
    }

    private static void MakeRight(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        Digest bodies = new();
        int messages = 1 + random.Next(3);
        input.Messages = messages;
        for (int i = 0; i < messages; i++)
        {
            input.Add(random.Pick(s_rightMethods));
            input.Add((byte)' ');
            input.Add(random.Pick(s_rightTargets));
            input.Add(" HTTP/1.1\r\nHost: a\r\n"u8);
            for (int fields = random.Next(4); fields > 0; fields--) input.Add(random.Pick(s_rightFields));
            switch (random.Next(3))
            {
                case 0:
                    input.Add("\r\n"u8);
                    break;
                case 1:
                    AddLengthBody(ref random, input, ref bodies);
                    break;
                default:
                    input.Add("Transfer-Encoding: chunked\r\n\r\n"u8);
                    ChunkMaker.AddRight(ref random, input, ref bodies);
                    break;
            }
        }
        input.Bodies = bodies.Value;
    }

    private static void AddLengthBody(ref FuzzRandom random, FuzzInput input, ref Digest bodies)
    {
        Span<byte> body = stackalloc byte[30];
        body = body[..random.Next(body.Length)];
        ChunkMaker.FillBody(ref random, body);
        input.Add("Content-Length: "u8);
        input.AddDecimal(body.Length);
        input.Add("\r\n\r\n"u8);
        input.Add(body);
        bodies.Add(body);
    }

    private static void MakeNearlyRight(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        for (int messages = 1 + random.Next(3); messages > 0; messages--)
        {
            if (random.OneIn(8)) input.Add(random.Pick(LineEnds));
            input.Add(random.Pick(Methods));
            input.Add(random.OneIn(20) ? "  "u8 : " "u8);
            input.Add(random.Pick(RequestTargets));
            input.Add((byte)' ');
            input.Add(random.Pick(Versions));
            input.Add(random.Pick(LineEnds));
            if (!random.OneIn(4)) input.Add("Host: a\r\n"u8);
            bool isChunked = random.OneIn(3);
            if (isChunked) input.Add("Transfer-Encoding: chunked\r\n"u8);
            for (int fields = random.Next(4); fields > 0; fields--) AddField(ref random, input);
            input.Add(random.Pick(LineEnds));
            if (isChunked) ChunkMaker.AddNearlyRight(ref random, input);
            else if (random.OneIn(2)) input.Add("hello"u8);
        }
    }

    internal static void AddField(ref FuzzRandom random, FuzzInput input)
    {
        if (random.OneIn(20)) input.Add((byte)' ');
        input.Add(random.Pick(Names));
        input.Add((byte)':');
        if (random.OneIn(2)) input.Add((byte)' ');
        input.Add(random.Pick(Values));
        input.Add(random.Pick(LineEnds));
    }
}
