using System.Text.RegularExpressions;

namespace Seriema.Architecture.Tests;

/// <summary>Unsafe code lives in three folders.</summary>
public sealed partial class UnsafeTests
{
    private static readonly string[] s_folders = ["src/Seriema.CPython/", "src/Seriema.Transport/Interop/", "src/Seriema.Wsgi/Native/"];

    [Fact]
    public void Unsafe_code_stands_in_its_folders_only()
    {
        Assert.DoesNotContain(Repository.Files("src", "*.cs"), path => !s_folders.Any(path.StartsWith) && HasUnsafe(path));
        // A folder without any has no business in the list.
        Assert.All(s_folders, folder => Assert.Contains(Repository.Files("src", "*.cs"), path => path.StartsWith(folder, StringComparison.Ordinal) && HasUnsafe(path)));
    }

    [Fact]
    public void Only_the_projects_of_those_folders_may_hold_any()
    {
        string[] allowing = [.. Repository.Projects.Keys.Where(name => ReferenceTests.Property(name, "AllowUnsafeBlocks") == "true")];
        Assert.Equal(["Seriema.CPython", "Seriema.Transport", "Seriema.Wsgi"], allowing.Order());
        Assert.DoesNotContain("AllowUnsafeBlocks", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_C_library_and_Python_are_called_from_those_folders_only()
    {
        Assert.DoesNotContain(
            Repository.Files("src", "*.cs"),
            path => !s_folders.Any(path.StartsWith) && Import().IsMatch(CodeText.Of(Repository.Read(path))));
    }

    private static bool HasUnsafe(string path) => Unsafe().IsMatch(CodeText.Of(Repository.Read(path)));

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"\b(LibraryImport|DllImport|UnmanagedCallersOnly)\b")]
    private static partial Regex Import();
}
