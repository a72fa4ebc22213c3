using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Worker.Tests.Loop;

/// <summary>An epoll that reports what a test says, and remembers what it was asked to watch.</summary>
/// <remarks>Only the wake-up descriptor is real, so a wait without a script can be a real one.</remarks>
internal sealed class ScriptedEpoll() : Epoll(64)
{
    private readonly Queue<Func<(ulong Key, uint Events)[]>> _turns = new();

    /// <summary>Called by a wait that finds no script; its answer is the wait's.</summary>
    internal Func<int, int>? OnIdle { get; set; }

    /// <summary>What each descriptor is watched for now.</summary>
    internal Dictionary<int, uint> Masks { get; } = [];

    internal Dictionary<int, ulong> Keys { get; } = [];

    /// <summary>Answers of the next additions; without any they succeed.</summary>
    internal Queue<int> AddAnswers { get; } = new();

    internal List<int> Removed { get; } = [];

    internal int Adds { get; private set; }

    internal int Modifications { get; private set; }

    internal int Waits { get; private set; }

    internal void Report(params (ulong Key, uint Events)[] events) => _turns.Enqueue(() => events);

    internal void Report(Func<(ulong Key, uint Events)[]> events) => _turns.Enqueue(events);

    internal int WaitForReal(int timeoutMilliseconds) => base.Wait(timeoutMilliseconds);

    internal override int Wait(int timeoutMilliseconds)
    {
        Waits++;
        if (!_turns.TryDequeue(out Func<(ulong Key, uint Events)[]>? next)) return OnIdle!(timeoutMilliseconds);
        (ulong Key, uint Events)[] turn = next();
        for (int i = 0; i < turn.Length; i++)
        {
            Span<byte> entry = Events.Raw.AsSpan(i * EpollEvents.EventSize, EpollEvents.EventSize);
            BitConverter.TryWriteBytes(entry, turn[i].Events);
            BitConverter.TryWriteBytes(entry[^sizeof(ulong)..], turn[i].Key);
        }
        return turn.Length;
    }

    internal override int Add(int fd, uint events, ulong data)
    {
        Adds++;
        if (AddAnswers.TryDequeue(out int answer) && answer < 0) return answer;
        lock (Masks)
        {
            if (!Masks.TryAdd(fd, events)) return -17; // EEXIST
            Keys[fd] = data;
        }
        return 0;
    }

    internal override int Modify(int fd, uint events, ulong data)
    {
        lock (Masks)
        {
            Modifications++;
            if (!Masks.ContainsKey(fd)) return -Errno.ENOENT;
            Masks[fd] = events;
        }
        return 0;
    }

    internal override int Remove(int fd)
    {
        lock (Masks)
        {
            Removed.Add(fd);
            return Masks.Remove(fd) ? 0 : -Errno.ENOENT;
        }
    }
}
