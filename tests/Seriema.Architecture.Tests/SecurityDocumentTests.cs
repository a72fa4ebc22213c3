using System.Text.RegularExpressions;

namespace Seriema.Architecture.Tests;

/// <summary>What SECURITY.md names as proof is there.</summary>
public sealed partial class SecurityDocumentTests
{
    private const string Begin = "## What is promised\n";
    private const string End = "## What is not promised\n";

    private static string Document { get; } = Repository.Read("SECURITY.md");

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        ILookup<string, string> classes = Repository.Files("tests", "*Tests.cs").ToLookup(path => Path.GetFileNameWithoutExtension(path), Repository.Read);
        int found = 0;
        foreach (Match match in TestName().Matches(Document))
        {
            (string type, string method) = (match.Groups[1].Value, match.Groups[2].Value);
            // Several projects may have a class of that name.
            Assert.True(classes[type].Any(code => Regex.IsMatch(code, $@"public (?:async )?(?:void|Task) {method}\(")), $"there is no test {type}.{method}");
            found++;
        }
        Assert.True(found > 50, "the document's form has changed, and this test finds nothing in it");
    }

    [Fact]
    public void Every_folder_file_and_program_that_it_names_is_there()
    {
        MatchCollection paths = PathName().Matches(Document);
        Assert.True(paths.Count > 3, "the document's form has changed, and this test finds nothing in it");
        Assert.All(paths.Select(match => Repository.At(match.Groups[1].Value)), path => Assert.True(File.Exists(path) || Directory.Exists(path), path));
    }

    [Fact]
    public void Every_option_that_it_names_is_in_the_list_of_options()
    {
        string options = Repository.Read("docs/options.md");
        MatchCollection names = OptionName().Matches(Document);
        Assert.True(names.Count > 10, "the document's form has changed, and this test finds nothing in it");
        Assert.All(names.Select(match => match.Groups[1].Value), name => Assert.Matches($@"(?m)^\|[^|]*`{name}[` ]", options));
    }

    [Fact]
    public void Every_promise_has_a_test_that_proves_it()
    {
        int begin = Document.IndexOf(Begin, StringComparison.Ordinal), end = Document.IndexOf(End, StringComparison.Ordinal);
        Assert.InRange(begin, 0, end);
        string[] rows = [.. Document[begin..end].Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("| ---", StringComparison.Ordinal) && !line.StartsWith("| promise |", StringComparison.Ordinal))];
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(TestName(), row.Split(" | ")[^1]));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`((?:tests|fuzz|bench|docs|src|scripts|deploy|examples)/[\w./-]+)`")]
    private static partial Regex PathName();

    [GeneratedRegex(@"`(--[a-z][a-z_-]*)`")]
    private static partial Regex OptionName();
}
