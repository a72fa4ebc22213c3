using Seriema.Transport;

namespace Seriema.Site.Tests;

/// <summary>Files that change while they are sent.</summary>
public sealed class RaceTests : SiteTest
{
    [Fact]
    public void A_file_that_becomes_shorter_breaks_the_response_off()
    {
        string path = WriteLarge("file.txt");
        TestExchange exchange = Slow();
        using (FileStream file = File.OpenWrite(path)) file.SetLength(50_000);
        exchange.Drain();
        Assert.True(exchange.IsBroken);
        Assert.Equal(Large()[..50_000], exchange.Response().Body);
        Changed();
        Assert.Equal(Large()[..50_000], BodyOf("/file.txt"));
    }

    [Fact]
    public void A_file_that_becomes_longer_is_sent_as_long_as_it_was()
    {
        string path = WriteLarge("file.txt");
        TestExchange exchange = Slow();
        File.AppendAllText(path, "more");
        exchange.Drain();
        Assert.False(exchange.IsBroken);
        Assert.Equal(Large(), exchange.Response().Body);
        Changed();
        Assert.Equal(Large() + "more", BodyOf("/file.txt"));
    }

    [Fact]
    public void A_file_that_is_replaced_is_sent_as_it_was()
    {
        string path = WriteLarge("file.txt");
        TestExchange exchange = Slow();
        Write("new", "new");
        File.Move(Path.Combine(Root, "new"), path, overwrite: true);
        Changed();
        Assert.Equal("new", BodyOf("/file.txt"));
        exchange.Drain();
        Assert.Equal(Large(), exchange.Response().Body);
    }

    [Fact]
    public void A_file_that_is_deleted_or_whose_folder_goes_is_sent_as_it_was()
    {
        string path = WriteLarge("file.txt");
        WriteLarge("folder/file.txt", 50_000);
        TestExchange first = Slow();
        TestExchange second = Slow("/folder/file.txt");
        File.Delete(path);
        Directory.Move(Path.Combine(Root, "folder"), Path.Combine(Outside, "folder"));
        Changed();
        Assert.Null(Get("/file.txt"));
        Assert.Null(Get("/folder/file.txt"));
        first.Drain();
        second.Drain();
        Assert.Equal(Large(), first.Response().Body);
        Assert.Equal(Large(50_000), second.Response().Body);
    }

    [Fact]
    public void A_file_whose_length_is_never_what_it_was_said_to_be_is_sent_but_not_kept()
    {
        // The kernel says 4096 of every file in there, and gives less.
        const string folder = "/sys/devices/system/cpu";
        Open(Options() with { Mounts = [new StaticMountOptions("/", folder)] });
        for (int i = 0; i < 2; i++)
        {
            SiteResponse response = Get("/online", "Range: bytes=0-0", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT")!;
            Assert.Equal(200, response.Status);
            Assert.Equal(File.ReadAllText(folder + "/online"), response.Body);
            Assert.Null(response["ETag"]);
            Assert.Null(response["Last-Modified"]);
            Assert.Equal(0, Site.Cache.Count);
            Assert.Equal(0, Site.Watches);
        }
    }

    [Fact]
    public void A_FIFO_that_takes_a_file_s_place_between_looking_and_opening_does_not_block()
    {
        string path = Write("file.txt", "content");
        Open(Options(), open: folder => new SwappingRoot(folder, () =>
        {
            File.Delete(path);
            using System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [path]);
            make.WaitForExit();
        }));
        Assert.Null(Get("/file.txt"));
    }

    private TestExchange Slow(string path = "/file.txt")
    {
        TestExchange exchange = new(Text("GET", path)) { IsSlow = true };
        Assert.True(Site.TryServe(exchange));
        Assert.True(exchange.IsSending);
        return exchange;
    }

    /// <summary>Somebody is quicker than the site.</summary>
    private sealed class SwappingRoot(string folder, Action swap) : FolderRoot(folder)
    {
        internal override int OpenFile(ReadOnlySpan<byte> path, out bool overLink)
        {
            swap();
            return base.OpenFile(path, out overLink);
        }
    }
}
