using System.Buffers.Binary;
using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>The Range field: four bytes of the file's length, then the value.</summary>
internal sealed class RangesTarget : FuzzTarget
{
    private static readonly byte[][] s_units = Pieces("bytes=", "bytes=", "bytes=", "bytes=", "BYTES=", "byte=", "bytes =", "=", "");
    private static readonly byte[][] s_numbers = Pieces(
        "", "0", "1", "5", "007", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "99999999999999999999999999", "+1", "x", "-");
    private static readonly byte[][] s_between = Pieces(",", ",", ",", ", ", " ,\t", ",,", ";", "-", " ");
    private static readonly byte[][] s_tokens = Pieces("-", ",", "=", " ", "\t", "0", "9", "bytes=", "99999999999999999999", "\0", "\u00B2");

    private readonly ByteRange[] _ranges = new ByteRange[ByteRanges.MaxRanges];
    private readonly ByteRange[] _again = new ByteRange[ByteRanges.MaxRanges];
    private readonly FuzzInput _canonical = new();

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)(random.OneIn(3) ? random.NextUInt64() : random.NextUInt64() % 64));
        input.Add(length);
        input.Add(random.Pick(s_units));
        for (int count = random.Next(random.OneIn(6) ? 40 : 5); count >= 0; count--)
        {
            int first = random.Next(64);
            if (random.OneIn(5)) input.Add(random.Pick(s_numbers));
            else input.AddDecimal(first);
            input.Add((byte)'-');
            if (random.OneIn(5)) input.Add(random.Pick(s_numbers));
            else input.AddDecimal(first + random.Next(32));
            if (count > 0) input.Add(random.Pick(s_between));
        }
        if (random.OneIn(4)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        if (input.Length < 4) return false;
        long length = BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes);
        RangeOutcome outcome = ByteRanges.Parse(input.Bytes[4..], length, _ranges, out int count);
        int least = outcome switch { RangeOutcome.Single => 1, RangeOutcome.Several => 2, _ => 0 };
        int most = outcome switch { RangeOutcome.Single => 1, RangeOutcome.Several => ByteRanges.MaxRanges, _ => 0 };
        Finding.Unless(count >= least && count <= most, "The outcome is another one than its ranges say.");
        for (int i = 0; i < count; i++)
        {
            ByteRange a = _ranges[i];
            Finding.Unless(a.First >= 0 && a.Length > 0 && a.Last < length, "A range is not of the file.");
            for (int j = 0; j < i; j++)
            {
                // One byte at least between two parts: otherwise they would have been one.
                bool isApart = a.First > _ranges[j].Last + 1 || _ranges[j].First > a.Last + 1;
                Finding.Unless(isApart, "Two ranges meet.");
            }
        }
        if (count > 0) CheckAgain(count, length, outcome);
        return outcome != RangeOutcome.Whole;
    }

    // What was understood, written in full and read again, is the same.
    private void CheckAgain(int count, long length, RangeOutcome outcome)
    {
        _canonical.Set("bytes="u8);
        for (int i = 0; i < count; i++)
        {
            if (i > 0) _canonical.Add((byte)',');
            _canonical.AddDecimal(_ranges[i].First);
            _canonical.Add((byte)'-');
            _canonical.AddDecimal(_ranges[i].Last);
        }
        RangeOutcome same = ByteRanges.Parse(_canonical.Bytes, length, _again, out int sameCount);
        bool isEqual = same == outcome && _again.AsSpan(0, sameCount).SequenceEqual(_ranges.AsSpan(0, count));
        Finding.Unless(isEqual, "Ranges written in full mean something else.");
    }
}
