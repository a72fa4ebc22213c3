using System.Globalization;
using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>The header of the PROXY protocol, from the files of <c>tests/corpus/proxy</c>.</summary>
public sealed class ProxyHeaderTests
{
    public static TheoryData<string> Files => [.. Corpus.Files("proxy")];

    [Theory, MemberData(nameof(Files))]
    public void Verdict_does_not_depend_on_how_the_bytes_arrive(string file)
    {
        RequestCase expected = RequestCase.Load(file, "proxy");
        foreach (int[] cuts in Splits.Of(expected.Bytes))
        {
            string verdict = Feed(expected.Bytes, cuts);
            Assert.True(expected.Verdict == verdict, $"{file} {Splits.Show(cuts)} ({expected.Why}):\n{verdict}\nexpected\n{expected.Verdict}");
        }
    }

    [Fact]
    public void Every_case_cites_the_section_that_decides_it() =>
        Assert.All(Corpus.Files("proxy"), file => Assert.StartsWith("section 2", RequestCase.Load(file, "proxy").Why, StringComparison.Ordinal));

    [Fact]
    public void Every_mistake_has_a_case()
    {
        HashSet<string> seen = [.. Corpus.Files("proxy").Select(file => RequestCase.Load(file, "proxy").Verdict)];
        foreach (ProxyMistake mistake in Enum.GetValues<ProxyMistake>().Where(mistake => mistake != ProxyMistake.None))
        {
            Assert.Contains("rejected " + mistake.ToString().ToLowerInvariant(), seen);
        }
    }

    [Fact]
    public void Changed_headers_throw_nothing_and_are_decided_in_bounded_bytes()
    {
        Random random = new(20261121);
        byte[][] seeds = [.. Corpus.Files("proxy").Select(file => RequestCase.Load(file, "proxy").Bytes)];
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes = [.. seeds[random.Next(seeds.Length)]];
            for (int n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            byte[] whole = [.. bytes, .. new byte[ProxyHeaderReader.MaxLength]];
            ParseStatus status = ProxyHeaderReader.Read(whole, out _, out ProxyMistake mistake, out int consumed);
            string input = VisibleBytes.Show(bytes);
            Assert.True(status != ParseStatus.NeedMore, input);
            Assert.True(status == ParseStatus.Rejected ? consumed == 0 && mistake != ProxyMistake.None : consumed is > 0 and <= ProxyHeaderReader.MaxLength, input);
        }
    }

    private static string Feed(byte[] bytes, int[] cuts)
    {
        foreach (int end in cuts.Append(bytes.Length))
        {
            switch (ProxyHeaderReader.Read(bytes.AsSpan(0, end), out ProxyHeader header, out ProxyMistake mistake, out int consumed))
            {
                case ParseStatus.NeedMore: break;
                case ParseStatus.Rejected: return "rejected " + mistake.ToString().ToLowerInvariant();
                default: return string.Create(CultureInfo.InvariantCulture, $"accepted {Show(header)}; rest={bytes.Length - consumed}");
            }
        }
        return "incomplete";
    }

    private static string Show(ProxyHeader header)
    {
        if (header.IsLocal) return "local";
        if (!header.HasAddress) return "no address";
        Span<byte> text = stackalloc byte[IpAddress.MaxText];
        string address = Encoding.ASCII.GetString(text[..header.Address.Format(text)]);
        return string.Create(CultureInfo.InvariantCulture, $"{address} {header.Port}{(header.IsTls ? " tls" : "")}");
    }
}
