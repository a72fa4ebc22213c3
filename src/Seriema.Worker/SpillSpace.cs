using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker;

/// <summary>Where bodies and responses go that are too large for memory: files without a name, within a bound.</summary>
/// <remarks>Any thread. The kernel removes such a file with its last descriptor, also that of a killed process.</remarks>
internal sealed class SpillSpace
{
    private const int WordEvery = 10_000; // milliseconds
    private const int FullTime = 1000; // milliseconds for which a full disk is remembered

    private readonly long _limit;
    private readonly WorkerLog _log;
    private readonly string? _folder;
    private long _used;
    private long _nextWord;
    private long _fullUntil;

    /// <param name="folder">Null takes the first of $TMPDIR, /var/tmp and /tmp that takes files.</param>
    /// <param name="limit">Bytes in all; 0 uses no files.</param>
    /// <param name="log">Is told when there is no folder, and when the space is short.</param>
    /// <exception cref="SettingsException">The folder that was asked for takes no files.</exception>
    internal SpillSpace(string? folder, long limit, WorkerLog log)
    {
        (_limit, _log) = (limit, log);
        if (limit == 0) return;
        int error = 0;
        foreach (string candidate in folder is null ? Usual() : [folder])
        {
            error = Try(candidate);
            if (error != 0) continue;
            _folder = candidate;
            return;
        }
        if (folder is not null) throw new SettingsException("--temp-dir", folder, "takes no files: " + new LinuxException("open", error).Message);
        log.NoSpillFolder();
    }

    /// <summary>Whether there is a folder at all.</summary>
    internal bool IsThere => _folder is not null;

    /// <summary>Bytes in all files.</summary>
    internal long Used => Volatile.Read(ref _used);

    /// <summary>Whether an eighth of what there may be is left, or less; or the disk was full a moment ago.</summary>
    internal bool IsScarce => _limit > 0 && (Used > _limit - (_limit / 8) || ServerClock.Now < Volatile.Read(ref _fullUntil));

    /// <summary>Called when it is scarce, by whoever takes from it.</summary>
    internal Action Scarce { get; set; } = static () => { };

    /// <summary>A new file, or -1.</summary>
    internal int Open()
    {
        if (_folder is null) return -1;
        int fd = Files.OpenNameless(_folder);
        if (fd >= 0 && fd < Acceptor.FirstReserved(Libc.DescriptorLimit())) return fd;
        if (fd >= 0) _ = Files.Close(fd); // the last descriptors are not for clients' bytes either
        Tell(fd < 0 ? new LinuxException("open", -fd).Message : "file descriptors are short");
        return -1;
    }

    /// <summary>Counts bytes that are about to be written; false when there is no room for them.</summary>
    internal bool TryTake(int count)
    {
        long used;
        do used = Used;
        while (used + count <= _limit && Interlocked.CompareExchange(ref _used, used + count, used) != used);
        if (used + count > _limit - (_limit / 8)) Scarce();
        if (used + count <= _limit) return true;
        Tell("--limit-temp-files is reached");
        return false;
    }

    internal void GiveBack(long count) => Interlocked.Add(ref _used, -count);

    /// <summary>The disk did not take them.</summary>
    internal void OnWriteFailed(int errno)
    {
        Tell(new LinuxException("write", errno).Message);
        Volatile.Write(ref _fullUntil, ServerClock.Now + FullTime);
        Scarce();
    }

    private void Tell(string trouble)
    {
        long next = Volatile.Read(ref _nextWord);
        if (ServerClock.Now < next) return;
        if (Interlocked.CompareExchange(ref _nextWord, ServerClock.Now + WordEvery, next) == next) _log.SpillTrouble(trouble);
    }

    // Not /tmp first: it often is memory.
    private static IEnumerable<string> Usual() =>
        ((string?[])[Environment.GetEnvironmentVariable("TMPDIR"), "/var/tmp", "/tmp"]).Where(path => !string.IsNullOrEmpty(path))!;

    private static int Try(string folder)
    {
        int fd = Files.OpenNameless(folder);
        if (fd >= 0) _ = Files.Close(fd);
        return fd >= 0 ? 0 : -fd;
    }
}
