using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>What a GET would send, and the answer to a request with conditions and ranges in words.</summary>
internal sealed record Representation(long Length, byte[] EntityTag, long? LastModified)
{
    /// <summary>The status, and behind 206 the parts: <c>206 0-99,200-299</c>.</summary>
    internal string Answer(byte[] request, long now)
    {
        RequestHead head = new();
        ParseStatus status = new RequestParser(new HttpLimits()).Read(request, head, out _);
        if (status != ParseStatus.Done) return status.ToString();

        PreconditionVerdict verdict = Preconditions.Evaluate(head, request, EntityTag, LastModified, now);
        if (verdict.Outcome == PreconditionOutcome.NotModified) return "304";
        if (verdict.Outcome == PreconditionOutcome.PreconditionFailed) return "412";
        ByteRange[] ranges = new ByteRange[ByteRanges.MaxRanges];
        return ByteRanges.Parse(verdict.Range.Of(request), Length, ranges, out int count) switch
        {
            RangeOutcome.Whole => "200",
            RangeOutcome.Unsatisfiable => "416",
            RangeOutcome.Single when count != 1 => $"{count} ranges called one",
            RangeOutcome.Several when count < 2 => $"{count} ranges called several",
            _ => "206 " + string.Join(',', ranges.Take(count).Select(range => $"{range.First}-{range.Last}")),
        };
    }

    internal string Answer(string request, long now) => Answer(Encoding.Latin1.GetBytes(request), now);
}
