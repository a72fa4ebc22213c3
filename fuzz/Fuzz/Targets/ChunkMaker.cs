using static Fuzz.Targets.RequestPieces;

namespace Fuzz.Targets;

/// <summary>Makes chunked bodies, behind the head.</summary>
internal static class ChunkMaker
{
    private static readonly byte[][] s_rightExtensions = Of("", "", "", ";", ";a", ";a=b", " ; a=\"b;c\"", "\t;x=\u00E9", ";0", ";a;b");
    private static readonly byte[][] s_rightTrailers = Of("X: y\r\n", "Content-Length: 9\r\n", "a:\r\n", "X_Y: \u00E9\r\n", "Host: b\r\n");
    private static readonly byte[][] s_data = Of("hello", "", "x", "\r\n", "0\r\n\r\n", "hello world", "\0\u00FF");

    /// <summary>A right one; its data goes into the digest.</summary>
    internal static void AddRight(ref FuzzRandom random, FuzzInput input, ref Digest bodies)
    {
        Span<byte> data = stackalloc byte[40];
        for (int chunks = random.Next(5); chunks > 0; chunks--)
        {
            Span<byte> chunk = data[..(1 + random.Next(random.OneIn(4) ? 39 : 8))];
            FillBody(ref random, chunk);
            for (int zeros = random.OneIn(4) ? random.Next(13) : 0; zeros > 0; zeros--) input.Add((byte)'0');
            input.AddHex(chunk.Length, random.OneIn(2));
            input.Add(random.Pick(s_rightExtensions));
            input.Add("\r\n"u8);
            input.Add(chunk);
            input.Add("\r\n"u8);
            bodies.Add(chunk);
        }
        input.Add(random.OneIn(4) ? "000"u8 : "0"u8);
        input.Add(random.Pick(s_rightExtensions));
        input.Add("\r\n"u8);
        for (int trailers = random.OneIn(3) ? random.Next(3) : 0; trailers > 0; trailers--) input.Add(random.Pick(s_rightTrailers));
        input.Add("\r\n"u8);
    }

    internal static void AddNearlyRight(ref FuzzRandom random, FuzzInput input)
    {
        for (int chunks = random.Next(4); chunks > 0; chunks--)
        {
            input.Add(random.Pick(Sizes));
            input.Add(random.Pick(LineEnds));
            input.Add(random.OneIn(4) ? random.Pick(s_data) : "hello"u8);
            input.Add(random.Pick(LineEnds));
        }
        input.Add(random.OneIn(8) ? random.Pick(Sizes) : "0"u8);
        input.Add(random.Pick(LineEnds));
        while (random.OneIn(3)) RequestMaker.AddField(ref random, input);
        input.Add(random.Pick(LineEnds));
    }

    // Letters, and now and then what framing is made of.
    internal static void FillBody(ref FuzzRandom random, Span<byte> body)
    {
        foreach (ref byte b in body)
        {
            ulong bits = random.NextUInt64();
            b = (bits & 7) == 0 ? "\r\n0;:\0\xFF "u8[(int)((bits >> 8) % 8)] : (byte)('a' + ((bits >> 8) % 26));
        }
    }
}
