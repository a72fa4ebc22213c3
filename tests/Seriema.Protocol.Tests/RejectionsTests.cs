using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

public sealed partial class RejectionsTests
{
    [Fact]
    public void Every_reason_has_a_status_with_a_phrase_a_code_of_its_own_and_a_sentence()
    {
        HashSet<string> codes = [];
        foreach (RejectReason reason in Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None))
        {
            Rejection rejection = Rejections.Of(reason);
            Assert.InRange(rejection.Status, 400, 505);
            Assert.False(ReasonPhrases.Of(rejection.Status).IsEmpty, $"{reason}: {rejection.Status}");
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", rejection.Code);
            Assert.True(codes.Add(rejection.Code), rejection.Code);
            Assert.Matches("^[A-Z].*[.?]$", rejection.Text);
        }
    }

    [Fact]
    public void No_reason_is_no_rejection() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Rejections.Of(RejectReason.None));

    [Fact]
    public void The_document_lists_every_answer_as_it_is_given()
    {
        string document = File.ReadAllText(Corpus.PathOf("../../docs", "rejections.md"));
        string[] listed = [.. Row().Matches(document).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value} {row.Groups[3].Value}")];
        string[] given =
        [
            .. Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None)
                .Select(Rejections.Of).Select(rejection => $"{rejection.Code} {rejection.Status} {rejection.Text}"),
        ];
        Assert.Equal(given, listed); // in the order of the enumeration
    }

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| (\d{3}) \| (.*?) \| RFC \d{4} §[\d.]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
