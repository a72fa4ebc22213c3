using System.IO.Enumeration;
using System.Text;

namespace Seriema.Site;

/// <summary>Which Cache-Control a path gets.</summary>
internal sealed class CacheControl
{
    private const int MinHash = 8; // shorter ones are words and versions too often: "cafe1", "b2"

    private readonly (string Pattern, byte[] Value)[] _rules;
    private readonly byte[] _hashed;

    internal CacheControl(IReadOnlyList<CacheRule> rules, string hashed)
    {
        _rules = [.. rules.Select(rule => (rule.Pattern, Encoding.Latin1.GetBytes(rule.Value)))];
        _hashed = Encoding.Latin1.GetBytes(hashed);
    }

    /// <summary>Empty for no field.</summary>
    /// <param name="path">Decoded, from the first slash on.</param>
    internal byte[] Of(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        foreach ((string pattern, byte[] value) in _rules)
        {
            string subject = pattern.Contains('/', StringComparison.Ordinal) ? path : name;
            if (FileSystemName.MatchesSimpleExpression(pattern, subject, ignoreCase: false)) return value;
        }
        return IsHashed(name) ? _hashed : [];
    }

    /// <summary>Whether a part of the name is a hash of the content: <c>app.3f2a91bc.js</c>, <c>app-3f2a91bc.js</c>.</summary>
    /// <remarks>
    /// Digits and letters of hexadecimal, both of them: a date has no letter and a word no digit. What is wrongly taken
    /// for a hash would be kept by browsers for a year; what is not seen to be one is only asked for more often.
    /// </remarks>
    internal static bool IsHashed(string name)
    {
        string[] parts = name.Split('.', '-', '_');
        // The first part is the file's own name, the last one its suffix.
        return parts.Length > 2 && Array.Exists(parts[1..^1], IsHash);
    }

    private static bool IsHash(string part) =>
        part.Length >= MinHash
        && part.All(char.IsAsciiHexDigitLower)
        && part.Any(char.IsAsciiDigit)
        && part.Any(char.IsAsciiLetter);
}
