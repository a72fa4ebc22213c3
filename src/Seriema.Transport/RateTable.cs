using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>Memory shared by all workers of an arbiter: how much of its rate each client has used. Owns the descriptor and the mapping.</summary>
/// <remarks>
/// <para>Any thread, any process; compare-and-swap only, so that a process which dies in the middle holds up nobody. A slot
/// is a client's hash and its time, which is all that the generic cell rate algorithm (GCRA) needs of a token bucket: the
/// moment from which on the client has all of its burst again. One that has passed is as good as none.</para>
/// <para>A client has eight slots to choose from. When all are taken, the one whose client has been quiet for longest, or
/// has the least to wait for, is given away. A race can at worst forget a request or two.</para>
/// </remarks>
internal sealed class RateTable : IDisposable
{
    /// <summary>65536 clients at once; 1 MiB, of which only used pages count.</summary>
    internal const int DefaultSlots = 65536;

    /// <summary>What <see cref="TryTake"/> counts time in.</summary>
    internal static readonly long TicksPerSecond = Stopwatch.Frequency;

    private const int BucketSlots = 8;
    private const int MaxTries = 8; // of claiming a slot, while others claim them: then the request is let through

    private const int HeaderWords = 8; // the key, and room up to a cache line
    private const int WordsPerSlot = 2; // hash, time

    private readonly int _slots;
    private readonly SipHash _hash;
    private nint _memory;

    /// <summary>Maps the memory that was inherited under this descriptor.</summary>
    /// <exception cref="LinuxException">It is no such memory.</exception>
    internal RateTable(int fd, int slots)
        : this(fd, slots, isNew: false)
    {
    }

    private RateTable(int fd, int slots, bool isNew)
    {
        (Fd, _slots) = (fd, slots);
        _memory = Libc.Map(fd, Size(slots), out int error);
        if (_memory == 0) throw new LinuxException("mmap", error);
        if (isNew) RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref Libc.LongAt(_memory, 0), 2)));
        _hash = new SipHash((ulong)Libc.LongAt(_memory, 0), (ulong)Libc.LongAt(_memory, 1));
    }

    internal int Fd { get; }

    /// <summary>New memory with a random key and no clients; close-on-exec.</summary>
    /// <param name="slots">A power of two, from 8 on.</param>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    internal static RateTable Create(int slots)
    {
        int fd = Libc.CreateMemory("seriema-rates", Size(slots));
        if (fd < 0) throw new LinuxException("memfd_create", -fd);
        return new RateTable(fd, slots, isNew: true);
    }

    /// <summary>Whether the client may make one request more; if so, it is counted.</summary>
    /// <param name="client">Whatever tells clients apart.</param>
    /// <param name="now">A clock that all processes share and that never goes back, in <see cref="TicksPerSecond"/>.</param>
    /// <param name="interval">Between two requests at the full rate.</param>
    /// <param name="burst">Requests that may come at once, after as many intervals of silence; at least 1.</param>
    /// <param name="wait">When not: how long until one more is allowed.</param>
    internal bool TryTake(UInt128 client, long now, long interval, int burst, out long wait)
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        wait = 0;
        // Word 0 is an empty slot's.
        long hash = (long)Math.Max(_hash.Of((ulong)(client >> 64), (ulong)client), 1);
        int time = Find(hash);
        if (time < 0) return true;
        while (true)
        {
            ref long word = ref Libc.LongAt(_memory, time);
            long found = Volatile.Read(ref word);
            // What no client of this rate can have reached was written under a lower one, before a reload.
            long whole = Math.Clamp(found, now, now + (interval * burst));
            wait = Math.Max(0, whole - now - (interval * (burst - 1)));
            long next = wait > 0 ? whole : whole + interval;
            if (next == found || Interlocked.CompareExchange(ref word, next, found) == found) return wait == 0;
        }
    }

    public void Dispose()
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0) return;
        Libc.Unmap(memory, Size(_slots));
        _ = Libc.Close(Fd);
    }

    /// <summary>The word of the client's time, in a slot that is the client's now; negative when all others were faster.</summary>
    private int Find(long hash)
    {
        int bucket = HeaderWords + ((int)(hash & (_slots - 1) & ~(BucketSlots - 1)) * WordsPerSlot);
        for (int tries = 0; tries < MaxTries; tries++)
        {
            int oldest = bucket;
            long oldestTime = long.MaxValue;
            long oldestHash = 0;
            for (int slot = bucket; slot < bucket + (BucketSlots * WordsPerSlot); slot += WordsPerSlot)
            {
                long owner = Volatile.Read(ref Libc.LongAt(_memory, slot));
                if (owner == hash) return slot + 1;
                long time = Volatile.Read(ref Libc.LongAt(_memory, slot + 1));
                if (time < oldestTime) (oldest, oldestTime, oldestHash) = (slot, time, owner);
            }
            if (Interlocked.CompareExchange(ref Libc.LongAt(_memory, oldest), hash, oldestHash) != oldestHash) continue;
            // The one before it may still have something to wait for, which is not the new one's debt.
            Interlocked.CompareExchange(ref Libc.LongAt(_memory, oldest + 1), 0, oldestTime);
            return oldest + 1;
        }
        return -1;
    }

    private static int Size(int slots) => (HeaderWords + (slots * WordsPerSlot)) * sizeof(long);
}
