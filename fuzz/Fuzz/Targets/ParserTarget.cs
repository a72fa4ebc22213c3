using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>Whole requests through parser and body reader: heads, bodies and what follows them.</summary>
internal sealed class ParserTarget : FuzzTarget
{
    internal static readonly HttpLimits Small = new()
    {
        RequestLine = 40,
        FieldSize = 40,
        Fields = 4,
        Head = 150,
        Body = 40,
        ChunkLine = 8,
        ChunkExtensions = 16,
        TrailerSize = 30,
    };

    private readonly MessageDriver _usual = new(new HttpLimits());
    private readonly MessageDriver _small = new(Small);

    internal override void Make(ref FuzzRandom random, FuzzInput input) => RequestMaker.Make(ref random, input);

    internal override bool Check(FuzzInput input)
    {
        ThreeArrivals.Check(_small, input.Bytes);
        ThreeArrivals.Check(_usual, input.Bytes);
        if (input.Messages < 0) return _usual.Accepted > 0 && !_usual.Rejected;
        Finding.Unless(!_usual.Rejected && _usual.Accepted == input.Messages, "Right requests are not accepted.");
        Finding.Unless(_usual.Bodies == input.Bodies, "A body is not the one that was sent.");
        return true;
    }
}
