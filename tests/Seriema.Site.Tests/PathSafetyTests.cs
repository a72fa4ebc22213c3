using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Seriema.Transport;

namespace Seriema.Site.Tests;

/// <summary>What must not be served, however it is asked for; with openat2 and without.</summary>
public sealed class PathSafetyTests : SiteTest
{
    public static TheoryData<bool> Kernels => [true, false];

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int mkfifo(string path, uint mode);

    [DllImport("libc")]
    private static extern int creat(byte[] path, uint mode);

    [DllImport("libc")]
    private static extern int unlink(byte[] path);

    [Theory, MemberData(nameof(Kernels))]
    public void A_link_into_a_hidden_folder_leads_nowhere(bool useOpenAt2)
    {
        Write("pages/a.py", "secret");
        Write("pages/inner/b.py", "secret");
        Write("pagesbeside/c.py", "shown");
        Write("folder/index.html", "index");
        File.CreateSymbolicLink(Path.Combine(Root, "a.txt"), "pages/a.py");
        File.CreateSymbolicLink(Path.Combine(Root, "absolute.txt"), Path.Combine(Root, "pages/a.py"));
        File.CreateSymbolicLink(Path.Combine(Root, "folder/a.txt.gz"), "../pages/a.py");
        Directory.CreateSymbolicLink(Path.Combine(Root, "linked"), "pages");
        Directory.CreateSymbolicLink(Path.Combine(Root, "folder/inner"), "../pages/inner");
        Directory.CreateSymbolicLink(Path.Combine(Root, "beside"), "pagesbeside");
        Write("folder/a.txt", "text");
        Open(Options() with { Hidden = ["pages"], HiddenFolders = [Path.Combine(Root, "pages")], Listing = true }, open: path => new FolderRoot(path, useOpenAt2));
        foreach (string target in (string[])["/a.txt", "/absolute.txt", "/linked", "/linked/", "/linked/a.py", "/linked/inner/b.py", "/folder/inner", "/folder/inner/", "/folder/inner/b.py", "/pages/a.py"])
        {
            Assert.True(Get(target) is null, target);
            Assert.True(Get(target) is null, target);
        }
        Assert.Equal("shown", BodyOf("/beside/c.py"));
        Assert.Equal("index", BodyOf("/folder/"));
        Assert.Equal("text", Get("/folder/a.txt", "Accept-Encoding: gzip")!.Body);
    }

    [Fact]
    public void A_hidden_folder_is_the_one_that_its_link_leads_to_now()
    {
        Write("releases/1/a.py", "secret");
        Write("releases/2/a.py", "secret");
        string link = Path.Combine(Root, "current");
        Directory.CreateSymbolicLink(link, "releases/1");
        Open(Options() with { Hidden = ["current", "releases/1"], HiddenFolders = [link] });
        Assert.Null(Get("/releases/1/a.py"));
        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, "releases/2");
        Assert.Null(Get("/releases/2/a.py"));
    }

    [Fact]
    public void Files_inside_a_folder_of_scripts_are_served()
    {
        Write("assets/style.css", "css");
        Write("assets/theme/a.css", "theme");
        Directory.CreateSymbolicLink(Path.Combine(Root, "assets/linked"), "theme");
        Open(Options() with { Mounts = [new StaticMountOptions("/", Path.Combine(Root, "assets"))], HiddenFolders = [Root] });
        Assert.Equal("css", BodyOf("/style.css"));
        Assert.Equal("theme", BodyOf("/linked/a.css"));
    }

    [Theory]
    [InlineData("/../outside/secret.txt")]
    [InlineData("/folder/../../outside/secret.txt")]
    [InlineData("/%2e%2e/outside/secret.txt")]
    [InlineData("/%2E./outside/secret.txt")]
    [InlineData("/..%2foutside%2fsecret.txt")]
    [InlineData("/%252e%252e/outside/secret.txt")]
    [InlineData("/%c0%ae%c0%ae/outside/secret.txt")]
    [InlineData("/%e0%80%ae%e0%80%ae/outside/secret.txt")]
    [InlineData("/..\\outside\\secret.txt")]
    [InlineData("/..%5coutside%5csecret.txt")]
    [InlineData("/....//outside/secret.txt")]
    [InlineData("/..;/outside/secret.txt")]
    [InlineData("/folder/..")]
    [InlineData("/folder/../file.txt")]
    [InlineData("/./file.txt")]
    [InlineData("/folder/.")]
    [InlineData("//file.txt")]
    [InlineData("/folder//below.txt")]
    [InlineData("/file.txt%00")]
    [InlineData("/file.txt%00.html")]
    [InlineData("/%00")]
    [InlineData("/file%0a.txt")]
    [InlineData("/file.txt%")]
    [InlineData("/file.txt%zz")]
    [InlineData("/.hidden")]
    [InlineData("/%2ehidden")]
    [InlineData("/.git/config")]
    [InlineData("/folder/.hidden")]
    [InlineData("/.well-known/file.txt")]
    [InlineData("/proc/self/environ")]
    [InlineData("//etc/passwd")]
    [InlineData("/etc/passwd")]
    public void What_no_path_may_reach_is_not_there(string target)
    {
        File.WriteAllText(Path.Combine(Outside, "secret.txt"), "secret");
        foreach (string name in (string[])["file.txt", "folder/below.txt", ".hidden", "folder/.hidden", ".git/config", ".well-known/file.txt"]) Write(name, "content");
        Assert.Null(Get(target));
        Assert.Null(Get(target));
    }

    [Fact]
    public void Well_known_files_are_served_where_that_is_wanted()
    {
        Write(".well-known/file.txt", "content");
        Write("folder/.well-known/file.txt", "content");
        Write(".well-knownness", "content");
        Open(Options() with { WellKnown = true });
        Assert.Equal("content", BodyOf("/.well-known/file.txt"));
        Assert.Null(Get("/folder/.well-known/file.txt"));
        Assert.Null(Get("/.well-knownness"));
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_link_that_stays_inside_works(bool openAt2)
    {
        Write("data/file.txt", "content");
        Write("data/index.html", "index");
        Link("relative", "data/file.txt");
        Link("absolute", Path.Combine(Root, "data/file.txt"));
        Link("data/up", "../data/file.txt");
        Link("data/out-and-in", $"../../{Path.GetFileName(Root)}/data/file.txt");
        Link("twice", "relative");
        Link("folder", "data");
        Link("absolute-folder", Path.Combine(Root, "data"));
        OpenOn(openAt2);
        foreach (string path in (string[])["/relative", "/absolute", "/data/up", "/data/out-and-in", "/twice", "/folder/file.txt", "/folder/up", "/absolute-folder/file.txt"])
        {
            Assert.True(BodyOf(path) == "content", path);
        }
        Assert.Equal("/folder/", Get("/folder")!["Location"]);
        Assert.Equal("/absolute-folder/", Get("/absolute-folder")!["Location"]);
        Assert.Equal("index", BodyOf("/absolute-folder/"));
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_link_that_leaves_is_not_there(bool openAt2)
    {
        string secret = Path.Combine(Outside, "secret.txt");
        File.WriteAllText(secret, "secret");
        File.WriteAllText(Path.Combine(Outside, "index.html"), "secret");
        // A neighbour whose path only begins like the folder's.
        Directory.CreateDirectory(Root + "-not");
        File.WriteAllText(Root + "-not/secret.txt", "secret");
        Link("absolute", secret);
        Link("relative", "../outside/secret.txt");
        Link("folder", "../outside");
        Link("absolute-folder", Outside);
        Link("neighbour", Root + "-not/secret.txt");
        Link("parent", "..");
        Link("index.html", secret);
        Link("twice", "relative");
        Link("device", "/dev/zero");
        Link("magic", "/proc/self/root/etc/passwd");
        Link("environment", "/proc/self/environ");
        Link("loop", "loop");
        Link("nowhere", "nothing");
        OpenOn(openAt2);
        foreach (string path in (string[])
            [
                "/absolute", "/relative", "/folder", "/folder/", "/folder/secret.txt", "/absolute-folder", "/absolute-folder/",
                "/absolute-folder/secret.txt", "/neighbour", "/parent", "/parent/", "/parent/outside/secret.txt", "/", "/twice", "/device",
                "/magic", "/environment", "/loop", "/nowhere",
            ])
        {
            Assert.True(Get(path) is null, path);
            Assert.True(Get(path) is null, path);
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_link_through_a_process_s_descriptors_is_not_followed_out(bool openAt2)
    {
        string secret = Path.Combine(Outside, "secret.txt");
        File.WriteAllText(secret, "secret");
        using FileStream open = File.OpenRead(secret);
        Link("magic", $"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}");
        OpenOn(openAt2);
        Assert.Null(Get("/magic"));
    }

    [Theory, MemberData(nameof(Kernels))]
    public void What_is_no_file_and_no_folder_is_not_there_and_does_not_block(bool openAt2)
    {
        Assert.Equal(0, mkfifo(Path.Combine(Root, "fifo"), 0x1B6));
        Assert.Equal(0, mkfifo(Path.Combine(Root, "index.html"), 0x1B6));
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(Root, "socket")));
        Open(
            Options() with { Mounts = [new StaticMountOptions("/", Root), new StaticMountOptions("/dev", "/dev")] },
            open: path => new FolderRoot(path, openAt2));
        foreach (string path in (string[])["/fifo", "/", "/index.html", "/socket", "/dev/null", "/dev/zero", "/dev/tty"])
        {
            Assert.True(Get(path) is null, path);
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Hostile_names_are_only_names(bool openAt2)
    {
        string[] names =
        [
            "a b", "100%", "%41", "a%2Fb", "question?", "hash#", "semi;colon", "quote\"'", "<script>", "a:b", "a&b=c", "+plus", "~tilde",
            "..double", "trailing.", "ünïcödé", "日本", "star*", "[bracket]", "-dash", "$HOME", "`id`", "CON", new string('x', 255),
        ];
        string[] served = [.. names.Where(name => !name.StartsWith('.'))];
        foreach (string name in names) File.WriteAllText(Path.Combine(Root, name), name);
        OpenOn(openAt2);
        foreach (string name in served)
        {
            byte[] expected = Encoding.UTF8.GetBytes(name);
            string encoded = string.Concat(expected.Select(b => $"%{b:X2}"));
            Assert.True(BodyOf("/" + encoded) == Encoding.Latin1.GetString(expected), name);
        }
        Assert.Null(Get("/A")); // %2541 is "%41", which is not decoded again
        Assert.Null(Get("/" + new string('x', 256)));
        Assert.Null(Get("/" + string.Join('/', Enumerable.Repeat("x", 2100))));
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_name_that_is_not_UTF_8_is_served_by_its_bytes(bool openAt2)
    {
        byte[] path = [.. Encoding.UTF8.GetBytes(Root + "/"), 0xFF, 0xFE, .. ".txt\0"u8];
        int fd = creat(path, 0x1A4);
        Assert.True(fd >= 0);
        _ = Files.Close(fd);
        Open(Options() with { Listing = true }, open: folder => new FolderRoot(folder, openAt2));
        Assert.Equal(200, Get("/%FF%FE.txt")!.Status);
        Assert.Null(Get("/%EF%BF%BD%EF%BF%BD.txt"));
        Assert.Contains("href=\"%FF%FE.txt\"", Get("/")!.Body, StringComparison.Ordinal);
        Assert.Equal(0, unlink(path)); // .NET cannot name it
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_folder_that_is_swapped_for_a_link_leads_nowhere(bool openAt2)
    {
        Write("folder/file.txt", "content");
        File.WriteAllText(Path.Combine(Outside, "file.txt"), "secret");
        OpenOn(openAt2);
        Assert.Equal("content", BodyOf("/folder/file.txt"));
        Directory.Move(Path.Combine(Root, "folder"), Path.Combine(Root, "old"));
        Link("folder", Outside);
        Changed();
        Assert.Null(Get("/folder/file.txt"));
        Assert.Equal("content", BodyOf("/old/file.txt"));
    }

    private void OpenOn(bool openAt2) => Open(Options(), open: path => new FolderRoot(path, openAt2));

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Root, name), target);
}
