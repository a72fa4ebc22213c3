using System.Diagnostics;
using Seriema.Transport;

namespace Seriema.Site.Tests;

/// <summary>What changes on disk shows in the next request, once the kernel has told of it.</summary>
public sealed class ChangeTests : SiteTest
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_file_s_life_shows(int size)
    {
        Write("other.txt", "other"); // so that the folder is known before the file is
        Assert.Equal("other", BodyOf("/other.txt"));
        Assert.Null(Get("/folder/file.txt"));
        string path = WriteLarge("folder/file.txt", size);
        Changed();
        Assert.Equal(Large(size), BodyOf("/folder/file.txt"));
        File.WriteAllText(path, "written over");
        Changed();
        Assert.Equal("written over", BodyOf("/folder/file.txt"));
        File.WriteAllText(path + ".new", "renamed over");
        File.Move(path + ".new", path, overwrite: true);
        Changed();
        Assert.Equal("renamed over", BodyOf("/folder/file.txt"));
        File.Delete(path);
        Changed();
        Assert.Null(Get("/folder/file.txt"));
        Assert.Equal("other", BodyOf("/other.txt"));
    }

    [Fact]
    public void A_large_file_that_is_written_over_unwatched_never_has_its_old_tag_or_length()
    {
        string path = WriteLarge("file.txt");
        Open(Options(), new ScriptedInotify { Left = 0 });
        SiteResponse before = Get("/file.txt")!;
        File.AppendAllText(path, "grown");
        SiteResponse after = Get("/file.txt", $"If-None-Match: {before["ETag"]}")!;
        Assert.Equal((200, Large() + "grown"), (after.Status, after.Body));
        Assert.NotEqual(before["ETag"], after["ETag"]);
        File.Delete(path);
        Assert.Null(Get("/file.txt"));
    }

    [Fact]
    public void Nothing_is_looked_at_again_while_nothing_changes()
    {
        string path = Write("file.txt", "content");
        Open(Options(), open: folder => new CountingRoot(folder));
        Assert.Equal("content", BodyOf("/file.txt"));
        Assert.Null(Get("/nothing"));
        int calls = CountingRoot.Calls;
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("content", BodyOf("/file.txt"));
            Assert.Null(Get("/nothing"));
        }
        Assert.Equal(calls, CountingRoot.Calls);
        Assert.Equal(0, Transport.Interop.Libc.Poll(Site.ChangesDescriptor, Transport.Interop.Libc.POLLIN, 0)); // reading is no change
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        Changed();
        Assert.Equal("content", BodyOf("/file.txt"));
        Assert.True(CountingRoot.Calls > calls);
    }

    [Fact]
    public void A_folder_that_is_renamed_takes_its_files_along()
    {
        Write("a/b/c/file.txt", "content");
        Write("a/b/c/index.html", "index");
        Assert.Equal("content", BodyOf("/a/b/c/file.txt"));
        Assert.Equal("index", BodyOf("/a/b/c/"));
        Assert.Equal(301, Get("/a/b/c")!.Status);
        Assert.Null(Get("/x/b/c/file.txt"));
        Directory.Move(Path.Combine(Root, "a"), Path.Combine(Root, "x"));
        Changed();
        Assert.Null(Get("/a/b/c/file.txt"));
        Assert.Null(Get("/a/b/c/"));
        Assert.Null(Get("/a/b/c"));
        Assert.Equal("content", BodyOf("/x/b/c/file.txt"));
        File.WriteAllText(Path.Combine(Root, "x/b/c/file.txt"), "new");
        Changed();
        Assert.Equal("new", BodyOf("/x/b/c/file.txt"));
    }

    [Fact]
    public void A_folder_that_is_deleted_and_made_again_is_another_one()
    {
        Write("a/file.txt", "old");
        Assert.Equal("old", BodyOf("/a/file.txt"));
        Directory.Delete(Path.Combine(Root, "a"), recursive: true);
        Write("a/file.txt", "new");
        Changed();
        Assert.Equal("new", BodyOf("/a/file.txt"));
        File.WriteAllText(Path.Combine(Root, "a/file.txt"), "newer");
        Changed();
        Assert.Equal("newer", BodyOf("/a/file.txt"));
    }

    [Fact]
    public void An_index_that_comes_or_goes_shows()
    {
        Write("folder/file.txt", "content");
        Assert.Null(Get("/folder/"));
        Write("folder/index.html", "index");
        Changed();
        Assert.Equal("index", BodyOf("/folder/"));
        File.Delete(Path.Combine(Root, "folder/index.html"));
        Changed();
        Assert.Null(Get("/folder/"));
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_and_the_other_way_round()
    {
        Write("thing", "a file");
        Assert.Equal("a file", BodyOf("/thing"));
        Assert.Null(Get("/thing/below.txt"));
        File.Delete(Path.Combine(Root, "thing"));
        Write("thing/below.txt", "below");
        Changed();
        Assert.Equal(301, Get("/thing")!.Status);
        Assert.Equal("below", BodyOf("/thing/below.txt"));
        Directory.Delete(Path.Combine(Root, "thing"), recursive: true);
        Write("thing", "a file again");
        Changed();
        Assert.Equal("a file again", BodyOf("/thing"));
        Assert.Null(Get("/thing/below.txt"));
    }

    [Fact]
    public void A_link_to_a_release_that_is_swapped_shows_at_once()
    {
        Write("releases/1/file.txt", "one");
        Write("releases/2/file.txt", "two");
        File.CreateSymbolicLink(Path.Combine(Root, "current"), "releases/1");
        Assert.Equal("one", BodyOf("/current/file.txt"));
        File.CreateSymbolicLink(Path.Combine(Root, "next"), "releases/2");
        // .NET moves no link to a folder over another.
        using (Process move = Process.Start("mv", ["-T", Path.Combine(Root, "next"), Path.Combine(Root, "current")])) move.WaitForExit();
        Changed();
        Assert.Equal("two", BodyOf("/current/file.txt"));
        File.WriteAllText(Path.Combine(Root, "releases/2/file.txt"), "two!");
        Changed();
        Assert.Equal("two!", BodyOf("/current/file.txt"));
    }

    [Fact]
    public void What_a_link_leads_to_is_looked_at_every_second()
    {
        Write("data/file.txt", "one");
        Write("releases/1/file.txt", "one");
        File.CreateSymbolicLink(Path.Combine(Root, "link.txt"), "data/file.txt");
        File.CreateSymbolicLink(Path.Combine(Root, "current"), "releases/1");
        Assert.Equal("one", BodyOf("/link.txt"));
        Assert.Equal("one", BodyOf("/current/file.txt"));
        File.WriteAllText(Path.Combine(Root, "data/file.txt"), "two");
        Directory.Move(Path.Combine(Root, "releases"), Path.Combine(Root, "old"));
        Write("releases/1/file.txt", "three");
        Clock.Pass(s_second);
        Assert.Equal("two", BodyOf("/link.txt"));
        Assert.Equal("three", BodyOf("/current/file.txt"));
    }

    [Fact]
    public void A_change_under_another_name_of_the_file_is_seen_within_a_second()
    {
        string path = Write("file.txt", "one");
        using (Process link = Process.Start("ln", [path, Path.Combine(Outside, "same.txt")])) link.WaitForExit();
        Assert.Equal("one", BodyOf("/file.txt"));
        File.WriteAllText(Path.Combine(Outside, "same.txt"), "three");
        Clock.Pass(s_second);
        Assert.Equal("three", BodyOf("/file.txt"));
    }

    [Fact]
    public void The_served_folder_itself_may_be_swapped()
    {
        Write("file.txt", "one");
        Assert.Equal("one", BodyOf("/file.txt"));
        string root = Root;
        Directory.Move(root, root + ".old");
        Clock.Pass(s_second);
        Assert.Equal("one", BodyOf("/file.txt")); // until there is another
        Directory.CreateDirectory(root + ".new");
        File.WriteAllText(root + ".new/file.txt", "two");
        Directory.Move(root + ".new", root);
        Clock.Pass(s_second);
        Assert.Equal("two", BodyOf("/file.txt"));
        Write("file.txt", "three");
        Changed();
        Assert.Equal("three", BodyOf("/file.txt"));
    }

    [Theory]
    [InlineData(0)] // the kernel refuses all
    [InlineData(1)] // or has one left, for the folder above
    public void Without_watches_a_change_is_seen_within_a_second_and_not_before(int watches)
    {
        string path = Write("folder/file.txt", "one");
        Write("large/file.txt", Large());
        Open(Options(), new ScriptedInotify { Left = watches });
        CheckUnwatched(path);
    }

    [Fact]
    public void The_number_of_watches_is_bounded()
    {
        string path = Write("folder/file.txt", "one");
        Write("large/file.txt", Large());
        Open(Options() with { Limits = new SiteCacheLimits { Watches = 1 } });
        CheckUnwatched(path);
        Assert.Equal(1, Site.Watches);
    }

    private void CheckUnwatched(string path)
    {
        Assert.Equal("one", BodyOf("/folder/file.txt"));
        Assert.Null(Get("/folder/new.txt"));
        Assert.Equal(Large(), BodyOf("/large/file.txt"));
        File.WriteAllText(path, "two and more");
        Write("folder/new.txt", "new");
        Write("large/file.txt", Large(99_999));
        Site.OnChanges();
        Assert.Equal("one", BodyOf("/folder/file.txt"));
        Assert.Null(Get("/folder/new.txt"));
        Clock.Pass(s_second);
        Assert.Equal("two and more", BodyOf("/folder/file.txt"));
        Assert.Equal("new", BodyOf("/folder/new.txt"));
        Assert.Equal(Large(99_999), BodyOf("/large/file.txt"));
        File.Delete(path);
        Clock.Pass(s_second);
        Assert.Null(Get("/folder/file.txt"));
    }

    [Fact]
    public void Even_a_change_that_is_never_told_is_seen_after_a_while()
    {
        string path = Write("file.txt", "one");
        Assert.Equal("one", BodyOf("/file.txt"));
        Assert.Null(Get("/folder/a.txt"));
        Assert.Null(Get("/folder/b.txt"));
        File.WriteAllText(path, "three"); // and nobody calls OnChanges
        string b = Write("folder/b.txt", "b");
        Write("folder/c.txt", "c");
        Clock.Pass(SiteLoader.ReliableInterval);
        Assert.Equal("three", BodyOf("/file.txt"));
        Assert.Equal("b", BodyOf("/folder/b.txt"));
        Assert.Equal("c", BodyOf("/folder/c.txt"));
        File.WriteAllText(b, "b!"); // the folder is watched from now on
        Changed();
        Assert.Equal("b!", BodyOf("/folder/b.txt"));
    }

    [Fact]
    public void When_events_were_lost_everything_is_looked_at_again()
    {
        using ScriptedInotify inotify = new();
        Write("a.txt", "one");
        Write("folder/b.txt", "one");
        Open(Options(), inotify);
        Assert.Equal("one", BodyOf("/a.txt"));
        Assert.Equal("one", BodyOf("/folder/b.txt"));
        Write("a.txt", "two");
        Write("folder/b.txt", "two");
        inotify.Overflows = true;
        Changed();
        Assert.Equal(0, Site.Cache.Count);
        Assert.Equal("two", BodyOf("/a.txt"));
        Assert.Equal("two", BodyOf("/folder/b.txt"));
        Write("a.txt", "three");
        Changed();
        Assert.Equal("three", BodyOf("/a.txt"));
    }

    [Fact]
    public void Watches_end_with_the_last_entry_that_needs_them()
    {
        Write("a/b/file.txt", "content");
        Assert.Equal("content", BodyOf("/a/b/file.txt"));
        Assert.Equal(3, Site.Watches);
        Assert.Null(Get("/a/none.txt"));
        Assert.Null(Get("/none/none/none.txt"));
        Assert.Equal(3, Site.Watches);
        Site.Cache.Remove("a/b/file.txt"u8);
        Assert.Equal(2, Site.Watches);
        Site.Cache.Clear();
        Assert.Equal(0, Site.Watches);
    }

    /// <summary>Counts what is asked of the file system.</summary>
    private sealed class CountingRoot(string path) : FolderRoot(path)
    {
        internal static int Calls { get; private set; } // of the one test that uses it

        internal override int OpenFile(ReadOnlySpan<byte> path, out bool overLink)
        {
            Calls++;
            return base.OpenFile(path, out overLink);
        }

        internal override int OpenFolder(ReadOnlySpan<byte> path, out bool overLink)
        {
            Calls++;
            return base.OpenFolder(path, out overLink);
        }

        internal override int Stat(ReadOnlySpan<byte> path, out FileStatus status)
        {
            Calls++;
            return base.Stat(path, out status);
        }
    }
}
