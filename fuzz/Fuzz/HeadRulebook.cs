using Seriema.Protocol;

namespace Fuzz;

/// <summary>What every accepted head must be, read from its bytes a second time and in another way than the parser's.</summary>
/// <remarks>No table or search is shared with the parser: a wrong table would agree with itself.</remarks>
internal static class HeadRulebook
{
    internal static void Check(ReadOnlySpan<byte> bytes, RequestHead head, HttpLimits limits)
    {
        Finding.Unless(bytes.Length <= limits.Head, "An accepted head is longer than its limit.");
        Finding.Unless(head.FieldCount <= limits.Fields, "An accepted head has more fields than its limit.");
        CheckLines(bytes);
        CheckRequestLine(bytes, head);
        int hosts = 0;
        int lengths = 0;
        int encodings = 0;
        foreach (ref readonly Field field in head.Fields)
        {
            ReadOnlySpan<byte> name = field.Name.Of(bytes);
            CheckField(name, field.Value.Of(bytes), bytes[field.Name.End]);
            if (Is(name, "host"u8)) hosts++;
            if (Is(name, "content-length"u8)) lengths += CheckLength(field.Value.Of(bytes), head);
            if (Is(name, "transfer-encoding"u8)) encodings += Is(field.Value.Of(bytes), "chunked"u8) ? 1 : 2;
        }
        Finding.Unless(hosts <= 1 && (hosts == 1 || head.MinorVersion == 0), "HTTP/1.1 has exactly one Host.");
        Finding.Unless(lengths + encodings <= 1, "A body has one framing.");
        Finding.Unless(head.IsChunked == (encodings == 1), "Chunked is what Transfer-Encoding says.");
        Finding.Unless(head.ContentLength >= 0 == (lengths == 1), "A length is what Content-Length says.");
        Finding.Unless(!head.ExpectContinue || head.HasBody, "Only who has a body waits for 100.");
    }

    // Each CR has its LF and each LF its CR; no NUL; the head ends where it says.
    private static void CheckLines(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isCr = bytes[i] == 13;
            bool hasLf = i + 1 < bytes.Length && bytes[i + 1] == 10;
            Finding.Unless(!isCr || hasLf, "A bare CR is accepted.");
            Finding.Unless(bytes[i] != 10 || (i > 0 && bytes[i - 1] == 13), "A bare LF is accepted.");
            Finding.Unless(isCr || bytes[i] is 9 or 10 || (bytes[i] >= 32 && bytes[i] != 127), "A control character is accepted.");
        }
        Finding.Unless(bytes.Length > 4 && bytes[^1] == 10 && bytes[^2] == 13 && bytes[^3] == 10, "A head does not end with an empty line.");
    }

    private static void CheckRequestLine(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        ReadOnlySpan<byte> method = head.Method.Of(bytes);
        ReadOnlySpan<byte> target = head.Target.Of(bytes);
        Finding.Unless(IsToken(method), "A method is no token.");
        Finding.Unless(bytes[head.Method.End] == 32 && head.Target.Offset == head.Method.End + 1, "One space stands before the target.");
        Finding.Unless(bytes[head.Target.End] == 32, "One space stands behind the target.");
        Finding.Unless(bytes.Slice(head.Target.End + 1, 7).SequenceEqual("HTTP/1."u8), "The version is 1.x.");
        Finding.Unless(bytes[head.Target.End + 9] == 13, "Nothing stands behind the version.");
        Finding.Unless(target.Length > 0 && !target.Contains((byte)32) && !target.Contains((byte)'#'), "A target has no space and no fragment.");
        Finding.Unless(head.IsGet == method.SequenceEqual("GET"u8) && head.IsHead == method.SequenceEqual("HEAD"u8), "GET and HEAD are known.");
        Finding.Unless(!method.SequenceEqual("CONNECT"u8), "CONNECT is not served.");
        ReadOnlySpan<byte> path = head.Path.Of(bytes);
        bool mayLackPath = head.Form != TargetForm.Origin;
        Finding.Unless(path.Length > 0 ? path[0] == '/' : mayLackPath, "A path begins with a slash.");
        Finding.Unless(!path.Contains((byte)'?'), "A path has no question mark.");
        Finding.Unless(head.Path.Offset == 0 || head.Path.End <= head.Target.End, "A path lies in the target.");
        Finding.Unless(!head.Host.Of(bytes).Contains((byte)'@'), "A host has no userinfo.");
    }

    private static void CheckField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, byte behindName)
    {
        Finding.Unless(IsToken(name) && behindName == ':', "A name is a token with a colon behind it.");
        Finding.Unless(!name.Contains((byte)'_'), "A name with an underscore is seen.");
        Finding.Unless(!Is(name, "proxy"u8), "Proxy is seen.");
        bool trimmed = value.Length == 0 || (value[0] is not (9 or 32) && value[^1] is not (9 or 32));
        Finding.Unless(trimmed, "A value has whitespace around it.");
        Finding.Unless(!value.Contains((byte)13) && !value.Contains((byte)10), "A value goes over its line.");
    }

    private static int CheckLength(ReadOnlySpan<byte> value, RequestHead head)
    {
        UInt128 length = 0;
        foreach (byte b in value)
        {
            Finding.Unless(b is >= 48 and <= 57, "A length that is no number is accepted.");
            length = (length * 10) + (uint)(b - 48);
        }
        Finding.Unless(value.Length > 0 && length == (UInt128)head.ContentLength, "A length is another number than it says.");
        return 1;
    }

    // RFC 9110 §5.6.2, as ranges of ASCII
    private static bool IsToken(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            bool isTchar = b is (>= 48 and <= 57) or (>= 65 and <= 90) or (>= 94 and <= 122) or 33 or (>= 35 and <= 39) or 42 or 43 or 45 or 46 or 124 or 126;
            if (!isTchar) return false;
        }
        return text.Length > 0;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase)
    {
        if (text.Length != lowerCase.Length) return false;
        for (int i = 0; i < text.Length; i++)
        {
            int folded = text[i] is >= 65 and <= 90 ? text[i] + 32 : text[i];
            if (folded != lowerCase[i]) return false;
        }
        return true;
    }
}
