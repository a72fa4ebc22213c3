using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Site.Tests;

/// <summary>What is there and cannot be read is not found, and the operator is told so once.</summary>
public sealed class UnreadableTests : SiteTest
{
    private readonly List<string> _told = [];

    [Theory]
    [InlineData(FileErrno.EACCES, null)]
    [InlineData(5, 503)] // EIO: another answer than that there is nothing
    public void An_unreadable_file_is_told_of_once_and_again_after_it_could_be_read(int error, int? status)
    {
        string path = Write("file.txt", "content");
        LockedRoot root = OpenLocked("file.txt", error);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(status, Get("/file.txt")?.Status);
            Clock.Pass(SiteLoader.ReliableInterval); // it is looked at again each time
        }
        string line = Assert.Single(_told);
        Assert.StartsWith($"open {path}: ", line, StringComparison.Ordinal);
        root.Error = 0;
        File.AppendAllText(path, "!");
        Changed();
        Assert.Equal("content!", BodyOf("/file.txt"));
        root.Error = error;
        File.AppendAllText(path, "!");
        Changed();
        Assert.Equal(status, Get("/file.txt")?.Status);
        Assert.Equal([line, line], _told);
    }

    [Fact]
    public void A_folder_that_may_not_be_searched_is_told_of_and_not_the_names_in_it()
    {
        Write("private/file.txt", "content");
        OpenLocked("private/", FileErrno.EACCES);
        for (int i = 0; i < 10; i++) Assert.Null(Get($"/private/{i}/file.txt"));
        Assert.StartsWith($"open {Root}/private: ", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_not_told_of()
    {
        Write("file.txt", "content");
        File.CreateSymbolicLink(Path.Combine(Root, "out"), Path.Combine(Outside, "file"));
        OpenLocked("other", FileErrno.EACCES);
        Assert.Null(Get("/none"));
        Assert.Null(Get("/file.txt/none"));
        Assert.Null(Get("/out"));
        Assert.Empty(_told);
    }

    [Fact]
    public void That_changes_are_not_told_of_is_said_once()
    {
        Write("a/file.txt", "content");
        Write("b/file.txt", "content");
        Open(Options() with { Tell = _told.Add }, new ScriptedInotify { Left = 0 });
        Assert.Equal("content", BodyOf("/a/file.txt"));
        Assert.Equal("content", BodyOf("/b/file.txt"));
        Assert.Contains("fs.inotify.max_user_watches", Assert.Single(_told), StringComparison.Ordinal);
    }

    private LockedRoot OpenLocked(string place, int error)
    {
        LockedRoot root = null!;
        Open(Options() with { Tell = _told.Add }, open: folder => root = new LockedRoot(folder, place) { Error = error });
        return root;
    }

    /// <summary>A folder in which one file cannot be opened, or nothing below one folder be reached.</summary>
    private sealed class LockedRoot(string folder, string place) : FolderRoot(folder)
    {
        internal int Error { get; set; }

        internal override int OpenFile(ReadOnlySpan<byte> path, out bool overLink)
        {
            overLink = false;
            return IsLocked(path) ? -Error : base.OpenFile(path, out overLink);
        }

        internal override int OpenFolder(ReadOnlySpan<byte> path, out bool overLink)
        {
            overLink = false;
            return IsLocked(path) ? -Error : base.OpenFolder(path, out overLink);
        }

        internal override int Stat(ReadOnlySpan<byte> path, out FileStatus status)
        {
            status = default;
            return place.EndsWith('/') && IsLocked(path) ? -Error : base.Stat(path, out status);
        }

        private bool IsLocked(ReadOnlySpan<byte> path)
        {
            string text = System.Text.Encoding.UTF8.GetString(path);
            return Error != 0 && (text == place || (place.EndsWith('/') && text.StartsWith(place, StringComparison.Ordinal)));
        }
    }
}
