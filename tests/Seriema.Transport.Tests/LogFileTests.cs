using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <remarks>Standard error of the whole test process is sent away and back: nothing else of this assembly writes to it.</remarks>
public sealed class LogFileTests : IDisposable
{
    private const int StandardError = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("seriema-").FullName;
    private readonly string _path;
    private readonly DescriptorStream _error = new(StandardError);

    public LogFileTests() => _path = Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Standard_error_goes_to_the_file_and_to_the_new_one_after_a_rotation()
    {
        int old = Libc.CreateEvent(); // a descriptor of our own, to keep standard error in
        Assert.Equal(old, Libc.Duplicate(StandardError, old));
        var log = new LogFile(_path);
        try
        {
            log.Create();
            Assert.Equal(0, new FileInfo(_path).Length);
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_path) & (UnixFileMode.OtherRead | UnixFileMode.GroupWrite));
            log.Redirect();
            _error.Write("one\n"u8);
            File.Move(_path, _path + ".1");
            _error.Write("two\n"u8);
            log.Redirect();
            _error.Write("three\n"u8);
            File.Delete(_path);
            Directory.CreateDirectory(_path); // it cannot be opened anew: the old file goes on
            Assert.Throws<LinuxException>(log.Redirect);
            _error.Write("four\n"u8);
        }
        finally
        {
            Assert.True(Libc.Duplicate(old, StandardError) >= 0);
            _ = Libc.Close(old);
        }
        Assert.Equal("one\ntwo\n", File.ReadAllText(_path + ".1"));
    }

    [Fact]
    public void What_is_there_stays_and_is_added_to()
    {
        File.WriteAllText(_path, "before\n");
        new LogFile(_path).Create();
        Assert.Equal("before\n", File.ReadAllText(_path));
    }

    [Fact]
    public void A_file_that_cannot_be_made_names_itself()
    {
        string path = Path.Combine(_folder, "missing", "log");
        LinuxException error = Assert.Throws<LinuxException>(new LogFile(path).Create);
        Assert.StartsWith($"open {path}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_of_our_own_is_followed()
    {
        File.CreateSymbolicLink(_path, _path + ".real");
        new LogFile(_path).Create();
        Assert.True(File.Exists(_path + ".real"));
    }

    [Fact]
    public void A_link_that_another_user_made_is_not_followed()
    {
        File.WriteAllText(_path + ".precious", "precious");
        File.CreateSymbolicLink(_path, _path + ".precious");
        var other = new Account(4000000001, 4000000001, null);
        if (Account.Current.IsRoot)
        {
            other.Own(_path); // the link, not what it points to
            LinuxException error = Assert.Throws<LinuxException>(new LogFile(_path).Create);
            Assert.StartsWith($"open {_path}, a link that another user made: ", error.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Throws<LinuxException>(() => other.Own(_path)); // nobody but root can set the stage
        }
        Assert.Equal("precious", File.ReadAllText(_path + ".precious"));
    }

    [Fact]
    public void A_write_to_nobody_is_an_IOException()
    {
        Assert.Equal(0, Libc.Pipe(out int readEnd, out int writeEnd));
        _ = Libc.Close(readEnd);
        using var stream = new DescriptorStream(writeEnd);
        Assert.Throws<IOException>(() => stream.Write("x"u8));
        _ = Libc.Close(writeEnd);
    }

    [Fact]
    public async Task A_full_pipe_is_waited_for_and_nothing_is_lost()
    {
        Assert.Equal(0, Libc.Pipe(out int readEnd, out int writeEnd)); // neither end blocks
        byte[] text = new byte[300_000]; // a pipe holds 64 KiB
        Random.Shared.NextBytes(text);
        using var stream = new DescriptorStream(writeEnd);
        Task writing = Task.Run(() =>
        {
            stream.Write(text);
            _ = Libc.Close(writeEnd);
        });
        var read = new MemoryStream();
        byte[] piece = new byte[4096];
        while (Libc.Poll(readEnd, Libc.POLLIN, -1) > 0 && Libc.Read(readEnd, piece) is > 0 and int count) read.Write(piece, 0, count);
        await writing;
        _ = Libc.Close(readEnd);
        Assert.Equal(text, read.ToArray());
    }
}
