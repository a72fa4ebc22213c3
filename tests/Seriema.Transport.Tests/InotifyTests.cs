using System.Text;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>What the kernel tells of watched folders.</summary>
public sealed class InotifyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seriema-inotify-");
    private readonly Inotify _inotify = new();

    [Fact]
    public void Every_way_to_change_a_name_is_told_in_order()
    {
        int watch = Watch(_folder.FullName);
        Assert.Empty(Read());
        File.WriteAllText(At("file"), "content");
        File.SetUnixFileMode(At("file"), UnixFileMode.UserRead);
        File.Move(At("file"), At("moved"));
        File.Delete(At("moved"));
        Directory.CreateDirectory(At("folder"));
        (int Watch, FolderChange Change, string Name)[] events = Read();
        Assert.All(events, e => Assert.Equal((watch, FolderChange.Name), (e.Watch, e.Change)));
        // The runtime's own way of writing a file decides how often the first is told.
        Assert.Equal(["file", "moved", "folder"], events.Select(e => e.Name).Distinct());
        Assert.Empty(Read());
    }

    [Fact]
    public void The_end_of_a_folder_is_told_and_ends_its_watch()
    {
        string path = Directory.CreateDirectory(At("folder")).FullName;
        int watch = Watch(path);
        Directory.Move(path, path + "2");
        Directory.Delete(path + "2");
        Assert.Equal([(watch, FolderChange.Itself, ""), (watch, FolderChange.Itself, ""), (watch, FolderChange.WatchEnded, "")], Read());
    }

    [Fact]
    public void One_folder_has_one_watch_under_any_name()
    {
        string path = Directory.CreateDirectory(At("folder")).FullName;
        Directory.CreateSymbolicLink(At("link"), path);
        Assert.Equal(Watch(path), Watch(At("link")));
        Assert.NotEqual(Watch(path), Watch(_folder.FullName));
    }

    [Fact]
    public void A_watch_that_is_removed_tells_nothing_more()
    {
        int watch = Watch(_folder.FullName);
        _inotify.Remove(watch);
        Assert.Equal([(watch, FolderChange.WatchEnded, "")], Read());
        File.WriteAllText(At("file"), "content");
        Assert.Empty(Read());
    }

    [Fact]
    public void A_file_cannot_be_watched()
    {
        File.WriteAllText(At("file"), "content");
        int fd = Libc.Open(At("file"), Libc.O_PATH);
        Assert.Equal(-FileErrno.ENOTDIR, _inotify.Add(fd));
        Files.Close(fd);
    }

    public void Dispose()
    {
        _inotify.Dispose();
        _inotify.Dispose();
        _folder.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private int Watch(string path)
    {
        using FolderRoot root = new(path);
        int fd = root.OpenFolder(default, out _);
        int watch = _inotify.Add(fd);
        Files.Close(fd); // a watch is of the folder, not of the descriptor
        Assert.True(watch >= 0, $"errno {-watch}");
        return watch;
    }

    private (int Watch, FolderChange Change, string Name)[] Read()
    {
        List<(int, FolderChange, string)> read = [];
        Inotify.Events events = _inotify.Read();
        while (events.MoveNext()) read.Add((events.Watch, events.Change, Encoding.UTF8.GetString(events.Name)));
        return [.. read];
    }
}
