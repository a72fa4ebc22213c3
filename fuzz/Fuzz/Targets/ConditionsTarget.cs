using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>If-Match and If-None-Match: the lines of the input are the field's.</summary>
internal sealed class ConditionsTarget : FuzzTarget
{
    private static readonly byte[][] s_tags = Pieces(
        "\"a\"", "\"a\"", "W/\"a\"", "\"b\"", "W/\"b\"", "\"\"", "W/\"\"", "\"a,b\"", "*", "a", "\"a", "W/a", "w/\"a\"", "\"\u00E9\"",
        "\"a b\"", "\"a\\\"", "\"\0\"", "\"a\"\"a\"", "");
    private static readonly byte[][] s_between = Pieces(",", ", ", " ,\t", "\n", "\n", ",,", " ", ";");
    private static readonly byte[][] s_tokens = Pieces("\"", "W/", ",", "*", " ", "\n", "a", "\\", "\0");

    private readonly byte[] _joined = new byte[FuzzInput.Capacity];

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        for (int tags = random.Next(5); tags >= 0; tags--)
        {
            input.Add(random.Pick(s_tags));
            if (tags > 0) input.Add(random.Pick(s_between));
        }
        if (random.OneIn(3)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        ReadOnlySpan<byte> bytes = input.Bytes;
        _ = EntityTag.TryParse("\"a\""u8, out EntityTag current);
        bool strongly = Matches(bytes, current, weakly: false);
        bool weakly = Matches(bytes, current, weakly: true);
        Finding.Unless(weakly || !strongly, "What is equal strongly is not equal weakly.");
        Finding.Unless(!weakly || bytes.Contains((byte)'*') || bytes.IndexOf("\"a\""u8) >= 0, "A tag that is not there is found.");
        CheckTag(bytes);

        // RFC 9110 §5.3. A star is one only alone, and a quote may be open where a line ends.
        if (bytes.Contains((byte)'*') || HasOpenQuote(bytes)) return weakly;
        Span<byte> joined = _joined.AsSpan(0, bytes.Length);
        bytes.Replace(joined, (byte)'\n', (byte)',');
        Finding.Unless(Matches(joined, current, weakly: true) == weakly, "Joined, the lines mean something else (weakly).");
        Finding.Unless(Matches(joined, current, weakly: false) == strongly, "Joined, the lines mean something else (strongly).");
        return weakly;
    }

    private static bool Matches(ReadOnlySpan<byte> lines, EntityTag current, bool weakly)
    {
        EntityTagCondition condition = default;
        while (true)
        {
            int end = lines.IndexOf((byte)'\n');
            condition.AddLine(end < 0 ? lines : lines[..end], current, weakly);
            if (end < 0) break;
            lines = lines[(end + 1)..];
        }
        Finding.Unless(condition.IsPresent, "A field that is there is not present.");
        return condition.Matches;
    }

    private static void CheckTag(ReadOnlySpan<byte> text)
    {
        if (!EntityTag.TryParse(text, out EntityTag tag)) return;
        Finding.Unless(tag.Opaque.Length >= 2 && tag.Opaque[0] == '"' && tag.Opaque[^1] == '"', "A tag has no quotes.");
        Finding.Unless(!tag.Opaque[1..^1].Contains((byte)'"') && !tag.Opaque.Contains((byte)' '), "A tag has a quote or a space inside.");
        Finding.Unless(text.Length == tag.Opaque.Length + (tag.IsWeak ? 2 : 0), "A tag is not the whole text.");
    }

    private static bool HasOpenQuote(ReadOnlySpan<byte> lines)
    {
        int quotes = 0;
        foreach (byte b in lines)
        {
            if (b == '"') quotes++;
            if (b == '\n' && quotes % 2 == 1) return true;
        }
        return false;
    }
}
