using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

/// <summary>
/// One file of <c>tests/corpus/conditionals</c> or <c>ranges</c>: a line of why, the representation, the answers of
/// Seriema and nginx, <c>---</c>, the method, and the field lines as visible bytes.
/// </summary>
/// <remarks>bench/conformance/nginx-answers reads the same files, and checks their line about nginx.</remarks>
internal sealed partial record ConditionalCase(
    string Why, Representation Representation, long Now, string Expected, string Nginx, byte[] Request)
{
    private const string Separator = "\n---\n";
    private const string DefaultNow = "Sat, 21 Nov 2026 12:00:00 GMT"; // a year of two digits depends on it

    internal static ConditionalCase Load(string folder, string file)
    {
        string text = File.ReadAllText(Corpus.PathOf(folder, file));
        int separator = text.IndexOf(Separator, StringComparison.Ordinal);
        if (separator < 0) throw new FormatException($"{file}: no line of ---.");
        string[] head = text[..separator].Split('\n');
        Match representation = RepresentationLine().Match(head.ElementAtOrDefault(1) ?? "");
        if (!representation.Success) throw new FormatException($"{file}: the second line is no representation.");
        string? unknown = Array.Find(head[2..], line => !KnownLine().IsMatch(line));
        if (unknown is not null) throw new FormatException($"{file}: {unknown}");
        return new ConditionalCase(
            head[0],
            new Representation(
                long.Parse(representation.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                Encoding.ASCII.GetBytes(representation.Groups[2].Value),
                Seconds(representation.Groups[3].Value)),
            Seconds(Value(head, "at ") ?? DefaultNow),
            Value(head, "expect ") ?? throw new FormatException($"{file}: nothing is expected."),
            Value(head, "nginx: ") ?? throw new FormatException($"{file}: no word about nginx."),
            MakeRequest(text[(separator + Separator.Length)..].TrimEnd('\n').Split('\n')));
    }

    internal static byte[] MakeRequest(string[] methodAndFields)
    {
        IEnumerable<byte[]> fields = methodAndFields[1..].Select(line => VisibleBytes.Parse(line + "\\r\\n"));
        string start = $"{methodAndFields[0]} / HTTP/1.1\r\nHost: a\r\n";
        return [.. Encoding.ASCII.GetBytes(start), .. fields.SelectMany(line => line), (byte)'\r', (byte)'\n'];
    }

    internal static long Seconds(string date) =>
        DateTimeOffset.ParseExact(date, "r", CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string? Value(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    [GeneratedRegex("^of (\\d+) bytes, (\"[^\"]*\"), (.*)$")]
    private static partial Regex RepresentationLine();

    [GeneratedRegex("^(at \\w|expect (200|206 [\\d,-]+|304|412|416)$|nginx: (same$|\\d{3}\\b.*, because \\w))")]
    private static partial Regex KnownLine();
}
