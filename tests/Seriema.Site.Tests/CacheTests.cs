using System.Globalization;
using System.Text;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Site.Tests;

/// <summary>What is kept is bounded, and what is being sent outlives it.</summary>
public sealed class CacheTests : SiteTest
{
    [Fact]
    public void Descriptors_are_bounded_and_files_beyond_the_bound_still_served()
    {
        for (int i = 0; i < 20; i++) WriteLarge(Name(i), 20_000 + i);
        Open(Options() with { Limits = new SiteCacheLimits { OpenFiles = 5 } });
        int before = Descriptors();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 20; i++) Assert.Equal(Large(20_000 + i), BodyOf("/" + Name(i)));
            Assert.Equal(5, Site.Cache.OpenFiles);
            Assert.Equal(5, Site.Cache.Count);
            Assert.Equal(before + 5, Descriptors());
        }
        Site.Cache.Clear();
        Assert.Equal(before, Descriptors());
    }

    [Fact]
    public void Bytes_are_bounded_and_the_file_used_last_is_kept_longest()
    {
        for (int i = 0; i < 20; i++) WriteLarge(Name(i), 10_000);
        Open(Options() with { Limits = new SiteCacheLimits { Bytes = 60_000 } });
        for (int i = 0; i < 20; i++)
        {
            Assert.NotNull(Get("/" + Name(0))); // before each other one
            Assert.NotNull(Get("/" + Name(i)));
            Assert.InRange(Site.Cache.Bytes, 1, 60_000);
        }
        Assert.Equal(5, Site.Cache.Count);
        Assert.True(Site.Cache.TryGet("0.txt"u8, out _));
        Assert.True(Site.Cache.TryGet("19.txt"u8, out _));
        Assert.False(Site.Cache.TryGet("15.txt"u8, out _));
        Site.Cache.Clear();
        Assert.Equal(0, Site.Cache.Bytes);
    }

    [Fact]
    public void Files_are_bounded_in_number_and_not_pushed_out_by_paths_that_lead_nowhere()
    {
        for (int i = 0; i < 20; i++) Write(Name(i), "content");
        Open(Options() with { Limits = new SiteCacheLimits { Files = 7, Missing = 3 } });
        for (int i = 0; i < 20; i++) Assert.NotNull(Get("/" + Name(i)));
        Assert.Equal(7, Site.Cache.Count);
        for (int i = 0; i < 100; i++) Assert.Null(Get("/missing" + i.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(10, Site.Cache.Count);
    }

    [Fact]
    public void Paths_below_what_is_not_there_take_one_place()
    {
        for (int i = 0; i < 100; i++) Assert.Null(Get($"/wp-admin/{i}/x.php"));
        Assert.Equal(1, Site.Cache.Count);
        Write("wp-admin/7/x.php", "now it is");
        Changed();
        Assert.Equal("now it is", BodyOf("/wp-admin/7/x.php"));
        Assert.Null(Get("/wp-admin/8/x.php"));
    }

    [Fact]
    public void A_long_path_takes_no_place()
    {
        Assert.Null(Get("/" + string.Join('/', Enumerable.Repeat("abcdefg", 100))));
        Assert.Equal(0, Site.Cache.Count);
        Assert.Equal(0, Site.Watches);
    }

    [Fact]
    public void A_file_being_sent_is_not_closed_by_what_happens_meanwhile()
    {
        for (int i = 0; i < 10; i++) WriteLarge(Name(i), 20_000 + i);
        Open(Options() with { Limits = new SiteCacheLimits { OpenFiles = 2 } });
        int before = Descriptors();
        TestExchange[] slow = [.. Enumerable.Range(0, 10).Select(i => new TestExchange(Text("GET", "/" + Name(i))) { IsSlow = true })];
        foreach (TestExchange exchange in slow) Assert.True(Site.TryServe(exchange));
        TestExchange second = new(Text("GET", "/" + Name(9))) { IsSlow = true };
        TestExchange parts = new(Text("GET", "/" + Name(9), "Range: bytes=0-1,9-10")) { IsSlow = true };
        Assert.True(Site.TryServe(second));
        Assert.True(Site.TryServe(parts));
        Site.Cache.Clear();
        Assert.Equal(before + 10, Descriptors()); // one for each file, however many responses send it
        for (int i = 0; i < 10; i++)
        {
            slow[i].Drain();
            Assert.Equal(Large(20_000 + i), slow[i].Response().Body);
        }
        Assert.Equal(before + 1, Descriptors());
        second.Drain();
        Assert.Equal(Large(20_009), second.Response().Body);
        parts.Drain();
        Assert.False(parts.IsBroken);
        Assert.Equal(before, Descriptors());
    }

    [Fact]
    public void Out_of_descriptors_the_cache_gives_its_own_back()
    {
        for (int i = 0; i < 3; i++) WriteLarge(Name(i));
        FullRoot.Left = int.MaxValue;
        Open(Options(), open: path => new FullRoot(path));
        Assert.NotNull(Get("/" + Name(0)));
        Assert.NotNull(Get("/" + Name(1)));
        Assert.Equal(2, Site.Cache.OpenFiles);
        FullRoot.Left = 0;
        FullRoot.OnFull = () => FullRoot.Left = 1;
        Assert.Equal(Large(), BodyOf("/" + Name(2)));
        Assert.Equal(1, Site.Cache.OpenFiles);
        FullRoot.Left = 0;
        FullRoot.OnFull = () => { };
        Assert.Equal(503, Get("/" + Name(0))!.Status);
        FullRoot.Left = int.MaxValue;
        Assert.Equal(Large(), BodyOf("/" + Name(0)));
    }

    [Fact]
    public void A_site_that_ends_gives_everything_back()
    {
        WriteLarge("folder/file.txt");
        int before = Descriptors();
        using (StaticSite site = new(Options()))
        {
            Assert.True(site.TryServe(Request("GET", "/folder/file.txt")));
            Assert.True(Descriptors() > before);
        }
        Assert.Equal(before, Descriptors());
    }

    private static string Name(int i) => i.ToString(CultureInfo.InvariantCulture) + ".txt";

    // Those of files below this test's folder: other tests of the process have their own.
    private int Descriptors()
    {
        byte[] root = Encoding.UTF8.GetBytes(Root + "/");
        byte[] target = new byte[4096];
        int count = 0;
        foreach (string descriptor in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            int length = Libc.ReadLink(Encoding.UTF8.GetBytes(descriptor), target);
            if (length > 0 && target.AsSpan(0, length).StartsWith(root)) count++;
        }
        return count;
    }

    /// <summary>A process that has no descriptor left for files.</summary>
    private sealed class FullRoot(string path) : FolderRoot(path)
    {
        internal static int Left { get; set; } // of the one test that uses it

        internal static Action OnFull { get; set; } = () => { };

        internal override int OpenFile(ReadOnlySpan<byte> path, out bool overLink)
        {
            overLink = false;
            if (Left-- > 0) return base.OpenFile(path, out overLink);
            OnFull();
            return -Errno.EMFILE;
        }
    }
}
