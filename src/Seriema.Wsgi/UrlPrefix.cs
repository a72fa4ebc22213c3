using System.Text;

namespace Seriema.Wsgi;

/// <summary>The part of a URL's path below which an application or a folder answers. Pure; any thread.</summary>
/// <remarks>
/// Kept as it stands in front of a decoded path (PEP 3333: SCRIPT_NAME and PATH_INFO are decoded): no slash at the
/// end, so that the prefix of everything is empty.
/// </remarks>
internal static class UrlPrefix
{
    /// <summary>Reads <c>/shop</c>, <c>/shop/</c> or <c>/</c>.</summary>
    /// <returns>Null, or what is wrong with the text.</returns>
    internal static string? Parse(string text, out byte[] prefix)
    {
        prefix = [];
        if (!text.StartsWith('/')) return "it does not begin with a slash";
        if (text.Any(char.IsControl)) return "it has a control character";
        // "/a%20b" could mean either form; a prefix that never matches would be found out late.
        if (text.AsSpan().ContainsAny('%', '?', '#')) return "it has a '%', '?' or '#': a prefix is a decoded path";
        string trimmed = text[..^(text.EndsWith('/') ? 1 : 0)];
        // Clients take these away before they send (RFC 3986 §5.2.4), so nobody would ever ask for them.
        if (trimmed.Split('/').Skip(1).Any(segment => segment is "" or "." or "..")) return "it has an empty or dot segment";
        prefix = Encoding.UTF8.GetBytes(trimmed);
        return null;
    }

    /// <summary>Whether the path is the prefix or lies below it; a prefix counts in whole segments.</summary>
    internal static bool IsPrefixOf(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> path) =>
        path.StartsWith(prefix)
        && (prefix.IsEmpty || path.Length == prefix.Length || path[prefix.Length] == '/');
}
