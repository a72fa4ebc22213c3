using System.Text;

namespace Seriema.Protocol;

/// <summary>Reads the request-target in its four forms, RFC 9112 §3.2.</summary>
/// <remarks>
/// Laxer than RFC 3986: bytes from 0x80 on and characters such as <c>|</c> or <c>"</c> pass, because browsers send
/// them and the application decodes the path anyway. Controls, DEL, space and a fragment do not pass.
/// Corpus: target-*.http.
/// </remarks>
internal static class RequestTarget
{
    internal static RejectReason Read(ReadOnlySpan<byte> target, ReadOnlySpan<byte> method, RequestHead head)
    {
        // RFC 9112 §3.2: no form has a fragment. A server that cuts it off sees another path than its proxy did.
        if (target.Contains((byte)'#')) return RejectReason.FragmentInTarget;
        if (method.SequenceEqual("CONNECT"u8)) return ReadAuthorityForm(target);
        if (target[0] == '/')
        {
            SplitPathAndQuery(target, head.Target.Offset, head);
            return RejectReason.None;
        }
        if (target.SequenceEqual("*"u8))
        {
            head.Form = TargetForm.Asterisk;
            return head.IsOptions ? RejectReason.None : RejectReason.AsteriskWithoutOptions;
        }
        return ReadAbsoluteForm(target, head);
    }

    // RFC 9112 §3.2.3: uri-host ":" port, for CONNECT only
    private static RejectReason ReadAuthorityForm(ReadOnlySpan<byte> target)
    {
        if (target[0] == '/') return RejectReason.BadTarget;
        RejectReason mistake = Authority.Check(target, RejectReason.BadAuthority);
        return mistake == RejectReason.None ? RejectReason.ConnectNotSupported : mistake;
    }

    // RFC 9112 §3.2.2: the scheme's own syntax, so an authority is required (RFC 9110 §4.2.1)
    private static RejectReason ReadAbsoluteForm(ReadOnlySpan<byte> target, RequestHead head)
    {
        int colon = target.IndexOf("://"u8);
        if (colon <= 0) return RejectReason.BadTarget;
        ReadOnlySpan<byte> scheme = target[..colon];
        head.IsHttpsTarget = Ascii.EqualsIgnoreCase(scheme, "https"u8);
        if (!head.IsHttpsTarget && !Ascii.EqualsIgnoreCase(scheme, "http"u8)) return RejectReason.BadScheme;

        int start = colon + 3;
        int length = target[start..].IndexOfAny((byte)'/', (byte)'?');
        if (length < 0) length = target.Length - start;
        ReadOnlySpan<byte> authority = target.Slice(start, length);
        if (authority.IsEmpty) return RejectReason.BadAuthority;
        RejectReason mistake = Authority.Check(authority, RejectReason.BadAuthority);
        if (mistake != RejectReason.None) return mistake;

        head.Host = new Slice(head.Target.Offset + start, length);
        head.Form = TargetForm.Absolute;
        SplitPathAndQuery(target[(start + length)..], head.Host.End, head);
        // RFC 9112 §3.2.4: what the last proxy would have turned into an asterisk.
        if (head.IsOptions && head.Path.IsEmpty && !head.HasQuery) head.Form = TargetForm.Asterisk;
        return RejectReason.None;
    }

    private static void SplitPathAndQuery(ReadOnlySpan<byte> rest, int offset, RequestHead head)
    {
        int mark = rest.IndexOf((byte)'?');
        head.HasQuery = mark >= 0;
        head.Path = new Slice(offset, mark < 0 ? rest.Length : mark);
        if (mark >= 0) head.Query = new Slice(offset + mark + 1, rest.Length - mark - 1);
    }
}
