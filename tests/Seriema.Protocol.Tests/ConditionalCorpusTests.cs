using System.Text;

namespace Seriema.Protocol.Tests;

public sealed class ConditionalCorpusTests
{
    public static TheoryData<string, string> Files
    {
        get
        {
            TheoryData<string, string> files = [];
            foreach (string folder in (string[])["conditionals", "ranges"])
            {
                foreach (string file in Corpus.Files(folder)) files.Add(folder, file);
            }
            return files;
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void The_answer_is_the_expected_one(string folder, string file)
    {
        ConditionalCase expected = ConditionalCase.Load(folder, file);
        string answer = expected.Representation.Answer(expected.Request, expected.Now);
        Assert.True(expected.Expected == answer,
            $"{folder}/{file} ({expected.Why}):\n{answer}\nexpected\n{expected.Expected}");
    }

    // nginx makes its tag of the time and the length; a case with another tag could not be asked there.
    [Theory, MemberData(nameof(Files))]
    public void Every_case_cites_its_clause_and_has_the_tag_that_nginx_would_send(string folder, string file)
    {
        ConditionalCase one = ConditionalCase.Load(folder, file);
        Assert.True(one.Why.Contains('§', StringComparison.Ordinal), $"{file}: {one.Why}");
        string tag = $"\"{one.Representation.LastModified:x}-{one.Representation.Length:x}\"";
        Assert.Equal(tag, Encoding.ASCII.GetString(one.Representation.EntityTag));
    }

    // A case that says "because" and then the same answer claims a difference that is none.
    [Theory, MemberData(nameof(Files))]
    public void What_differs_from_nginx_really_does(string folder, string file)
    {
        ConditionalCase one = ConditionalCase.Load(folder, file);
        if (one.Nginx == "same") return;
        bool isSame = one.Nginx.StartsWith(one.Expected + ", because", StringComparison.Ordinal);
        Assert.False(isSame, $"{file}: {one.Nginx}");
    }

    [Theory, MemberData(nameof(Files))]
    public void The_order_of_different_fields_does_not_matter(string folder, string file)
    {
        ConditionalCase one = ConditionalCase.Load(folder, file);
        string[] lines = Encoding.Latin1.GetString(one.Request).Split("\r\n");
        string[] fields = lines[1..^2]; // behind the request line, before the empty one
        if (fields.Select(field => field.Split(':')[0]).Distinct().Count() < fields.Length) return;
        string turned = string.Join("\r\n", [lines[0], .. fields.Reverse(), "", ""]);
        Assert.Equal(one.Expected, one.Representation.Answer(turned, one.Now));
    }
}
