using System.Buffers;
using System.Diagnostics;

namespace Seriema.Protocol;

/// <summary>Reads one request head after another (RFC 9112 §2, §3, §5), line by line, in one pass.</summary>
/// <remarks>
/// Any one thread at a time. The caller keeps the bytes from the first of the message on and gives them again, with
/// more behind them; what was searched is not searched again. A line limit counts bytes, not calls, so the verdict is
/// the same however the bytes arrive. After Done the parser is ready for the next request; after Rejected it stays so.
/// </remarks>
internal sealed class RequestParser(HttpLimits limits)
{
    /// <summary>
    /// RFC 9112 §2.2 wants one empty line before a request ignored: old clients send one after a POST.
    /// </summary>
    private const int MaxEmptyLines = 4;

    private enum Phase : byte
    {
        Start,
        EmptyLines,
        RequestLine,
        Fields,
        Rejected,
    }

    private readonly HeadRules _rules = new();
    private Phase _phase;
    private int _lineStart;
    private int _scanned; // no line end lies before this place
    private int _fieldLines; // dropped ones included

    /// <summary>Why the last Read answered Rejected.</summary>
    internal RejectReason Reason { get; private set; }

    /// <summary>Where the line with the mistake begins; 0 when it is one of the head as a whole.</summary>
    internal int MistakeAt => _lineStart;

    internal void Reset()
    {
        _phase = Phase.Start;
        Reason = RejectReason.None;
    }

    /// <summary>
    /// Goes on reading the head that starts at the first byte of the input; consumes all of it or nothing.
    /// </summary>
    internal ParseStatus Read(ReadOnlySpan<byte> input, RequestHead head, out int consumed)
    {
        consumed = 0;
        if (_phase == Phase.Start) Begin(head);
        Debug.Assert(input.Length >= _scanned, "The same bytes, with more behind them.");

        if (_phase == Phase.EmptyLines && !SkipEmptyLines(input)) return Stopped();
        if (_phase == Phase.RequestLine && !ReadRequestLine(input, head)) return Stopped();
        while (_phase == Phase.Fields)
        {
            if (!TryFindLineEnd(
                input, Grammar.ControlsButTab, limits.FieldSize, RejectReason.FieldTooLong, out int lineEnd))
            {
                return Stopped();
            }
            if (lineEnd == _lineStart) return EndHead(head, lineEnd + 2, out consumed);

            RejectReason mistake = ReadField(input[_lineStart..lineEnd], head);
            if (mistake == RejectReason.None) NextLine(lineEnd);
            else Reject(mistake);
        }
        return ParseStatus.Rejected;
    }

    private void Begin(RequestHead head)
    {
        head.Reset();
        _rules.Reset();
        _lineStart = _scanned = _fieldLines = 0;
        _phase = Phase.EmptyLines;
    }

    // RFC 9112 §2.2. False: more bytes are needed, or the request is rejected.
    private bool SkipEmptyLines(ReadOnlySpan<byte> input)
    {
        while (_lineStart < input.Length)
        {
            byte first = input[_lineStart];
            if (first != Grammar.Cr)
            {
                // A TLS hello, or any other protocol, is answered now: its "line" may never end.
                if (!Grammar.Tchar.Contains(first))
                {
                    return Reject(first == Grammar.Lf ? RejectReason.BareLf : RejectReason.NotHttp);
                }
                _phase = Phase.RequestLine;
                return true;
            }
            if (_lineStart == 2 * MaxEmptyLines) return Reject(RejectReason.TooManyEmptyLines);
            if (_lineStart + 1 == input.Length) return false;
            if (input[_lineStart + 1] != Grammar.Lf) return Reject(RejectReason.BareCr);
            NextLine(_lineStart);
        }
        return false;
    }

    private bool ReadRequestLine(ReadOnlySpan<byte> input, RequestHead head)
    {
        if (!TryFindLineEnd(
            input, Grammar.Controls, limits.RequestLine, RejectReason.RequestLineTooLong, out int lineEnd))
        {
            return false;
        }
        RejectReason mistake = RequestLine.Read(input[_lineStart..lineEnd], _lineStart, head);
        if (mistake != RejectReason.None) return Reject(mistake);
        _phase = Phase.Fields;
        NextLine(lineEnd);
        return true;
    }

    /// <summary>Finds the CRLF of the current line, within the line's limit and the head's.</summary>
    private bool TryFindLineEnd(
        ReadOnlySpan<byte> input, SearchValues<byte> stops, int lineLimit, RejectReason tooLong, out int lineEnd)
    {
        // Nothing beyond the limit is looked at, so a byte behind it cannot change the verdict.
        long longestLine = (long)_lineStart + lineLimit + 2;
        int end = (int)Math.Min(longestLine, limits.Head);
        ReadOnlySpan<byte> window = input[..Math.Min(input.Length, end)];

        int stop = window[_scanned..].IndexOfAny(stops);
        lineEnd = stop < 0 ? window.Length : _scanned + stop;
        byte found = stop < 0 ? Grammar.Cr : window[lineEnd];
        if (found != Grammar.Cr)
        {
            return Reject(found == Grammar.Lf ? RejectReason.BareLf : RejectReason.ControlCharacter);
        }
        _scanned = lineEnd;
        if (lineEnd + 1 >= window.Length)
        {
            if (window.Length < end) return false;
            return Reject(longestLine <= limits.Head ? tooLong : RejectReason.HeadTooLong);
        }
        return window[lineEnd + 1] == Grammar.Lf || Reject(RejectReason.BareCr);
    }

    // RFC 9112 §5: field-name ":" OWS field-value OWS
    private RejectReason ReadField(ReadOnlySpan<byte> line, RequestHead head)
    {
        if (++_fieldLines > limits.Fields) return RejectReason.TooManyFields;

        bool dropped = false;
        int colon = line.IndexOfAnyExcept(Grammar.TcharButUnderscore);
        if (colon >= 0 && line[colon] == '_')
        {
            // X_Real_IP and X-Real-IP are one name to CGI and WSGI, so a peer could forge what a proxy
            // sets. The line is checked and counted, but nobody sees it. Corpus: underscore-*.http.
            dropped = true;
            colon = line.IndexOfAnyExcept(Grammar.Tchar);
        }
        if (colon <= 0 || line[colon] != ':') return NameMistake(line, colon);
        if (dropped) return RejectReason.None;

        int start = colon + 1;
        int end = line.Length;
        while (start < end && Grammar.IsOws(line[start])) start++;
        while (end > start && Grammar.IsOws(line[end - 1])) end--;

        KnownField known = KnownFields.Of(line[..colon]);
        Slice value = new(_lineStart + start, end - start);
        if (known == KnownField.Proxy) return RejectReason.None; // HTTP_PROXY in the environ steers clients (httpoxy)
        head.AddField(new Field(new Slice(_lineStart, colon), value, known));
        return _rules.Apply(known, line[start..end], value, head);
    }

    private static RejectReason NameMistake(ReadOnlySpan<byte> line, int nameEnd)
    {
        if (nameEnd < 0) return RejectReason.MissingColon;
        byte found = line[nameEnd];
        if (nameEnd == 0 && found == ':') return RejectReason.EmptyFieldName;
        if (!Grammar.IsOws(found)) return RejectReason.BadFieldName;
        // RFC 9112 §5.2 and §2.2: neither a folded field nor whitespace before the first one.
        if (nameEnd == 0) return RejectReason.ObsFold;
        // RFC 9112 §5.1: the name that two parsers read differently is a smuggling classic.
        bool thenColon = Grammar.TrimOws(line[nameEnd..]) is [(byte)':', ..];
        return thenColon ? RejectReason.SpaceBeforeColon : RejectReason.BadFieldName;
    }

    private ParseStatus EndHead(RequestHead head, int length, out int consumed)
    {
        consumed = 0;
        RejectReason mistake = _rules.Conclude(head, limits);
        if (mistake != RejectReason.None)
        {
            _lineStart = 0;
            Reject(mistake);
            return ParseStatus.Rejected;
        }
        consumed = length;
        _phase = Phase.Start;
        return ParseStatus.Done;
    }

    private void NextLine(int lineEnd) => _lineStart = _scanned = lineEnd + 2;

    private ParseStatus Stopped() => _phase == Phase.Rejected ? ParseStatus.Rejected : ParseStatus.NeedMore;

    /// <summary>Ends the parsing; always false, for a caller's return.</summary>
    private bool Reject(RejectReason reason)
    {
        Reason = reason;
        _phase = Phase.Rejected;
        return false;
    }
}
