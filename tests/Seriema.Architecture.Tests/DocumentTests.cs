using System.Text.RegularExpressions;

namespace Seriema.Architecture.Tests;

/// <summary>The documents say what the sources say.</summary>
public sealed partial class DocumentTests
{
    private const string Architecture = "docs/architecture.md";

    [Fact]
    public void Every_source_that_the_architecture_names_is_there()
    {
        string[] names = [.. Repository.Files("src", "*.cs"), .. Repository.Files("src", "*.py"), .. Repository.Files("tests", "*.cs")];
        foreach (Match match in SourceName().Matches(Repository.Read(Architecture)))
        {
            string name = match.Groups[1].Value;
            Assert.True(Array.Exists(names, path => path.EndsWith($".{name}", StringComparison.Ordinal) || path.EndsWith($"/{name}", StringComparison.Ordinal)), $"no {name}");
        }
    }

    [Fact]
    public void Every_method_that_the_architecture_names_is_there()
    {
        Dictionary<string, string> classes = Repository.Files("src", "*.cs")
            .GroupBy(path => Path.GetFileNameWithoutExtension(path))
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(path => CodeText.Of(Repository.Read(path)))));
        int found = 0;
        foreach (Match match in MethodName().Matches(Repository.Read(Architecture)))
        {
            (string type, string method) = (match.Groups[1].Value, match.Groups[2].Value);
            if (!classes.TryGetValue(type, out string? code)) continue; // a file, a folder, a class of .NET
            found++;
            Assert.True(Regex.IsMatch(code, $@"\b{method}\b"), $"{type} has no {method}");
        }
        Assert.True(found > 20, "the document's form has changed, and this test finds nothing in it");
    }

    [Fact]
    public void The_folders_that_the_architecture_shows_are_the_projects()
    {
        string[] shown = [.. FolderLine().Matches(Repository.Read(Architecture)).Select(match => match.Groups[1].Value)];
        Assert.Equal(Repository.Projects.Keys.Order(), shown.Order());
    }

    [Fact]
    public void Every_reason_to_reject_has_its_answer_and_is_given_somewhere()
    {
        string[] reasons = [.. Reason().Matches(CodeText.Of(Repository.Read("src/Seriema.Protocol/RejectReason.cs"))).Select(match => match.Groups[1].Value).Where(name => name != "None")];
        string table = CodeText.Of(Repository.Read("src/Seriema.Protocol/Rejections.cs"));
        string rest = string.Concat(
            Repository.Files("src", "*.cs")
                .Where(path => Path.GetFileName(path) is not ("RejectReason.cs" or "Rejections.cs"))
                .Select(path => CodeText.Of(Repository.Read(path))));
        Assert.True(reasons.Length > 30, "the enumeration's form has changed, and this test finds nothing in it");
        Assert.All(reasons, reason =>
        {
            Assert.Matches($@"\b{reason} =>", table);
            Assert.Matches($@"\b{reason}\b", rest);
        });
    }

    [Fact]
    public void Every_link_between_the_documents_leads_somewhere()
    {
        string[] documents = [.. Repository.Files("docs", "*.md"), "README.md", "CONTRIBUTING.md", "SECURITY.md"];
        foreach (string document in documents)
        {
            foreach (Match match in Link().Matches(Repository.Read(document)))
            {
                string target = Path.Combine(Repository.At(Path.GetDirectoryName(document)!), match.Groups[1].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {match.Groups[1].Value}");
            }
        }
    }

    [GeneratedRegex(@"`([\w./]+\.(?:cs|py))`")]
    private static partial Regex SourceName();

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z_]\w*)`")]
    private static partial Regex MethodName();

    [GeneratedRegex(@"^src/([\w.]+)/ ", RegexOptions.Multiline)]
    private static partial Regex FolderLine();

    [GeneratedRegex(@"^    (\w+),", RegexOptions.Multiline)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)")]
    private static partial Regex Link();
}
