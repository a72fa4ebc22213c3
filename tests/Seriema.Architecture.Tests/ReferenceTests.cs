using System.Xml.Linq;

namespace Seriema.Architecture.Tests;

/// <summary>References point one way.</summary>
public sealed class ReferenceTests
{
    /// <summary>All that each project may reference; a new arrow is a decision, so it is written here too.</summary>
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> s_allowed = new()
    {
        ["Seriema.Protocol"] = ([], []),
        ["Seriema.Transport"] = ([], []),
        ["Seriema.CPython"] = ([], []),
        ["Seriema.Wsgi"] = (["Seriema.CPython", "Seriema.Protocol"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Seriema.Site"] = (["Seriema.Protocol", "Seriema.Transport", "Seriema.Wsgi"], []),
        ["Seriema.Worker"] = (
            ["Seriema.CPython", "Seriema.Protocol", "Seriema.Site", "Seriema.Transport", "Seriema.Wsgi"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Seriema.Arbiter"] = (["Seriema.Transport"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Seriema.Cli"] = (["Seriema.Arbiter", "Seriema.Worker"], ["System.CommandLine"]),
    };

    public static TheoryData<string> Projects => [.. Repository.Projects.Keys];

    [Fact]
    public void Every_project_has_its_place_in_the_table()
    {
        Assert.Equal(s_allowed.Keys.Order(), Repository.Projects.Keys.Order());
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_no_more_than_the_table_says(string project)
    {
        XDocument file = Repository.Projects[project];
        string[] references = [.. Included(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!)];
        Assert.Equal(s_allowed[project].Projects.Order(), references.Order());
        Assert.Equal(s_allowed[project].Packages.Order(), Included(file, "PackageReference").Order());
        Assert.Empty(Included(file, "FrameworkReference"));
        Assert.Empty(Included(file, "Reference"));
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_can_be_compiled_ahead_of_time(string project)
    {
        Assert.Equal("true", Property(project, "IsAotCompatible"));
    }

    [Theory]
    [InlineData("System.IO")]
    [InlineData("System.Net.")]
    [InlineData("System.Threading")]
    [InlineData("Microsoft.Extensions")]
    [InlineData("DateTime.UtcNow")]
    [InlineData("DateTime.Now")]
    [InlineData("Environment.")]
    [InlineData("Stopwatch")]
    [InlineData("Task")]
    [InlineData("lock (")]
    [InlineData("LibraryImport")]
    public void The_protocol_has_no_input_output_clock_or_thread(string word)
    {
        Assert.DoesNotContain(
            Repository.Files("src/Seriema.Protocol", "*.cs"), path => CodeText.Of(Repository.Read(path)).Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("seriema.slnx");
        string[] projects = [.. Repository.Files("src", "*.csproj"), .. Repository.Files("tests", "*.csproj")];
        Assert.All(projects, path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }

    internal static string? Property(string project, string name) =>
        Repository.Projects[project].Descendants(name).SingleOrDefault()?.Value;

    private static IEnumerable<string> Included(XDocument file, string item) =>
        file.Descendants(item).Select(element => element.Attribute("Include")!.Value);
}
