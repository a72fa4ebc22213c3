using System.Text;

namespace Seriema.Protocol;

/// <summary>
/// What the fields of one request mean for its framing and its connection: the rules of RFC 9112 §6 and §9.
/// </summary>
/// <remarks>Strict where two readers could differ about where a request ends: that is request smuggling.</remarks>
internal sealed class HeadRules
{
    private bool _hasHost;
    private bool _hasTransferEncoding;
    private bool _close;
    private bool _keepAlive;
    private bool _expectContinue;

    internal void Reset() => _hasHost = _hasTransferEncoding = _close = _keepAlive = _expectContinue = false;

    /// <summary>Takes note of one field; called in the order of the message.</summary>
    internal RejectReason Apply(KnownField known, ReadOnlySpan<byte> value, Slice place, RequestHead head)
    {
        switch (known)
        {
            case KnownField.Host: return ApplyHost(value, place, head);
            case KnownField.ContentLength: return ApplyContentLength(value, head);
            case KnownField.TransferEncoding: return ApplyTransferEncoding(value, head);
            case KnownField.Connection: ApplyConnection(value); return RejectReason.None;
            case KnownField.Expect: return ApplyExpect(value, head);
            case KnownField.Forwarded or KnownField.XForwardedFor or KnownField.XForwardedProto:
            case KnownField.XForwardedHost or KnownField.XForwardedPort or KnownField.XForwardedPrefix:
                head.HasForwarding = true;
                return RejectReason.None;
            default: return RejectReason.None;
        }
    }

    /// <summary>Decides, at the end of the head, what no single field can tell.</summary>
    internal RejectReason Conclude(RequestHead head, HttpLimits limits)
    {
        // RFC 9112 §3.2: 400 for HTTP/1.1 without Host, whatever the form of the target.
        if (!_hasHost && head.MinorVersion > 0) return RejectReason.MissingHost;
        // RFC 9112 §6.1: may be a smuggling attempt; §6.3 item 3 lets a server refuse it.
        if (_hasTransferEncoding && head.ContentLength >= 0) return RejectReason.ContentLengthWithTransferEncoding;
        if (limits.Body > 0 && head.ContentLength > limits.Body) return RejectReason.BodyTooLarge;

        // RFC 9112 §9.3
        head.KeepAlive = !_close && (_keepAlive || head.MinorVersion > 0);
        head.ExpectContinue = _expectContinue && head.HasBody;
        return RejectReason.None;
    }

    private RejectReason ApplyHost(ReadOnlySpan<byte> value, Slice place, RequestHead head)
    {
        if (_hasHost) return RejectReason.RepeatedHost;
        _hasHost = true;
        // RFC 9112 §3.2.2: the authority of an absolute-form wins, but a bad Host is still an error.
        if (head.Host.IsEmpty) head.Host = place;
        return Authority.Check(value, RejectReason.BadHost);
    }

    // RFC 9110 §8.6: 1*DIGIT. Its permission to take "5, 5" as 5 is not used: the peer that sends it is broken.
    private static RejectReason ApplyContentLength(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (head.ContentLength >= 0) return RejectReason.RepeatedContentLength;
        if (value.IsEmpty) return RejectReason.BadContentLength;
        long length = 0;
        bool tooLarge = false;
        foreach (byte b in value)
        {
            if (!char.IsAsciiDigit((char)b)) return RejectReason.BadContentLength;
            if (length > (long.MaxValue - 9) / 10) tooLarge = true;
            else length = (length * 10) + (b - '0');
        }
        // A number that no machine holds is a number all the same; RFC 9110 §8.6 only asks that it does not wrap.
        if (tooLarge) return RejectReason.BodyTooLarge;
        head.ContentLength = length;
        return RejectReason.None;
    }

    // RFC 9112 §6.1 and §6.3 items 3 and 4
    private RejectReason ApplyTransferEncoding(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (_hasTransferEncoding) return RejectReason.RepeatedTransferEncoding;
        _hasTransferEncoding = true;
        if (head.MinorVersion == 0) return RejectReason.TransferEncodingInHttp10;
        head.IsChunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
        return head.IsChunked ? RejectReason.None : TransferEncodingMistake(value);
    }

    private static RejectReason TransferEncodingMistake(ReadOnlySpan<byte> value)
    {
        bool wellFormed = value is not [.., (byte)',']; // an empty last element: what the final coding is, is a guess
        bool lastIsChunked = false;
        while (Grammar.TryNextElement(ref value, out ReadOnlySpan<byte> coding))
        {
            wellFormed &= !lastIsChunked && IsCoding(coding);
            lastIsChunked = Ascii.EqualsIgnoreCase(coding, "chunked"u8);
        }
        return wellFormed && lastIsChunked ? RejectReason.TransferCodingNotSupported : RejectReason.BadTransferEncoding;
    }

    // RFC 9110 §10.1.4: token *( OWS ";" OWS parameter ); the parameters are of no interest
    private static bool IsCoding(ReadOnlySpan<byte> coding)
    {
        int end = coding.IndexOfAnyExcept(Grammar.Tchar);
        if (end < 0) return !coding.IsEmpty;
        return end > 0 && Grammar.TrimOws(coding[end..]) is [(byte)';', ..];
    }

    // RFC 9110 §7.6.1: every option but these two is for others; one that names Host or so changes nothing here.
    private void ApplyConnection(ReadOnlySpan<byte> value)
    {
        while (Grammar.TryNextElement(ref value, out ReadOnlySpan<byte> option))
        {
            if (Ascii.EqualsIgnoreCase(option, "close"u8)) _close = true;
            else if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8)) _keepAlive = true;
        }
    }

    // RFC 9110 §10.1.1: an HTTP/1.0 client does not know of it, so its Expect is ignored.
    private RejectReason ApplyExpect(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (head.MinorVersion == 0) return RejectReason.None;
        _expectContinue = true;
        return Ascii.EqualsIgnoreCase(value, "100-continue"u8) ? RejectReason.None : RejectReason.ExpectationFailed;
    }
}
