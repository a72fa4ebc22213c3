using System.Text;

namespace Seriema.Site;

/// <summary>Writes a decoded path so that it can stand in a URL.</summary>
internal static class UrlText
{
    /// <summary>Percent-encodes all but slashes and what RFC 3986 §2.3 calls unreserved.</summary>
    /// <remarks>A colon too: in the first part of a relative reference it would make a scheme of it (RFC 3986 §4.2).</remarks>
    internal static string Encode(ReadOnlySpan<byte> path)
    {
        StringBuilder text = new(path.Length);
        foreach (byte b in path)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "-._~/"u8.Contains(b)) text.Append((char)b);
            else text.Append('%').Append("0123456789ABCDEF"[b >> 4]).Append("0123456789ABCDEF"[b & 15]);
        }
        return text.ToString();
    }
}
