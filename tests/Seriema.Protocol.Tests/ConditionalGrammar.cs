using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>
/// Makes requests with conditions out of right and nearly right pieces, from a seed, and says what they mean.
/// </summary>
/// <remarks>
/// The meaning is built with the request, piece by piece, and not read from it: so it shares nothing with the parser.
/// The representation is <see cref="Tag"/>, modified at <see cref="Modified"/>, of 1000 bytes.
/// </remarks>
internal sealed class ConditionalGrammar(int seed)
{
    internal const string Tag = "\"2ebc98a1-3e8\"";
    internal const long Modified = 784111777;

    private static readonly (string Text, bool IsTag, bool Weakly, bool Strongly)[] s_tags =
    [
        (Tag, true, true, true), ("W/" + Tag, true, true, false), ("\"a\"", true, false, false),
        ("\"a,b\"", true, false, false), ("W/\"\"", true, false, false), ("\"\"", true, false, false),
        ("", true, false, false), ("\t", true, false, false), ("\"a\\\"", true, false, false),
        ("\"\u00E9\"", true, false, false), ("w/" + Tag, false, false, false), (Tag + Tag, false, false, false),
        ("W/ " + Tag, false, false, false), ("2ebc98a1-3e8", false, false, false), ("*", false, false, false),
        ("\"a b\"", false, false, false), (Tag + "x", false, false, false), ("W/", false, false, false),
    ];
    private static readonly (string Text, long? Seconds)[] s_dates =
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Modified), ("Sunday, 06-Nov-94 08:49:37 GMT", Modified),
        ("Sun Nov  6 08:49:37 1994", Modified), ("Sun, 06 Nov 1994 08:49:36 GMT", Modified - 1),
        ("Sun, 06 Nov 1994 08:49:38 GMT", Modified + 1), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 06 Nov 1994 08:49:37 GMT", null), ("yesterday", null), ("", null), (Tag, null),
    ];
    private static readonly (string Text, string Answer)[] s_ranges =
    [
        ("bytes=0-9", "206 0-9"), ("bytes=-5", "206 995-999"), ("bytes=0-9,20-29", "206 0-9,20-29"),
        ("bytes=1000-", "416"), ("bytes=5-1", "200"), ("", "200"), ("lines=0-9", "200"),
    ];

    private readonly Random _random = new(seed);
    private readonly List<string> _fields = [];

    /// <summary>What RFC 9110 §13.2.2 makes of the last request.</summary>
    internal string Meaning { get; private set; } = "";

    /// <summary>A request; with <paramref name="joined"/> each list is one line, and means the same.</summary>
    internal byte[] Make(bool joined)
    {
        _fields.Clear();
        bool isGet = _random.Next(4) > 0;
        bool? match = Tags("If-Match", joined, weakly: false);
        long? unmodifiedSince = Date("If-Unmodified-Since");
        bool? noneMatch = Tags("If-None-Match", joined, weakly: true);
        long? modifiedSince = Date("If-Modified-Since");
        bool? ifRange = IfRange();
        string range = Range();

        if (match == false || (match is null && unmodifiedSince < Modified)) Meaning = "412";
        else if (noneMatch == true || (noneMatch is null && modifiedSince >= Modified)) Meaning = "304";
        else Meaning = isGet && ifRange != false ? range : "200";

        string[] fields = [.. _fields]; // one element has all the lines of a name, whose order is part of the meaning
        _random.Shuffle(fields);
        string text = string.Concat(fields);
        return Encoding.Latin1.GetBytes($"{(isGet ? "GET" : "HEAD")} / HTTP/1.1\r\nHost: a\r\n{text}\r\n");
    }

    // Null without the field; else whether one of its tags is the representation's, before the first mistake.
    private bool? Tags(string name, bool joined, bool weakly)
    {
        if (_random.Next(3) > 0) return null;
        if (_random.Next(8) == 0)
        {
            _fields.Add($"{name}: *\r\n");
            return true;
        }
        bool? matches = null;
        StringBuilder text = new(name + ":");
        int count = _random.Next(2, 5); // one star alone would not be the mistake that the table calls it
        for (int i = 0; i < count; i++)
        {
            (string tag, bool isTag, bool equalsWeakly, bool equalsStrongly) = s_tags[_random.Next(s_tags.Length)];
            bool ownLine = _random.Next(2) == 0;
            if (i > 0) text.Append(ownLine && !joined ? $"\r\n{name}:" : ",");
            text.Append(' ').Append(tag);
            if (!isTag) matches ??= false;
            if (weakly ? equalsWeakly : equalsStrongly) matches ??= true;
        }
        _fields.Add(text.Append("\r\n").ToString());
        return matches ?? false;
    }

    private long? Date(string name)
    {
        if (_random.Next(3) > 0) return null;
        (string text, long? seconds) = s_dates[_random.Next(s_dates.Length)];
        return Once($"{name}: {text}\r\n") ? seconds : null;
    }

    private bool? IfRange()
    {
        if (_random.Next(2) > 0) return null;
        if (_random.Next(2) == 0)
        {
            (string tag, _, _, bool strongly) = s_tags[_random.Next(s_tags.Length)];
            return Once($"If-Range: {tag}\r\n") && strongly;
        }
        (string date, long? seconds) = s_dates[_random.Next(s_dates.Length)];
        bool isTag = date == Tag;
        return Once($"If-Range: {date}\r\n") && (seconds == Modified || isTag);
    }

    private string Range()
    {
        if (_random.Next(3) == 0) return "200";
        (string text, string answer) = s_ranges[_random.Next(s_ranges.Length)];
        return Once($"Range: {text}\r\n") ? answer : "200";
    }

    // A field that is no list is none when there are two of it.
    private bool Once(string field)
    {
        bool once = _random.Next(10) > 0;
        _fields.Add(once ? field : field + field);
        return once;
    }
}
