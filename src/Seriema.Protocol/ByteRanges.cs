using System.Diagnostics;
using System.Text;

namespace Seriema.Protocol;

/// <summary>Reads <c>Range: bytes=0-499,1000-,-5</c>, RFC 9110 §14.1.1, §14.1.2 and §14.2.</summary>
/// <remarks>
/// What is asked for never exceeds the file: ranges that overlap or touch become one (§15.3.7.2), at the place of the
/// first of them, and more than <see cref="MaxRanges"/> are ignored. Hence the defence of §17.15 needs no other rule.
/// Corpus: tests/corpus/ranges.
/// </remarks>
internal static class ByteRanges
{
    /// <summary>
    /// Most ranges of one request, else the whole file. Each costs a part's head and a seek, and who resumes or looks
    /// for a place in a file needs one or a few.
    /// </summary>
    internal const int MaxRanges = 16;

    /// <param name="value">The field's value; empty when there is no field.</param>
    /// <param name="length">The representation's length.</param>
    /// <param name="ranges">Room for <see cref="MaxRanges"/>, on the caller's stack.</param>
    /// <param name="count">How many were written: 1 for Single, at least 2 for Several, else 0.</param>
    internal static RangeOutcome Parse(ReadOnlySpan<byte> value, long length, Span<ByteRange> ranges, out int count)
    {
        Debug.Assert(ranges.Length >= MaxRanges);
        count = 0;
        // §14.2: a server may ignore ranges of a representation without content; no Content-Range could name one.
        if (value.IsEmpty || length == 0) return RangeOutcome.Whole;
        int equals = value.IndexOf((byte)'=');
        if (equals < 0 || !Ascii.EqualsIgnoreCase(value[..equals], "bytes"u8)) return RangeOutcome.Whole;

        int specs = 0;
        int satisfiable = 0;
        ReadOnlySpan<byte> list = value[(equals + 1)..];
        while (Grammar.TryNextElement(ref list, out ReadOnlySpan<byte> spec))
        {
            if (spec.IsEmpty) continue; // §5.6.1.2
            if (++specs > MaxRanges || !TryReadSpec(spec, length, out ByteRange range)) return RangeOutcome.Whole;
            if (range.Length > 0) ranges[satisfiable++] = range;
        }
        if (specs == 0) return RangeOutcome.Whole;
        if (satisfiable == 0) return RangeOutcome.Unsatisfiable;
        count = Coalesce(ranges[..satisfiable]);
        return count == 1 ? RangeOutcome.Single : RangeOutcome.Several;
    }

    /// <returns>False for what is no valid range-spec; an empty range for one that cannot be satisfied.</returns>
    private static bool TryReadSpec(ReadOnlySpan<byte> spec, long length, out ByteRange range)
    {
        range = default;
        int hyphen = spec.IndexOf((byte)'-');
        if (hyphen < 0) return false;
        ReadOnlySpan<byte> left = spec[..hyphen];
        ReadOnlySpan<byte> right = spec[(hyphen + 1)..];
        if (left.IsEmpty)
        {
            if (right.IsEmpty || !TryReadNumber(right, out long suffix)) return false;
            suffix = Math.Min(suffix, length);
            range = new ByteRange(length - suffix, suffix);
            return true;
        }
        long last = long.MaxValue;
        if (!TryReadNumber(left, out long first)) return false;
        if (!right.IsEmpty && !TryReadNumber(right, out last)) return false;
        if (last < first) return false; // §14.1.1: invalid, not unsatisfiable
        if (first < length) range = new ByteRange(first, Math.Min(last, length - 1) - first + 1);
        return true;
    }

    // §14.1.2: positions may have any number of digits; those beyond every file are all the same, so of two such the
    // order is not told. Corpus: reversed-beyond-every-file.txt.
    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        foreach (byte b in digits)
        {
            if (!char.IsAsciiDigit((char)b)) return false;
            int digit = b - '0';
            number = number > (long.MaxValue - digit) / 10 ? long.MaxValue : (number * 10) + digit;
        }
        return true;
    }

    // Each one swallows all behind it that it meets; grown, it looks again. At most 16, so plain loops.
    private static int Coalesce(Span<ByteRange> ranges)
    {
        int count = ranges.Length;
        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                ByteRange a = ranges[i];
                ByteRange b = ranges[j];
                if (a.First > b.First + b.Length || b.First > a.First + a.Length) continue;
                long first = Math.Min(a.First, b.First);
                ranges[i] = new ByteRange(first, Math.Max(a.Last, b.Last) - first + 1);
                ranges[(j + 1)..count].CopyTo(ranges[j..]);
                count--;
                j = i;
            }
        }
        return count;
    }
}
