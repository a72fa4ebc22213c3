using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>A folder's files may be opened, and no others, whatever the kernel offers for it.</summary>
public sealed class FolderRootTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("seriema-root-");

    public FolderRootTests()
    {
        Directory.CreateDirectory(At("root/folder"));
        File.WriteAllText(At("root/folder/file"), "inside");
        File.WriteAllText(At("secret"), "outside");
        File.CreateSymbolicLink(At("root/in"), "folder/file");
        File.CreateSymbolicLink(At("root/absolute-in"), At("root/folder/file"));
        File.CreateSymbolicLink(At("root/folder-in"), At("root/folder"));
        File.CreateSymbolicLink(At("root/out"), "../secret");
        File.CreateSymbolicLink(At("root/absolute-out"), At("secret"));
        File.CreateSymbolicLink(At("root/folder-out"), "..");
    }

    [Theory]
    [InlineData(true, "folder/file", false)]
    [InlineData(true, "in", true)]
    [InlineData(true, "absolute-in", true)]
    [InlineData(true, "folder-in/file", true)]
    [InlineData(false, "folder/file", true)] // it cannot tell
    [InlineData(false, "in", true)]
    [InlineData(false, "absolute-in", true)]
    [InlineData(false, "folder-in/file", true)]
    public void What_is_inside_is_opened(bool openAt2, string path, bool expectedOverLink)
    {
        using FolderRoot root = new(At("root"), openAt2);
        int fd = root.OpenFile(Encoding.UTF8.GetBytes(path), out bool overLink);
        Assert.True(fd >= 0, $"errno {-fd}");
        byte[] bytes = new byte[10];
        Assert.Equal("inside", Encoding.UTF8.GetString(bytes, 0, Files.ReadAll(fd, bytes, 0)));
        Assert.Equal(0, Files.Close(fd));
        Assert.Equal(expectedOverLink, overLink);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("folder/../../secret")]
    [InlineData("out")]
    [InlineData("absolute-out")]
    [InlineData("folder-out/secret")]
    [InlineData("/etc/passwd")]
    public void What_is_outside_is_not(string path)
    {
        foreach (bool openAt2 in (bool[])[true, false])
        {
            using FolderRoot root = new(At("root"), openAt2);
            Assert.Equal(-FileErrno.EXDEV, root.OpenFile(Encoding.UTF8.GetBytes(path), out _));
            Assert.Equal(-FileErrno.EXDEV, root.OpenPlace(Encoding.UTF8.GetBytes(path)));
        }
    }

    [Fact]
    public void A_folder_is_opened_as_a_folder_and_a_file_is_not()
    {
        foreach (bool openAt2 in (bool[])[true, false])
        {
            using FolderRoot root = new(At("root"), openAt2);
            foreach (string path in (string[])["", "folder", "folder-in"])
            {
                int fd = root.OpenFolder(Encoding.UTF8.GetBytes(path), out _);
                Assert.True(fd >= 0, path);
                Files.Close(fd);
            }
            Assert.Equal(-FileErrno.ENOTDIR, root.OpenFolder("folder/file"u8, out _));
            Assert.Equal(-Errno.ENOENT, root.OpenFolder("nothing"u8, out _));
            Assert.Equal(-FileErrno.EXDEV, root.OpenFolder("folder-out"u8, out _));
        }
    }

    [Fact]
    public void A_status_says_what_stat_says()
    {
        using FolderRoot root = new(At("root"));
        DateTime modified = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(At("root/folder/file"), modified.AddTicks(7));
        Assert.Equal(0, root.Stat("in"u8, out FileStatus status));
        Assert.Equal(FileKind.Regular, status.Kind);
        Assert.Equal(6, status.Size);
        Assert.Equal(1u, status.Links);
        Assert.Equal((modified - DateTime.UnixEpoch).TotalSeconds, status.ModifiedSeconds);
        Assert.Equal(700, status.ModifiedNanoseconds);
        Assert.InRange(status.ChangedSeconds, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 3600, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal(0, root.Stat("folder/file"u8, out FileStatus same));
        Assert.Equal(status, same);
        File.WriteAllText(At("root/folder/file"), "other!");
        File.SetLastWriteTimeUtc(At("root/folder/file"), modified.AddTicks(7));
        Assert.Equal(0, root.Stat("folder/file"u8, out FileStatus changed));
        Assert.NotEqual(status, changed);
        Assert.True(status.IsAsNewAs(changed));
        Assert.Equal(0, root.Stat("folder"u8, out FileStatus folder));
        Assert.Equal(FileKind.Folder, folder.Kind);
        Assert.True(folder.IsAsNewAs(changed));
        Assert.False(changed.IsAsNewAs(folder));
        Assert.Equal(-Errno.ENOENT, root.Stat("nothing"u8, out _));
        Assert.Equal(-Errno.ENAMETOOLONG, root.Stat(new byte[5000], out _));
    }

    [Fact]
    public void A_root_may_be_the_whole_file_system()
    {
        using FolderRoot root = new("/", useOpenAt2: false);
        int fd = root.OpenFile("etc/passwd"u8, out _);
        Assert.True(fd >= 0, $"errno {-fd}");
        Files.Close(fd);
    }

    [Fact]
    public void What_is_no_folder_is_refused_by_name()
    {
        LinuxException error = Assert.Throws<LinuxException>(() => new FolderRoot(At("secret")));
        Assert.Equal(FileErrno.ENOTDIR, error.ErrorNumber);
        Assert.Contains(At("secret"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_those_of_the_folder_as_bytes()
    {
        using FolderRoot root = new(At("root"));
        int fd = root.OpenFolder(default, out _);
        List<byte[]> names = [];
        Assert.Equal(0, Files.Names(fd, names, 100));
        Assert.Equal(
            ["absolute-in", "absolute-out", "folder", "folder-in", "folder-out", "in", "out"],
            names.Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal));
        List<byte[]> some = [];
        Assert.Equal(0, Files.Names(fd, some, 3)); // the descriptor is good for a second reading
        Assert.Equal(3, some.Count);
        Files.Close(fd);
    }

    [Fact]
    public void Bytes_in_memory_are_read_like_a_file()
    {
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        int fd = Files.InMemory(bytes);
        byte[] read = new byte[bytes.Length + 1];
        Assert.Equal(bytes.Length, Files.ReadAll(fd, read, 0));
        Assert.Equal(bytes, read[..^1]);
        Files.Close(fd);
    }

    public void Dispose() => _temporary.Delete(recursive: true);

    private string At(string path) => Path.Combine(_temporary.FullName, path);
}
