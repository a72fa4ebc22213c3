using System.Runtime.InteropServices;

namespace Seriema.Worker;

/// <summary>Remembers which requests blocked lately, so that the next such one does not hold the loop at all.</summary>
/// <remarks>
/// Any thread. A table of 1,024 hashes: a collision only sends a fast request to another thread once, where it is seen
/// to be fast, or a slow one to the loop, where the monitor finds it. The key is the method, the host and the path;
/// a path segment with a digit in it counts as one and the same, so that <c>/users/17</c> tells about <c>/users/18</c>.
/// Paths that differ in other ways are met by <see cref="Surprised"/>: while many unknown requests turn out slow,
/// only those known to be fast stay on the loop.
/// </remarks>
internal sealed class SlowCalls
{
    /// <summary>A call that blocks longer is slow, in milliseconds.</summary>
    internal const int Threshold = 1;

    // A surprise costs the loop the monitor's delay of 1-2 ms; 20 a second are 4 % of its time.
    private const int ManySurprises = 20;
    private const int Size = 1024;
    private const uint SlowMark = 1;
    private const uint FastMark = 2;
    private const uint MarkBits = 3;

    private readonly uint[] _table = new uint[Size];
    private int _surprises;
    private long _surpriseSecond;

    /// <summary>Whether unknown requests were often slow in this second or the one before.</summary>
    internal bool Surprised { get; private set; }

    internal static uint Key(ReadOnlySpan<byte> method, ReadOnlySpan<byte> host, ReadOnlySpan<byte> path)
    {
        uint hash = Mix(Mix(2166136261, method), host);
        uint atSegment = hash;
        bool hasDigit = false;
        foreach (byte b in path)
        {
            if (b == '/')
            {
                if (hasDigit) hash = (atSegment ^ '#') * 16777619;
                hasDigit = false;
                atSegment = hash = (hash ^ '/') * 16777619;
            }
            else
            {
                hasDigit |= (uint)(b - '0') <= 9;
                hash = (hash ^ b) * 16777619; // FNV-1a
            }
        }
        return hasDigit ? (atSegment ^ '#') * 16777619 : hash;
    }

    /// <summary>Whether to give the request to another thread before it is called.</summary>
    internal bool IsSlow(uint key)
    {
        uint entry = _table[key & (Size - 1)];
        bool same = (entry & ~MarkBits) == (key & ~MarkBits);
        if (Surprised) return !same || (entry & MarkBits) != FastMark;
        return same && (entry & MarkBits) == SlowMark;
    }

    /// <summary>A call on the loop blocked: the monitor had to take the loop away.</summary>
    internal void OnBlockedLoop(uint key)
    {
        Set(key, SlowMark);
        CountSurprise();
    }

    /// <summary>A call on another thread has ended.</summary>
    internal void OnMeasured(uint key, bool slow) => Set(key, slow ? SlowMark : FastMark);

    /// <summary>Called about once a second by the loop: lets <see cref="Surprised"/> end.</summary>
    internal void OnSecond(long second)
    {
        if (second > _surpriseSecond + 1) Surprised = false;
    }

    private static uint Mix(uint hash, ReadOnlySpan<byte> text)
    {
        // Eight bytes at a time: equal texts must meet, and nothing is gained from a better hash.
        while (text.Length >= sizeof(ulong))
        {
            ulong word = MemoryMarshal.Read<ulong>(text);
            hash = (hash ^ (uint)word ^ (uint)(word >> 29)) * 16777619;
            text = text[sizeof(ulong)..];
        }
        foreach (byte b in text) hash = (hash ^ b) * 16777619;
        return hash;
    }

    private void Set(uint key, uint mark) => _table[key & (Size - 1)] = (key & ~MarkBits) | mark;

    private void CountSurprise()
    {
        long second = Environment.TickCount64 / 1000;
        if (second != Interlocked.Exchange(ref _surpriseSecond, second)) Volatile.Write(ref _surprises, 0);
        if (Interlocked.Increment(ref _surprises) >= ManySurprises) Surprised = true;
    }
}
