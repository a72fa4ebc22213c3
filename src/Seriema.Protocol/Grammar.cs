using System.Buffers;

namespace Seriema.Protocol;

/// <summary>The character classes of RFC 9110 and RFC 3986 that the readers search for, vectorised.</summary>
internal static class Grammar
{
    internal const byte Cr = (byte)'\r';
    internal const byte Lf = (byte)'\n';
    internal const byte Sp = (byte)' ';
    internal const byte Tab = (byte)'\t';

    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>RFC 9110 §5.6.2 tchar.</summary>
    internal static readonly SearchValues<byte> Tchar = Of("!#$%&'*+-.^_`|~" + Alphanumeric);

    /// <summary>
    /// tchar without the underscore, so that one search finds a name's end and the names to be dropped.
    /// </summary>
    internal static readonly SearchValues<byte> TcharButUnderscore = Of("!#$%&'*+-.^`|~" + Alphanumeric);

    /// <summary>Every control character. A request line holds none but its CRLF.</summary>
    internal static readonly SearchValues<byte> Controls = SearchValues.Create([.. ControlBytes()]);

    /// <summary>
    /// Every control character but HTAB: what ends a field line, or may not be in it (RFC 9110 §5.5).
    /// </summary>
    internal static readonly SearchValues<byte> ControlsButTab =
        SearchValues.Create([.. ControlBytes().Where(b => b != Tab)]);

    /// <summary>RFC 3986 §3.2.2 reg-name, with the percent sign of pct-encoded and without the comma.</summary>
    /// <remarks>
    /// The grammar lets a comma into a host. No host has one; a list is what a proxy makes of two Host fields.
    /// Corpus: host-list.http.
    /// </remarks>
    internal static readonly SearchValues<byte> RegName = Of("-._~!$&'()*+;=%" + Alphanumeric);

    /// <summary>What an IPv6 literal is made of. No zone: it means nothing to another machine.</summary>
    internal static readonly SearchValues<byte> Ipv6 = Of("0123456789ABCDEFabcdef:.");

    internal static bool IsOws(byte b) => b is Sp or Tab;

    /// <summary>Removes the optional whitespace on both sides, RFC 9110 §5.6.3.</summary>
    internal static ReadOnlySpan<byte> TrimOws(ReadOnlySpan<byte> value)
    {
        int start = 0;
        int end = value.Length;
        while (start < end && IsOws(value[start])) start++;
        while (end > start && IsOws(value[end - 1])) end--;
        return value[start..end];
    }

    /// <summary>
    /// Takes the next element off a comma-separated list, trimmed; false at its end (RFC 9110 §5.6.1).
    /// </summary>
    internal static bool TryNextElement(ref ReadOnlySpan<byte> list, out ReadOnlySpan<byte> element)
    {
        element = default;
        if (list.IsEmpty) return false;
        int comma = list.IndexOf((byte)',');
        element = TrimOws(comma < 0 ? list : list[..comma]);
        list = comma < 0 ? default : list[(comma + 1)..];
        return true;
    }

    private static SearchValues<byte> Of(string characters) =>
        SearchValues.Create([.. characters.Select(c => (byte)c)]);

    private static IEnumerable<byte> ControlBytes() => Enumerable.Range(0, 0x20).Append(0x7F).Select(i => (byte)i);
}
