using System.Runtime.CompilerServices;

namespace Fuzz;

/// <summary>Everything that was said of an input, in one number: two arrivals of the same bytes must agree in it.</summary>
internal struct Digest()
{
    internal ulong Value { get; private set; } = 0xCBF29CE484222325;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(long number)
    {
        ulong mixed = (Value ^ (ulong)number) * 0x9E3779B97F4A7C15;
        Value = mixed ^ (mixed >> 29);
    }

    internal void Add(bool flag) => Add(flag ? 1 : 2);

    // Byte after byte: a body may come in any pieces.
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        ulong value = Value;
        foreach (byte b in bytes) value = (value ^ b) * 0x100000001B3;
        Value = value;
    }
}
