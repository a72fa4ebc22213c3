using System.Diagnostics;

namespace Seriema.Protocol.Tests;

/// <summary>
/// Two things hold for any bytes: no exception, and whole, byte by byte and any cut give one verdict.
/// </summary>
public sealed class FuzzTests
{
    private static readonly HttpLimits s_small = new()
    {
        RequestLine = 40,
        FieldSize = 40,
        Fields = 4,
        Head = 150,
        Body = 40,
        ChunkLine = 8,
        ChunkExtensions = 16,
        TrailerSize = 30,
    };

    public static TheoryData<string> Found => [.. Corpus.Files("fuzz/parser")];

    [Fact]
    public void Requests_from_a_grammar_keep_the_two_invariants()
    {
        int firstSeed = Environment.TickCount & 0x3FFFFFFF; // another one each run; a failure prints it
        Stopwatch clock = Stopwatch.StartNew();
        int accepted = 0;
        int rejected = 0;
        for (int seed = firstSeed; clock.ElapsedMilliseconds < 2500; seed++)
        {
            string verdict = Check(new RequestGrammar(seed).Make(), $"seed {seed}", seed);
            if (verdict.Contains("accepted", StringComparison.Ordinal)) accepted++;
            if (verdict.Contains("rejected", StringComparison.Ordinal)) rejected++;
        }
        // A grammar that makes only right or only wrong requests would prove little.
        Assert.True(accepted > 20 && rejected > 20,
            $"{accepted} accepted, {rejected} rejected from seed {firstSeed} on.");
    }

    [Theory, MemberData(nameof(Found))]
    public void What_was_found_stays_fixed(string file)
    {
        string text = File.ReadAllText(Corpus.PathOf("fuzz/parser", file));
        Check(VisibleBytes.Parse(text[(text.IndexOf("\n---\n", StringComparison.Ordinal) + 5)..]), file, 1);
    }

    [Fact]
    public void No_value_of_a_response_breaks_out_of_its_line()
    {
        int firstSeed = Environment.TickCount & 0x3FFFFFFF;
        byte[] dest = new byte[64];
        for (int seed = firstSeed; seed < firstSeed + 20_000; seed++)
        {
            Random random = new(seed);
            ResponseWriter writer = new();
            writer.Begin(1, false, true);
            writer.WriteStatusLine(dest, 200, "OK"u8);
            byte[] name = RandomText(random, random.Next(12));
            byte[] value = RandomText(random, random.Next(20));
            if (writer.WriteField(dest, name, value, out int written) != FieldVerdict.Written) continue;
            ReadOnlySpan<byte> line = dest.AsSpan(0, written);
            bool oneLine = line.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) == written - 2 && line.EndsWith("\r\n"u8);
            bool oneName = line.IndexOf((byte)':') == name.Length;
            Assert.True(oneLine && oneName, $"seed {seed}: {VisibleBytes.Show(line)}");
        }
    }

    private static string Check(byte[] bytes, string source, int seed)
    {
        Check(bytes, source, seed, s_small);
        return Check(bytes, source, seed, new HttpLimits());
    }

    private static string Check(byte[] bytes, string source, int seed, HttpLimits limits)
    {
        string whole = ParserDriver.Feed(bytes, [], limits);
        Random random = new(seed);
        int[] some = [.. Enumerable.Range(1, Math.Max(bytes.Length - 1, 0)).Where(_ => random.Next(10) == 0)];
        foreach (int[] cuts in (int[][])[[.. Enumerable.Range(1, Math.Max(bytes.Length - 1, 0))], some])
        {
            string cut = ParserDriver.Feed(bytes, cuts, limits);
            Assert.True(whole == cut,
                $"{source}, cut at [{string.Join(',', cuts)}]:\n{Show(bytes)}\n{cut}\nwhole:\n{whole}");
        }
        return whole;
    }

    private static byte[] RandomText(Random random, int length)
    {
        byte[] text = new byte[length];
        // Mostly letters, so that some lines are right; now and then any byte at all.
        for (int i = 0; i < length; i++)
        {
            text[i] = (byte)(random.Next(30) == 0 ? random.Next(256) : random.Next('a', 'z' + 1));
        }
        return text;
    }

    private static string Show(byte[] bytes) => string.Concat(bytes.Chunk(60).Select(part => VisibleBytes.Show(part)));
}
