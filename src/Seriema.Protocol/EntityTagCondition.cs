namespace Seriema.Protocol;

/// <summary>
/// What If-Match or If-None-Match say of one representation, gathered from field line after field line.
/// </summary>
/// <remarks>
/// Several lines mean what one line with commas between them would (RFC 9110 §5.3). <c>*</c> counts only as the whole
/// field: in a list it is a mistake. What follows a mistake matches nothing, so a broken If-Match ends as 412 and a
/// broken If-None-Match as the whole file. Corpus: if-none-match-star-in-a-list.txt, if-match-unquoted.txt.
/// </remarks>
internal struct EntityTagCondition
{
    private int _lines;
    private bool _isStar;
    private bool _isListed;
    private bool _isBroken;

    /// <summary>Whether the request has the field at all.</summary>
    internal readonly bool IsPresent => _lines > 0;

    /// <summary>Whether <c>*</c> or one of the listed tags stands for the representation.</summary>
    internal readonly bool Matches => _isListed || (_isStar && _lines == 1);

    internal void AddLine(ReadOnlySpan<byte> value, EntityTag current, bool weakly)
    {
        _isStar = value.SequenceEqual("*"u8);
        if (!_isListed && !_isBroken) ReadList(value, current, weakly);
        _lines++;
    }

    // RFC 9110 §5.6.1.2: empty elements are skipped. A comma may be part of a tag, so the list is not split at it.
    private void ReadList(ReadOnlySpan<byte> list, EntityTag current, bool weakly)
    {
        while (!_isListed && !_isBroken)
        {
            list = list.TrimStart(", \t"u8);
            if (list.IsEmpty) return;
            _isBroken = !EntityTag.TryRead(ref list, out EntityTag tag);
            list = list.TrimStart(" \t"u8);
            _isBroken |= !list.IsEmpty && list[0] != ',';
            _isListed = !_isBroken && (weakly ? tag.EqualsWeakly(current) : tag.EqualsStrongly(current));
        }
    }
}
