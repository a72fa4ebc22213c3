using System.Numerics;

namespace Seriema.Transport;

/// <summary>SipHash-2-4 of sixteen bytes (Aumasson and Bernstein, 2012): who does not know the key cannot aim at a value. Any thread.</summary>
/// <remarks>Not <see cref="HashCode"/>, whose key is each process's own: workers have to agree.</remarks>
internal readonly record struct SipHash(ulong Key0, ulong Key1)
{
    /// <summary>Hashes two words, as the sixteen bytes that they are in little-endian order.</summary>
    internal ulong Of(ulong first, ulong second)
    {
        ulong v0 = Key0 ^ 0x736f6d6570736575, v1 = Key1 ^ 0x646f72616e646f6d; // "somepseudorandomlygeneratedbytes"
        ulong v2 = Key0 ^ 0x6c7967656e657261, v3 = Key1 ^ 0x7465646279746573;
        Absorb(first, ref v0, ref v1, ref v2, ref v3);
        Absorb(second, ref v0, ref v1, ref v2, ref v3);
        Absorb(16UL << 56, ref v0, ref v1, ref v2, ref v3); // the length, as the last word's highest byte
        v2 ^= 0xff;
        for (int i = 0; i < 4; i++) Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Absorb(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
