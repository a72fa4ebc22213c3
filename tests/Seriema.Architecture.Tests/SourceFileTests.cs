using System.Text.RegularExpressions;

namespace Seriema.Architecture.Tests;

/// <summary>What every source file has in common.</summary>
public sealed partial class SourceFileTests
{
    private const int MaxLines = 400;

    public static TheoryData<string> Folders => ["src", "tests", "examples"];

    [Fact]
    public void A_long_file_says_in_its_first_line_why()
    {
        Assert.All(Repository.Files("src", "*.cs"), path =>
        {
            string[] lines = File.ReadAllLines(Repository.At(path));
            bool mayBeLong = lines[0].StartsWith($"// Longer than {MaxLines} lines: ", StringComparison.Ordinal);
            Assert.True(lines.Length <= MaxLines || mayBeLong, $"{path} has {lines.Length} lines");
        });
    }

    [Fact]
    public void A_file_s_folder_is_its_namespace()
    {
        Assert.All(Repository.Files("src", "*.cs"), path =>
        {
            string? declared = Namespace().Match(Repository.Read(path)) is { Success: true } match ? match.Groups[1].Value : null;
            if (declared is null) return; // AssemblyInfo, Program
            string folder = Path.GetDirectoryName(path)!["src/".Length..].Replace('/', '.');
            // The public surface of the worker is the product's, so its users write "using Seriema".
            Assert.True(declared == folder || (declared == "Seriema" && folder == "Seriema.Worker"), $"{path} declares {declared}");
        });
    }

    [Fact]
    public void What_is_in_the_namespace_of_the_product_is_public_and_nothing_else_is()
    {
        Assert.All(Repository.Files("src", "*.cs"), path =>
        {
            string code = CodeText.Of(Repository.Read(path));
            bool isProduct = Namespace().Match(code) is { Success: true } match && match.Groups[1].Value == "Seriema";
            Assert.True(isProduct == PublicType().IsMatch(code), $"{path}: {(isProduct ? "no public type" : "a public type")}");
        });
    }

    [Theory, MemberData(nameof(Folders))]
    public void Nothing_is_left_to_do_or_skipped(string folder)
    {
        Assert.All(
            Repository.Files(folder, "*.cs").Where(path => !path.EndsWith(nameof(SourceFileTests) + ".cs", StringComparison.Ordinal)),
            path => Assert.False(LeftToDo().IsMatch(Repository.Read(path)), path));
    }

    [Fact]
    public void A_class_is_named_for_the_one_thing_it_does()
    {
        Assert.All(Repository.Files("src", "*.cs"), path => Assert.False(VagueName().IsMatch(CodeText.Of(Repository.Read(path))), path));
    }

    [Fact]
    public void No_test_waits_for_time_to_pass()
    {
        Assert.All(Repository.Files("tests", "*.cs"), path => Assert.False(Sleeping().IsMatch(CodeText.Of(Repository.Read(path))), path));
    }

    // Where everyone may write, a name that can be foreseen is one that somebody else has made, as a link.
    [Fact]
    public void Nothing_is_written_to_a_shared_folder_under_a_name_that_can_be_foreseen()
    {
        const string readsOnly = "src/Seriema.Cli/DebuggerDoors.cs"; // removes there what the runtime has made
        string[] programs =
        [
            .. ((string[])["src", "scripts", "bench", "fuzz", "deploy"]).SelectMany(folder => Repository.Files(folder, "*")).Where(IsText), "serve", "test",
        ];
        Assert.Contains("bench/run", programs);
        Assert.All(programs.Where(path => path != readsOnly), path => Assert.False(SharedFolder().IsMatch(Repository.Read(path)), path));
    }

    private static bool IsText(string path) =>
        !path.StartsWith("bench/results/", StringComparison.Ordinal) && Path.GetExtension(path) is "" or ".cs" or ".py" or ".sh" or ".service" or ".socket";

    [GeneratedRegex(@"(?<![\w.])/(var/)?tmp/\w|/dev/shm/|GetTempPath\(|mktemp -u|tempnam|mktemp\(")]
    private static partial Regex SharedFolder();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^public ", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bSkip\s*=|#region|\bNotImplementedException\b")]
    private static partial Regex LeftToDo();

    [GeneratedRegex(@"\b(class|struct|interface) (\w*(Manager|Helpers?|Utils?|Utilities|Common)|\w+Base)\b")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\((?!Timeout\.Infinite\b)")]
    private static partial Regex Sleeping();
}
