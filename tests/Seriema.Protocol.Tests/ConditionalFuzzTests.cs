using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

/// <summary>
/// For any Range and any conditions: no exception, ranges inside the file, and the answer of a second reading.
/// </summary>
public sealed partial class ConditionalFuzzTests
{
    private const long Now = 1795262400;
    private const int Runs = 20_000; // a second of a processor, more or less

    private static readonly Representation s_representation =
        new(1000, Encoding.ASCII.GetBytes(ConditionalGrammar.Tag), ConditionalGrammar.Modified);
    private static readonly string[] s_units =
        ["bytes=", "bytes=", "bytes=", "bytes=", "BYTES=", "byte=", "bytes =", "="];
    private static readonly string[] s_numbers =
        ["", "0", "1", "5", "9", "10", "31", "32", "33", "007", "4294967296", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "99999999999999999999999999", "+1", "x"];
    private static readonly string[] s_between = [",", ",", ",", ", ", " ,\t", ",,", ";", "-", " "];

    [Fact]
    public void Ranges_are_those_of_a_second_reading()
    {
        int firstSeed = Environment.TickCount & 0x3FFFFFFF; // another one each run; a failure prints it
        Dictionary<string, int> seen = [];
        ByteRange[] ranges = new ByteRange[ByteRanges.MaxRanges];
        for (int seed = firstSeed; seed < firstSeed + Runs; seed++)
        {
            Random random = new(seed);
            byte[] value = MakeRange(random);
            int length = random.Next(3) == 0 ? random.Next(3) : 32;
            RangeOutcome outcome = ByteRanges.Parse(value, length, ranges, out int count);
            string source = $"seed {seed}, {length} bytes: {VisibleBytes.Show(value)}";
            AssertSound(outcome, ranges.AsSpan(0, count), length, source);
            string expected = Reference(Encoding.Latin1.GetString(value), length);
            Assert.True(expected == Show(outcome, ranges.AsSpan(0, count), length), source);
            seen[outcome.ToString()] = seen.GetValueOrDefault(outcome.ToString()) + 1;
        }
        Assert.True(seen.Count == 4 && seen.Values.Min() > 100, $"{string.Join(' ', seen)} from seed {firstSeed} on.");
    }

    [Fact]
    public void Conditions_mean_what_they_were_made_to_mean()
    {
        int firstSeed = Environment.TickCount & 0x3FFFFFFF;
        Dictionary<string, int> seen = [];
        for (int seed = firstSeed; seed < firstSeed + Runs; seed++)
        {
            foreach (bool joined in (bool[])[false, true])
            {
                ConditionalGrammar grammar = new(seed);
                byte[] request = grammar.Make(joined);
                string answer = s_representation.Answer(request, Now);
                Assert.True(grammar.Meaning == answer,
                    $"seed {seed}: {answer}, expected {grammar.Meaning}\n{Encoding.Latin1.GetString(request)}");
                seen[answer] = seen.GetValueOrDefault(answer) + 1;
            }
        }
        string[] answers = ["200", "304", "412", "416", "206 0-9", "206 995-999", "206 0-9,20-29"];
        Assert.True(Array.TrueForAll(answers, answer => seen.GetValueOrDefault(answer) > 20),
            $"{string.Join(' ', seen)} from seed {firstSeed} on.");
    }

    [Fact]
    public void Damaged_conditions_are_answered_within_bounds()
    {
        int firstSeed = Environment.TickCount & 0x3FFFFFFF;
        int answered = 0;
        for (int seed = firstSeed; seed < firstSeed + Runs; seed++)
        {
            byte[] request = Damage(new ConditionalGrammar(seed).Make(false), new Random(seed));
            string answer = s_representation.Answer(request, Now);
            string text = Encoding.Latin1.GetString(request);
            Assert.True(Answer().IsMatch(answer), $"seed {seed}: {answer}\n{text}");
            answered += answer.StartsWith('2') ? 1 : 0;
            // Only a field that asks for it can bring about such an answer.
            string[] reasons = answer[..3] switch
            {
                "304" => ["If-None-Match:", "If-Modified-Since:"],
                "412" => ["If-Match:", "If-Unmodified-Since:"],
                "206" or "416" => ["Range:"],
                _ => [""],
            };
            bool hasReason = Array.Exists(reasons, name => text.Contains(name, StringComparison.OrdinalIgnoreCase));
            Assert.True(hasReason, $"seed {seed}: {answer}\n{text}");
        }
        Assert.True(answered > 20, $"{answered} answered from seed {firstSeed} on.");
    }

    private static void AssertSound(RangeOutcome outcome, ReadOnlySpan<ByteRange> ranges, long length, string source)
    {
        int least = outcome switch { RangeOutcome.Single => 1, RangeOutcome.Several => 2, _ => 0 };
        int most = outcome switch { RangeOutcome.Single => 1, RangeOutcome.Several => ByteRanges.MaxRanges, _ => 0 };
        Assert.True(ranges.Length >= least && ranges.Length <= most, $"{source}: {ranges.Length} are {outcome}");
        for (int i = 0; i < ranges.Length; i++)
        {
            ByteRange a = ranges[i];
            Assert.True(a.First >= 0 && a.Length > 0 && a.Last < length, $"{source}: {a}");
            for (int j = 0; j < i; j++)
            {
                // One byte at least between two parts: otherwise they would have been one.
                bool isApart = a.First > ranges[j].Last + 1 || ranges[j].First > a.Last + 1;
                Assert.True(isApart, $"{source}: {a} and {ranges[j]}");
            }
        }
    }

    // One character for each byte of the file: asked for, or not.
    private static string Show(RangeOutcome outcome, ReadOnlySpan<ByteRange> ranges, int length)
    {
        if (outcome is RangeOutcome.Whole or RangeOutcome.Unsatisfiable) return outcome.ToString();
        char[] bytes = [.. Enumerable.Repeat('.', length)];
        foreach (ByteRange range in ranges) bytes.AsSpan((int)range.First, (int)range.Length).Fill('#');
        return new string(bytes);
    }

    // The same rules with numbers of any size and a mark for each byte, so without the arithmetic under test.
    private static string Reference(string value, int length)
    {
        Match set = Set().Match(value);
        if (!set.Success || length == 0) return "Whole";
        IEnumerable<string> elements = set.Groups[1].Value.Split(',').Select(element => element.Trim(' ', '\t'));
        string[] specs = [.. elements.Where(element => element.Length > 0)];
        if (specs.Length is 0 or > 16) return "Whole";
        char[] bytes = [.. Enumerable.Repeat('.', length)];
        foreach (string spec in specs)
        {
            Match match = Spec().Match(spec);
            if (!match.Success) return "Whole";
            bool isSuffix = match.Groups[3].Success;
            BigInteger first = isSuffix ? length - Number(match.Groups[3]) : Number(match.Groups[1]);
            BigInteger last = isSuffix || match.Groups[2].Length == 0 ? first + length * 2 : Number(match.Groups[2]);
            // Which of two positions is the greater no longer matters where both are beyond every file.
            if (BigInteger.Min(last, long.MaxValue) < BigInteger.Min(first, long.MaxValue)) return "Whole";
            for (int i = 0; i < length; i++)
            {
                if (i >= first && (isSuffix || i <= last)) bytes[i] = '#';
            }
        }
        return Array.IndexOf(bytes, '#') < 0 ? "Unsatisfiable" : new string(bytes);
    }

    private static BigInteger Number(Group digits) => BigInteger.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    private static byte[] MakeRange(Random random)
    {
        StringBuilder text = new(Pick(random, s_units));
        int most = random.Next(6) == 0 ? 40 : 5; // now and then beyond the bound
        for (int count = random.Next(most); count >= 0; count--)
        {
            string first = Pick(random, s_numbers);
            // Mostly right ones: one wrong number makes all the rest meaningless.
            if (random.Next(4) > 0) first = $"{random.Next(34)}";
            string last = random.Next(5) == 0 ? Pick(random, s_numbers) : $"{random.Next(34, 99)}";
            if (random.Next(2) == 0 && int.TryParse(first, out int start)) last = $"{start + random.Next(3)}";
            text.Append(first).Append('-').Append(last);
            if (count > 0) text.Append(random.Next(8) == 0 ? Pick(random, s_between) : ",");
        }
        byte[] bytes = Encoding.Latin1.GetBytes(text.ToString());
        return random.Next(4) == 0 ? Damage(bytes, random) : bytes;
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        List<byte> damaged = [.. bytes];
        for (int times = random.Next(1, 4); times > 0 && damaged.Count > 0; times--)
        {
            int at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0: damaged[at] = (byte)random.Next(256); break;
                case 1: damaged.RemoveAt(at); break;
                case 2: damaged.Insert(at, damaged[at]); break;
                default: damaged.Insert(at, (byte)"\"*-,=; \t/W"[random.Next(10)]); break;
            }
        }
        return [.. damaged];
    }

    private static string Pick(Random random, string[] pieces) => pieces[random.Next(pieces.Length)];

    [GeneratedRegex("^bytes=(.*)$", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Set();

    [GeneratedRegex("^(?:([0-9]+)-([0-9]*)|-([0-9]+))\\z")]
    private static partial Regex Spec();

    [GeneratedRegex("^(200|206 [0-9,-]+|304|412|416|Rejected|NeedMore)$")]
    private static partial Regex Answer();
}
