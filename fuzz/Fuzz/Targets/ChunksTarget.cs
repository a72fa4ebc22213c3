using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>The chunk decoder: the bytes are those behind a head that says chunked.</summary>
internal sealed class ChunksTarget : FuzzTarget
{
    private static readonly byte[] s_head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();

    private readonly MessageDriver _usual = new(new HttpLimits());
    private readonly MessageDriver _small = new(ParserTarget.Small with { FieldSize = 80 });
    private readonly byte[] _message = new byte[s_head.Length + FuzzInput.Capacity];

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        if (random.OneIn(3))
        {
            ChunkMaker.AddNearlyRight(ref random, input);
        }
        else
        {
            Digest bodies = new();
            input.Messages = 1;
            ChunkMaker.AddRight(ref random, input, ref bodies);
            input.Bodies = bodies.Value;
            if (random.OneIn(2)) return;
        }
        if (random.OneIn(2)) input.Damage(ref random, RequestPieces.Tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        s_head.CopyTo(_message, 0);
        input.Bytes.CopyTo(_message.AsSpan(s_head.Length));
        ReadOnlySpan<byte> bytes = _message.AsSpan(0, s_head.Length + input.Length);
        ThreeArrivals.Check(_small, bytes);
        ThreeArrivals.Check(_usual, bytes);
        if (input.Messages < 0) return _usual.Accepted > 0;
        Finding.Unless(!_usual.Rejected && _usual.Accepted == 1, "A right chunked body is not accepted.");
        Finding.Unless(_usual.Bodies == input.Bodies, "A chunked body is not the one that was sent.");
        return true;
    }
}
