using System.Runtime.CompilerServices;

namespace Fuzz;

/// <summary>A stream of numbers from one seed, the same on every machine and every .NET (SplitMix64).</summary>
/// <remarks><c>System.Random</c> promises neither, and is slower.</remarks>
internal struct FuzzRandom(ulong seed)
{
    private ulong _state = seed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong NextUInt64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to one below the bound; the bias is one in 2^32 and of no interest here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Next(int bound) => (int)(((NextUInt64() >> 32) * (ulong)bound) >> 32);

    internal bool OneIn(int count) => Next(count) == 0;

    internal byte[] Pick(byte[][] pieces) => pieces[Next(pieces.Length)];
}
