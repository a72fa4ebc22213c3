using System.Buffers.Text;

namespace Fuzz;

/// <summary>The bytes of one execution, and what is known of them because they were made and not found.</summary>
/// <remarks>One for each thread, used again and again. What does not fit is cut off: a cut is an input too.</remarks>
internal sealed class FuzzInput
{
    /// <summary>More than any grammar makes of it; small, so that every execution is fast.</summary>
    internal const int Capacity = 2048;

    private readonly byte[] _bytes = new byte[Capacity];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>How many right messages it was made of; -1 when nobody knows what it means.</summary>
    internal int Messages { get; set; }

    /// <summary>A hash of the bodies that were put into it, in order.</summary>
    internal ulong Bodies { get; set; }

    internal void Clear()
    {
        Length = 0;
        Messages = -1;
        Bodies = 0;
    }

    internal void Set(ReadOnlySpan<byte> bytes)
    {
        Clear();
        Add(bytes);
    }

    internal void Add(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > Capacity - Length)
        {
            piece = piece[..(Capacity - Length)];
            Messages = -1;
        }
        piece.CopyTo(_bytes.AsSpan(Length));
        Length += piece.Length;
    }

    internal void Add(byte b) => Add([b]);

    internal void AddDecimal(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int count);
        Add(digits[..count]);
    }

    internal void AddHex(int number, bool upperCase)
    {
        Span<byte> digits = stackalloc byte[8];
        Utf8Formatter.TryFormat(number, digits, out int count, new System.Buffers.StandardFormat(upperCase ? 'X' : 'x'));
        Add(digits[..count]);
    }

    /// <summary>Changes a few bytes anywhere: other ones, dropped, doubled, inserted, moved or cut off.</summary>
    internal void Damage(ref FuzzRandom random, byte[][] tokens)
    {
        Messages = -1;
        for (int times = 1 + random.Next(3); times > 0 && Length > 0; times--)
        {
            int at = random.Next(Length);
            switch (random.Next(9))
            {
                case 0: _bytes[at] = (byte)random.Next(256); break;
                case 1: _bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: Remove(at, 1 + random.Next(Math.Min(8, Length - at))); break;
                case 3: Insert(at, _bytes.AsSpan(at, 1 + random.Next(Math.Min(16, Length - at)))); break;
                case 4 or 5 or 6: Insert(at, random.Pick(tokens)); break;
                case 7: Insert(random.Next(Length), _bytes.AsSpan(at, Math.Min(1 + random.Next(40), Length - at))); break;
                default: if (random.OneIn(4)) Length = at; break;
            }
        }
    }

    private void Remove(int at, int count)
    {
        _bytes.AsSpan((at + count)..Length).CopyTo(_bytes.AsSpan(at));
        Length -= count;
    }

    private void Insert(int at, ReadOnlySpan<byte> piece)
    {
        Span<byte> copy = stackalloc byte[64]; // the piece may lie in what is about to move
        piece = piece[..Math.Min(piece.Length, Math.Min(copy.Length, Capacity - Length))];
        piece.CopyTo(copy);
        _bytes.AsSpan(at..Length).CopyTo(_bytes.AsSpan(at + piece.Length));
        copy[..piece.Length].CopyTo(_bytes.AsSpan(at));
        Length += piece.Length;
    }
}
