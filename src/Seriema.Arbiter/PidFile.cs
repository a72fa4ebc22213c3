using System.Globalization;
using System.Text;

namespace Seriema.Arbiter;

/// <summary>The file that holds the arbiter's process id. Arbiter thread only.</summary>
/// <remarks>
/// As gunicorn has it: an arbiter that takes over from another (SIGUSR2) writes <c>FILE.2</c>, and renames it once the other
/// is gone. The file appears whole or not at all, and is removed only while it still holds our process id.
/// </remarks>
internal sealed class PidFile
{
    private readonly string _path;
    private string _written;

    private PidFile(string path) => _path = _written = path;

    /// <summary>Writes the file for this process.</summary>
    /// <param name="predecessor">The arbiter that this one takes over from.</param>
    /// <exception cref="PidFileException">It names a server that runs, or cannot be written.</exception>
    internal static PidFile Write(string path, int? predecessor)
    {
        var file = new PidFile(Path.GetFullPath(path));
        if (ReadPid(file._path) is int pid && pid != predecessor && IsArbiter(pid))
        {
            throw new PidFileException($"the pid file {path} names process {pid}, which is a seriema that runs");
        }
        if (predecessor is not null) file._written += ".2";
        file.Write();
        return file;
    }

    /// <summary>The predecessor is gone: the file gets its own name.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    internal void TakeOver()
    {
        if (_written == _path) return;
        File.Move(_written, _path, overwrite: true);
        _written = _path;
    }

    /// <summary>Removes the file if it is still ours.</summary>
    internal void Remove()
    {
        try
        {
            if (ReadPid(_written) == Environment.ProcessId) File.Delete(_written);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // After dropping privileges the folder may not be ours; the next start finds a stale file and overwrites it.
        }
    }

    private void Write()
    {
        // A name that nobody can foresee: in a folder that others may write, a prepared link would be written through.
        string temporary = $"{_written}.{Path.GetRandomFileName()}";
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = readable,
            };
            using (var stream = new FileStream(temporary, options))
            {
                // Whatever the umask is; not by name, for who may write to the folder could put a link there meanwhile.
                File.SetUnixFileMode(stream.SafeFileHandle, readable);
                stream.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            }
            File.Move(temporary, _written, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The operator's own name for it: that of the file which is renamed to it means nothing to them.
            string reason = e.Message.Replace(temporary, _path, StringComparison.Ordinal);
            throw new PidFileException($"the pid file {_path} cannot be written: {reason}");
        }
    }

    private static int? ReadPid(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> bytes = stackalloc byte[32]; // no process id is as long
            int count = stream.Read(bytes);
            string text = Encoding.ASCII.GetString(bytes[..count]).Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0 ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a living process of that id is a seriema and no worker of one; ids are used again after a crash.</summary>
    private static bool IsArbiter(int pid)
    {
        if (pid == Environment.ProcessId) return false; // in a container the same id comes back at each start
        try
        {
            // A zombie has an empty command line. Ours may be `dotnet .../seriema.dll app`, so the first two words count;
            // one that only shows our log is another program.
            string commandLine = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
            return commandLine.Split('\0').Take(2).Any(word => Path.GetFileName(word) is "seriema" or "seriema.dll")
                && !commandLine.Contains("--seriema-worker", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
