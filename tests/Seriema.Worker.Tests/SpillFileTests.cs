using System.Text;

namespace Seriema.Worker.Tests;

public sealed class SpillFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seriema-spill-");
    private readonly LogRecorder _log = new();

    [Fact]
    public void Bytes_come_out_as_they_went_in()
    {
        SpillSpace space = Space(1 << 20);
        SpillFile file = new(space);
        Assert.True(file.TryAppend("one "u8));
        Assert.True(file.TryAppend("two "u8));
        Assert.Equal((8, "one t"), (file.Length, Read(file, 5)));
        Assert.True(file.TryAppend("three"u8));
        Assert.Equal("wo three", Read(file, 100));
        Assert.True(file.IsEmpty);
        file.Clear();
    }

    [Fact]
    public void It_has_no_name_and_only_its_owner_may_open_it()
    {
        SpillFile file = new(Space(1 << 20));
        Assert.True(file.TryAppend("secret"u8));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
        string link = $"/proc/self/fd/{file.Descriptor}";
        Assert.EndsWith(" (deleted)", File.ResolveLinkTarget(link, returnFinalTarget: false)!.FullName, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(link));
        file.Clear();
    }

    [Fact]
    public void What_is_taken_makes_room_when_all_of_it_is()
    {
        SpillSpace space = Space(10);
        SpillFile file = new(space);
        Assert.True(file.TryAppend("0123456789"u8));
        Assert.False(file.TryAppend("x"u8));
        file.Skip(9);
        Assert.Equal((10, 1), (space.Used, file.Length));
        file.Skip(1);
        Assert.Equal(0, space.Used);
        Assert.True(file.TryAppend("abc"u8));
        Assert.Equal("abc", Read(file, 10));
        file.Clear();
    }

    [Fact]
    public void The_bound_is_that_of_all_files_and_is_logged_once_in_a_while()
    {
        SpillSpace space = Space(10);
        SpillFile[] files = [new(space), new(space)];
        Assert.True(files[0].TryAppend("01234567"u8));
        Assert.False(files[1].TryAppend("012"u8));
        Assert.Equal(-1, files[1].Descriptor); // nor is a descriptor kept for nothing
        Assert.False(files[1].TryAppend("012"u8));
        Assert.Single(_log.Lines, line => line.Text.Contains("--limit-temp-files is reached", StringComparison.Ordinal));
        files[0].Clear();
        Assert.True(files[1].TryAppend("012"u8));
        files[1].Clear();
        Assert.Equal(0, space.Used);
    }

    [Fact]
    public void A_cleared_file_is_closed_and_a_new_one_begins_with_the_next_byte()
    {
        SpillFile file = new(Space(1 << 20));
        Assert.True(file.TryAppend("old"u8));
        file.Clear();
        Assert.Equal((-1, 0), (file.Descriptor, file.Length));
        Assert.True(file.TryAppend("new"u8));
        Assert.Equal("new", Read(file, 10));
        file.Clear();
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_refused_at_once()
    {
        SettingsException refused = Assert.Throws<SettingsException>(
            () => new SpillSpace(Path.Combine(_folder.FullName, "missing"), 1, new WorkerLog(_log)));
        Assert.StartsWith("--temp-dir", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_of_0_is_no_files_at_all()
    {
        SpillSpace space = Space(0);
        Assert.False(space.IsThere);
        Assert.False(new SpillFile(space).TryAppend("x"u8));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private SpillSpace Space(long limit) => new(_folder.FullName, limit, new WorkerLog(_log));

    private static string Read(SpillFile file, int most)
    {
        byte[] buffer = new byte[most];
        return Encoding.ASCII.GetString(buffer, 0, file.Read(buffer));
    }
}
