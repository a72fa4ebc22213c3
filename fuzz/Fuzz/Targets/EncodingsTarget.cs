using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>Accept-Encoding: the lines of the input are the field's.</summary>
internal sealed class EncodingsTarget : FuzzTarget
{
    private static readonly byte[][] s_codings =
        Pieces("gzip", "br", "zstd", "x-gzip", "identity", "*", "GZIP", "deflate", "", "gz ip", "br;", "\u00E9");
    private static readonly byte[][] s_weights =
        Pieces("", "", "", ";q=1", ";q=0", "; q=0.5", ";Q=0.001", ";q=1.000", ";q=1.001", ";q=2", ";q=0.0001", ";q=", ";q =1", ";q=0.x", ";a=b");
    private static readonly byte[][] s_between = Pieces(",", ", ", "\n", "\n", ",,", ";", " ");
    private static readonly byte[][] s_tokens = Pieces(",", ";", "q=", "0", "1", ".", "*", "\n", " ", "\t", "\0");

    private readonly RequestHead _head = new();
    private readonly byte[] _joined = new byte[FuzzInput.Capacity];

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        for (int codings = random.Next(6); codings >= 0; codings--)
        {
            input.Add(random.Pick(s_codings));
            input.Add(random.Pick(s_weights));
            if (codings > 0) input.Add(random.Pick(s_between));
        }
        if (random.OneIn(3)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        ReadOnlySpan<byte> bytes = input.Bytes;
        Span<byte> joined = _joined.AsSpan(0, bytes.Length);
        bytes.Replace(joined, (byte)'\n', (byte)',');
        ContentCodings all = ContentCodings.None;
        for (int set = 1; set < 16; set++)
        {
            ContentCodings available = (ContentCodings)set;
            ContentCodings chosen = Choose(bytes, available);
            Finding.Unless((chosen & ~available) == 0, "A coding is chosen that is not there.");
            Finding.Unless(((int)chosen & ((int)chosen - 1)) == 0, "Two codings are chosen.");
            Finding.Unless(Choose(joined, available) == chosen, "Joined, the lines mean something else.");
            all |= chosen;
        }
        return all is not (ContentCodings.None or ContentCodings.Identity);
    }

    private ContentCodings Choose(ReadOnlySpan<byte> lines, ContentCodings available)
    {
        _head.Reset();
        for (int start = 0; ;)
        {
            int length = lines[start..].IndexOf((byte)'\n');
            int end = length < 0 ? lines.Length : start + length;
            _head.AddField(new Field(default, new Slice(start, end - start), KnownField.AcceptEncoding));
            if (length < 0) break;
            start = end + 1;
        }
        return AcceptEncoding.Choose(_head, lines, available);
    }
}
