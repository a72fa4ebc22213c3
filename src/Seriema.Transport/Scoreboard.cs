using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>What a worker can take, as its siblings see it.</summary>
internal enum WorkerLoad
{
    /// <summary>No worker is in this slot, or it takes no more requests.</summary>
    Gone = 0,

    /// <summary>At least one of its threads waits for a request.</summary>
    Free = 1,

    /// <summary>All of its threads are inside the application.</summary>
    Busy = 2,
}

/// <summary>A page of memory shared by the arbiter and its workers: who has a free thread. Owns the descriptor and the mapping.</summary>
/// <remarks>
/// Any thread, any process. Each worker writes its own slot; the arbiter writes that of a worker that is gone. It only
/// steers who accepts a connection, so a value that is a moment old does no harm.
/// </remarks>
internal sealed class Scoreboard : IDisposable
{
    /// <summary>Room for more workers than any machine serves with, reloads included; 64 KiB, of which only used pages count.</summary>
    internal const int DefaultSlots = 1024;

    private const int IntsPerSlot = 16; // a cache line each: a worker that writes does not slow the one beside it

    private readonly int _slots;
    private nint _memory;

    /// <summary>Maps the memory that was inherited under this descriptor.</summary>
    /// <exception cref="LinuxException">It is no such memory.</exception>
    internal Scoreboard(int fd, int slots)
    {
        (Fd, _slots) = (fd, slots);
        _memory = Libc.Map(fd, Size(slots), out int error);
        if (_memory == 0) throw new LinuxException("mmap", error);
    }

    internal int Fd { get; }

    internal int Slots => _slots;

    /// <summary>New memory with every slot <see cref="WorkerLoad.Gone"/>; close-on-exec.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    internal static Scoreboard Create(int slots)
    {
        int fd = Libc.CreateMemory("seriema", Size(slots));
        if (fd < 0) throw new LinuxException("memfd_create", -fd);
        return new Scoreboard(fd, slots);
    }

    internal WorkerLoad Get(int slot) => (WorkerLoad)Volatile.Read(ref At(slot));

    internal void Set(int slot, WorkerLoad load) => Volatile.Write(ref At(slot), (int)load);

    /// <summary>Whether a worker in another slot has a thread to spare.</summary>
    internal bool AnyOtherFree(int slot)
    {
        for (int other = 0; other < _slots; other++)
        {
            if (other != slot && Get(other) == WorkerLoad.Free) return true;
        }
        return false;
    }

    public void Dispose()
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0) return;
        Libc.Unmap(memory, Size(_slots));
        _ = Libc.Close(Fd);
    }

    private static int Size(int slots) => slots * IntsPerSlot * sizeof(int);

    private ref int At(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, _slots);
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        return ref Libc.At(_memory, slot * IntsPerSlot);
    }
}
