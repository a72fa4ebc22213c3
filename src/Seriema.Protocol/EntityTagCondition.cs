namespace Seriema.Protocol;

/// <summary>
/// What If-Match or If-None-Match say of one representation, gathered from field line after field line.
/// </summary>
/// <remarks>
/// <c>*</c> counts only as the whole field: in a list with others it is a mistake. What follows a mistake in a line
/// matches nothing, so a broken If-Match ends as 412 and a broken If-None-Match as the whole file.
/// Corpus: if-none-match-star-in-a-list.txt, if-match-unquoted.txt.
/// </remarks>
internal struct EntityTagCondition
{
    private int _lines;
    private bool _isStar;
    private bool _isListed;

    /// <summary>Whether the request has the field at all.</summary>
    internal readonly bool IsPresent => _lines > 0;

    /// <summary>Whether <c>*</c> or one of the listed tags stands for the representation.</summary>
    internal readonly bool Matches => _isListed || (_isStar && _lines == 1);

    internal void AddLine(ReadOnlySpan<byte> value, EntityTag current, bool weakly)
    {
        _lines++;
        if (value.SequenceEqual("*"u8)) _isStar = true;
        else if (!_isListed) _isListed = Lists(value, current, weakly);
    }

    // RFC 9110 §5.6.1.2: empty elements are skipped. A comma may be part of a tag, so the list is not split at it.
    private static bool Lists(ReadOnlySpan<byte> list, EntityTag current, bool weakly)
    {
        while (true)
        {
            list = list.TrimStart(", \t"u8);
            if (!EntityTag.TryRead(ref list, out EntityTag tag)) return false;
            list = list.TrimStart(" \t"u8);
            if (!list.IsEmpty && list[0] != ',') return false;
            if (weakly ? tag.EqualsWeakly(current) : tag.EqualsStrongly(current)) return true;
        }
    }
}
