using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

public sealed partial class RequestCorpusTests
{
    private const string Second = "GET /second HTTP/1.1\r\nHost: second.example\r\n\r\n";
    private const string SecondVerdict = "accepted GET /second 1.1; host=second.example; keep-alive; fields=1";

    public static TheoryData<string> Files => [.. Corpus.Files("requests")];

    [Theory, MemberData(nameof(Files))]
    public void Verdict_does_not_depend_on_how_the_bytes_arrive(string file)
    {
        RequestCase expected = RequestCase.Load(file);
        foreach (int[] cuts in Splits.Of(expected.Bytes))
        {
            string verdict = ParserDriver.Feed(expected.Bytes, cuts);
            Assert.True(expected.Verdict == verdict,
                $"{file} {Splits.Show(cuts)} ({expected.Why}):\n{verdict}\nexpected\n{expected.Verdict}");
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void Verdict_does_not_depend_on_what_follows(string file)
    {
        RequestCase first = RequestCase.Load(file);
        if (first.Verdict.EndsWith("incomplete", StringComparison.Ordinal)) return; // what follows belongs to it
        byte[] bytes = [.. first.Bytes, .. Encoding.ASCII.GetBytes(Second)];
        bool lastAccepted = first.Verdict.Split('\n')[^1].StartsWith("accepted", StringComparison.Ordinal);
        string expected = lastAccepted ? first.Verdict + "\n" + SecondVerdict : first.Verdict;
        foreach (int[] cuts in (int[][])[[], [first.Bytes.Length], [.. Enumerable.Range(1, bytes.Length - 1)]])
        {
            string verdict = ParserDriver.Feed(bytes, cuts);
            Assert.True(expected == verdict, $"{file} {Splits.Show(cuts)}:\n{verdict}\nexpected\n{expected}");
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void Every_case_cites_the_clause_that_decides_it(string file)
    {
        string why = RequestCase.Load(file).Why;
        Assert.True(Clause().IsMatch(why), $"{file}: {why}");
    }

    [Fact]
    public void Every_reason_to_reject_has_a_case_in_the_corpus()
    {
        HashSet<string> seen =
            [.. Corpus.Files("requests").SelectMany(file => RequestCase.Load(file).Verdict.Split('\n'))];
        foreach (RejectReason reason in Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None))
        {
            Rejection rejection = Rejections.Of(reason);
            if (reason >= RejectReason.HeadTimeout) break; // the server's own reasons, which no bytes show
            Assert.Contains("rejected " + rejection.Code, seen);
        }
    }

    [GeneratedRegex(@"RFC (9110|9112|3986|6265) §[0-9C]", RegexOptions.CultureInvariant)]
    private static partial Regex Clause();
}
