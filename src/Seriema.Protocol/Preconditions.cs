namespace Seriema.Protocol;

/// <summary>Evaluates If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since and If-Range.</summary>
/// <remarks>
/// For GET and HEAD of a representation that would be sent with 200: RFC 9110 §13.2.1 wants the fields ignored when
/// the answer would be another one. Any thread; nothing is allocated. Corpus: tests/corpus/conditionals.
/// </remarks>
internal static class Preconditions
{
    /// <summary>The order of RFC 9110 §13.2.2.</summary>
    /// <param name="head">The parsed head.</param>
    /// <param name="headBytes">The bytes that it points into.</param>
    /// <param name="entityTag">The representation's ETag as it is sent, with quotes; empty without one.</param>
    /// <param name="lastModified">Seconds since 1970, as they are sent; null without Last-Modified.</param>
    /// <param name="now">The server's clock in seconds since 1970.</param>
    internal static PreconditionVerdict Evaluate(
        RequestHead head, ReadOnlySpan<byte> headBytes, ReadOnlySpan<byte> entityTag, long? lastModified, long now)
    {
        _ = EntityTag.TryParse(entityTag, out EntityTag current);
        EntityTagCondition ifMatch = default;
        EntityTagCondition ifNoneMatch = default;
        Singleton ifModifiedSince = default;
        Singleton ifUnmodifiedSince = default;
        Singleton ifRange = default;
        Singleton range = default;
        foreach (ref readonly Field field in head.Fields)
        {
            switch (field.Known)
            {
                case KnownField.IfMatch: ifMatch.AddLine(field.Value.Of(headBytes), current, weakly: false); break;
                case KnownField.IfNoneMatch:
                    ifNoneMatch.AddLine(field.Value.Of(headBytes), current, weakly: true);
                    break;
                case KnownField.IfModifiedSince: ifModifiedSince.Add(field.Value); break;
                case KnownField.IfUnmodifiedSince: ifUnmodifiedSince.Add(field.Value); break;
                case KnownField.IfRange: ifRange.Add(field.Value); break;
                case KnownField.Range: range.Add(field.Value); break;
            }
        }

        // §13.2.2 items 1 and 2
        bool isMeant = ifMatch.IsPresent
            ? ifMatch.Matches
            : !ifUnmodifiedSince.TryDate(headBytes, now, out long unmodifiedSince) || !(lastModified > unmodifiedSince);
        if (!isMeant) return new(PreconditionOutcome.PreconditionFailed, default);

        // Items 3 and 4
        bool isKnown = ifNoneMatch.IsPresent
            ? ifNoneMatch.Matches
            : ifModifiedSince.TryDate(headBytes, now, out long modifiedSince) && lastModified <= modifiedSince;
        if (isKnown) return new(PreconditionOutcome.NotModified, default);

        // Item 5. §14.2: GET is the only method with ranges; a field of several lines is no ranges-specifier.
        if (!head.IsGet || range.Lines != 1) return default;
        if (ifRange.Lines > 0 && !IsUnchanged(ifRange, headBytes, current, lastModified, now)) return default;
        return new(PreconditionOutcome.Proceed, range.Value);
    }

    // RFC 9110 §13.1.5: a strong tag that is equal, or the very date of a strong Last-Modified.
    private static bool IsUnchanged(
        Singleton ifRange, ReadOnlySpan<byte> headBytes, EntityTag current, long? lastModified, long now)
    {
        if (ifRange.Lines != 1) return false;
        if (EntityTag.TryParse(ifRange.Value.Of(headBytes), out EntityTag tag)) return tag.EqualsStrongly(current);
        // §8.8.2.2: while its second lasts, a file may change again without its date showing it.
        return ifRange.TryDate(headBytes, now, out long date) && date == lastModified && date < now;
    }

    /// <summary>A field that is one value and no list: more than one line makes it invalid.</summary>
    private struct Singleton
    {
        internal int Lines { get; private set; }

        internal Slice Value { get; private set; }

        internal void Add(Slice value)
        {
            Lines++;
            Value = value;
        }

        // §13.1.3, §13.1.4: no field, several members, and what is no HTTP-date are all ignored.
        internal readonly bool TryDate(ReadOnlySpan<byte> headBytes, long now, out long seconds)
        {
            seconds = 0;
            return Lines == 1 && HttpDate.TryParse(Value.Of(headBytes), now, out seconds);
        }
    }
}
