using System.Text;

namespace Seriema.Site;

/// <summary>Content types by a name's suffix; those of text say that it is UTF-8.</summary>
internal sealed class MediaTypes
{
    private const string Unknown = "application/octet-stream"; // RFC 9110 §8.3: what the sender does not know

    private readonly Dictionary<string, byte[]> _bySuffix = new(StringComparer.OrdinalIgnoreCase);
    private readonly byte[] _unknown = Encoding.ASCII.GetBytes(Unknown);

    internal MediaTypes(IReadOnlyDictionary<string, string> types)
    {
        // Of two suffixes that differ in case the one in small letters counts, so it comes last.
        foreach ((string suffix, string type) in types.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            _bySuffix[suffix] = Encoding.Latin1.GetBytes(WithCharset(type));
        }
    }

    internal byte[] Of(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot >= 0 && _bySuffix.TryGetValue(name[dot..], out byte[]? type) ? type : _unknown;
    }

    // XML says its encoding itself, and a charset here would overrule what it says (RFC 7303 §3.2); JSON has none to
    // choose (RFC 8259 §8.1).
    private static string WithCharset(string type) =>
        !type.Contains(';', StringComparison.Ordinal)
        && ((type.StartsWith("text/", StringComparison.Ordinal) && type != "text/xml") || type is "application/javascript")
            ? type + "; charset=utf-8"
            : type;
}
